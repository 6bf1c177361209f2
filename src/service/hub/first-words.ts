/** What the hub says when it starts: where it is, and how the first person comes in. */
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
