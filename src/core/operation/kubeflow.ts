/** Contributors of a Kubeflow profile and members of a namespace: each side gets whom it lacks, and loses nobody. */
import { hasCode } from '../error';
import { formatPrincipal, samePrincipal } from '../model/access';
import type { Role } from '../model/access';
import { contributorRoles } from '../model/contributor';
import type { Contributor, ContributorRole } from '../model/contributor';
import type { Member } from '../model/namespace';
import type { ComputeArgs, ComputeResult } from '../model/sharing';
import type { IAccount, INamespaces } from '../port';
import { sharedNamespace } from './shared-namespace';

type Args = Extract<ComputeArgs, { readonly action: 'kubeflow-import' | 'kubeflow-export' }>;
type Exchanged = NonNullable<ComputeResult['exchanged']>;
/** What became of one: the role they got, or why they were left as they are. */
type Outcome = { readonly who: string } & ({ readonly role: string } | { readonly reason: string });

const roleOf: { readonly [R in ContributorRole]: Role } = { admin: 'owner', edit: 'editor', view: 'viewer' };
/** Kubeflow cannot let somebody run what they may not change. */
const contributorRoleOf: { readonly [R in Role]: ContributorRole } = {
  owner: 'admin',
  editor: 'edit',
  runner: 'view',
  viewer: 'view'
};

/** Again is the same as once. FORBIDDEN, COMPUTE_UNAVAILABLE, PLACE_UNREACHABLE, and what finding the namespace fails with. */
export async function exchangeContributors(account: IAccount, args: Args): Promise<ComputeResult> {
  const { profile } = args;
  const kubeflow = account.places.contributors(args.url);
  const { place, name } = await sharedNamespace(account, args.namespace);
  const [{ members }, listed] = await Promise.all([place.namespaces.view(name), kubeflow.list(profile)]);
  const contributors = withHighestRole(listed);
  const outcomes: Outcome[] = [];
  if (args.action === 'kubeflow-import') {
    for (const contributor of contributors) {
      outcomes.push(await importOne(place.namespaces, name, members, contributor));
    }
    return told(outcomes, `the profile ${profile}`, name);
  }
  for (const member of members) {
    const outcome = exportOne(contributors, member);
    if ('role' in outcome) {
      await kubeflow.add(profile, { who: member.principal, role: outcome.role });
    }
    outcomes.push(outcome);
  }
  return told(outcomes, name, `the profile ${profile}`);
}

async function importOne(
  namespaces: INamespaces,
  namespace: string,
  members: readonly Member[],
  { who, role: there }: Contributor
): Promise<Outcome> {
  const [name, role] = [formatPrincipal(who), roleOf[there]];
  const known = members.find(({ principal }) => samePrincipal(principal, who));
  if (known) {
    return { who: name, reason: reasonToLeave(known.role, role, `\`branchbook member role ${name} ${role}\``) };
  }
  try {
    await namespaces.change(namespace, { type: 'add-member', member: who, role });
    return { who: name, role };
  } catch (error) {
    // One whom the place cannot have, or who came meanwhile, keeps nobody else out.
    if (error instanceof Error && hasCode(error, 'ENTRY_EXISTS', 'ENTRY_UNKNOWN', 'NAME_INVALID', 'USAGE')) {
      return { who: name, reason: error.message };
    }
    throw error;
  }
}

function exportOne(
  contributors: readonly Contributor[],
  { principal, role: here }: Member
): { readonly who: string } & ({ readonly role: ContributorRole } | { readonly reason: string }) {
  const [who, role] = [formatPrincipal(principal), contributorRoleOf[here]];
  if (principal.kind === 'group') {
    return { who, reason: 'contributors of a profile are people, not groups' };
  }
  const known = contributors.find(contributor => samePrincipal(contributor.who, principal));
  return known ? { who, reason: reasonToLeave(known.role, role, 'Kubeflow’s page of contributors') } : { who, role };
}

function reasonToLeave(has: string, wanted: string, how: string): string {
  if (has === wanted) {
    return `is ${has} already`;
  }
  const why = has === 'owner' || has === 'admin' ? 'owners are never changed' : 'roles are never changed';
  return `is ${has}, not ${wanted}: ${why} by this; ${how} does`;
}

function withHighestRole(contributors: readonly Contributor[]): readonly Contributor[] {
  const rank = ({ role }: Contributor): number => contributorRoles.indexOf(role);
  const highest = new Map<string, Contributor>();
  for (const contributor of contributors) {
    const name = formatPrincipal(contributor.who);
    const before = highest.get(name);
    if (!before || rank(contributor) > rank(before)) {
      highest.set(name, contributor);
    }
  }
  return [...highest.values()];
}

function told(outcomes: readonly Outcome[], from: string, to: string): ComputeResult {
  const exchanged: Exchanged = {
    added: outcomes.flatMap(one => ('role' in one ? [one] : [])),
    left: outcomes.flatMap(one => ('reason' in one ? [one] : []))
  };
  const { added, left } = exchanged;
  if (outcomes.length === 0) {
    return { exchanged, done: `There is nobody in ${from}.` };
  }
  return { exchanged, done: `Of ${from}, ${added.length} added to ${to}, ${left.length} left as they are.` };
}
