/** What the hub says when it starts: where it is, and how the first person comes in. */
import { objectWords } from '../../core/model/grant-words';
import type { AccessPorts } from '../../core/access/context';

export type FirstWords = {
  readonly version: string;
  /** Where people find it. */
  readonly url: string;
  readonly database: string;
  readonly store: string;
  /** Address at which the first administrator makes their account; null when there is one. */
  readonly invitation: string | null;
};

export function firstWords({ version, url, database, store, invitation }: FirstWords): string {
  const lines = [`Branchbook hub ${version} serves ${url}`, `  database: ${database}`, `  contents: ${store}`];
  const welcome =
    invitation === null
      ? []
      : [
          '',
          'Nobody has an account yet. Make the first one, which administers the hub, at this address:',
          `  ${invitation}`
        ];
  return `${[...lines, ...welcome].join('\n')}\n`;
}

/** What a link gives, for who has not signed in yet; null when there is none, or it is over. Takes nothing. */
export async function describeLink(
  { directory, sha256, clock }: AccessPorts,
  code: string
): Promise<readonly string[] | null> {
  const codeHash = sha256(code);
  const namespace = await directory.namespaceOfLink(codeHash);
  const state = namespace === null ? null : await directory.state(namespace);
  const link = state?.links.find(each => each.codeHash === codeHash);
  const over = !link || link.revoked || link.expires <= clock.now() || (link.uses === 'single' && link.used > 0);
  if (over || namespace === null) {
    return null;
  }
  const what = objectWords(link.object, namespace);
  return [
    link.gives === 'membership'
      ? `You become a member of ${namespace}.`
      : `You get the right to ${link.right} ${what}.`,
    `${link.by} made this link.`
  ];
}
