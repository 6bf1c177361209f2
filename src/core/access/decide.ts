/** Who may do what: decided from facts alone. What is not given is denied. */
import { classesOf, covers, higherLabel, mayFlow, projectOf, rightOf, rights } from '../model/access';
import type { AccessObject, Decision, Label, Reason, ResourceClass, Right } from '../model/access';
import type { BranchRule, Grant, Member, ProjectRecord, ProjectRights } from '../model/namespace';
import type { Facts } from '../port';
import { coversObject } from './covers';
import { matchesBranch } from './pattern';
import * as words from './words';

/** A right that is held, after ceilings. */
type Claim = { readonly right: Right; readonly because: readonly Reason[] };

/**
 * What one person has on one object. `facts` must have the object's project, where it has one; without it nothing is held.
 * A branch is asked for by its name in place of a pattern. `of`: one column alone of a project or namespace.
 */
export function decide(facts: Facts, right: Right, object: AccessObject, now: number, of?: ResourceClass): Decision {
  const claim = claimOn(facts, object, now, of);
  if (claim && covers(claim.right, right)) {
    return { allowed: true, held: claim.right, because: claim.because };
  }
  const missing = claim ? claim.because : whyNothing(facts, object, now);
  return { allowed: false, held: claim?.right ?? null, because: missing };
}

/** What somebody may do in a project; null when they may not even know of it. */
export function projectRights(facts: Facts, project: string, now: number): ProjectRights | null {
  const object = { kind: 'project', project } as const;
  const record = facts.projects.find(({ name }) => name === project);
  if (!record) {
    return null;
  }
  const on = (resource: ResourceClass): Right | null => claimOfClass(facts, object, resource, now)?.right ?? null;
  const classes = { code: on('code'), data: on('data'), models: on('models'), compute: computeRight(facts, now) };
  const right = highest([classes.code, classes.data, classes.models]);
  // Who was given only something inside may know that the project is there.
  const inside = right === null && facts.grants.some(grant => reachesInto(facts, grant, project, now));
  return right !== null || inside ? { right: right ?? 'view', classes } : null;
}

function computeRight(facts: Facts, now: number): Right | null {
  return claimOfClass(facts, { kind: 'namespace' }, 'compute', now)?.right ?? null;
}

function reachesInto(facts: Facts, grant: Grant, project: string, now: number): boolean {
  return (
    projectOf(grant.object) === project &&
    grantClaim(facts, grant, grant.object, classesOf(grant.object)[0]!, now) !== null
  );
}

/** Why a push to a branch is refused, in words; null when it is not. */
export function whyNoPush(facts: Facts, project: string, branch: string, now: number): string | null {
  const decision = decide(facts, 'edit', { kind: 'branch', project, pattern: branch }, now);
  return decision.allowed ? null : words.noPush(branch, project, decision.because);
}

function claimOn(facts: Facts, object: AccessObject, now: number, of?: ResourceClass): Claim | null {
  const project = projectOf(object);
  if (project !== null && !facts.projects.some(({ name }) => name === project)) {
    return null;
  }
  if (object.kind === 'branch') {
    return claimOnBranch(facts, object.project, object.pattern, now);
  }
  const whole = object.kind === 'project' || object.kind === 'namespace';
  const claims = (whole && of ? [of] : classesOf(object)).map(resource => claimOfClass(facts, object, resource, now));
  return claims.length === 1 ? claims[0]! : wholeClaim(claims);
}

/** To manage something is to manage all of its columns; less is held when it is held of any. */
function wholeClaim(claims: readonly (Claim | null)[]): Claim | null {
  const best = strongest(claims);
  const all = claims.every(claim => claim?.right === 'manage');
  return best === null || best.right !== 'manage' || all ? best : { ...best, right: 'edit' };
}

/** The most that somebody has of one column of an object. */
function claimOfClass(facts: Facts, object: AccessObject, resource: ResourceClass, now: number): Claim | null {
  const label = labelOf(facts, object);
  const claim = strongest([
    ...facts.memberships.map(member => memberClaim(facts, member, resource, label)),
    ...facts.grants.map(grant => grantClaim(facts, grant, object, resource, now)),
    everyoneClaim(facts, resource, label)
  ]);
  return cappedBySignIn(facts, claim);
}

/** A token may give less than its owner has. */
function cappedBySignIn({ who: { atMost } }: Facts, claim: Claim | null): Claim | null {
  return claim === null || atMost === undefined || covers(atMost, claim.right)
    ? claim
    : { right: atMost, because: [...claim.because, words.signIn(atMost)] };
}

function memberClaim(facts: Facts, member: Member, resource: ResourceClass, label: Label): Claim | null {
  if (!isTheirs(facts, member) || !isCleared(facts, label)) {
    return null;
  }
  const reason = words.membership(facts, member);
  const right = rightOf(member.role);
  return member.role === 'owner' ? { right, because: [reason] } : limit(facts, 'team', resource, right, reason);
}

function grantClaim(
  facts: Facts,
  grant: Grant,
  object: AccessObject,
  resource: ResourceClass,
  now: number
): Claim | null {
  const valid =
    (grant.expires === null || grant.expires > now) && namesThem(facts, grant) && coversObject(grant.object, object);
  if (!valid || !mayReceive(facts, grant, labelOf(facts, object))) {
    return null;
  }
  const own = grant.principal.kind === 'namespace' && grant.principal.name === facts.namespace.name;
  return limit(facts, own ? 'team' : 'private', resource, grant.right, words.grant(grant));
}

/** They have no role: the table alone says what they get, of what is not labelled. */
function everyoneClaim(facts: Facts, resource: ResourceClass, label: Label): Claim | null {
  const right = facts.namespace.policy.everyone[resource];
  return right === 'none' || label !== 'unclassified'
    ? null
    : { right, because: [words.everyone(facts, resource, right)] };
}

function limit(
  facts: Facts,
  audience: 'team' | 'private',
  resource: ResourceClass,
  right: Right,
  reason: Reason
): Claim | null {
  const most = facts.namespace.policy[audience][resource];
  if (most === 'none') {
    return null;
  }
  return covers(most, right)
    ? { right, because: [reason] }
    : { right: most, because: [reason, words.ceiling(facts, audience, resource, most)] };
}

/** Grants on a branch let people push there; to read the history they need the code as well. */
function claimOnBranch(facts: Facts, project: string, branch: string, now: number): Claim | null {
  const object = { kind: 'branch', project, pattern: branch } as const;
  const code = claimOfClass(facts, { kind: 'project', project }, 'code', now);
  if (code === null) {
    return null;
  }
  const branchGrants = facts.grants.filter(({ object: { kind } }) => kind === 'branch');
  const grants = branchGrants.map(grant => grantClaim(facts, grant, object, 'code', now));
  const granted = cappedBySignIn(facts, strongest(grants));
  const held = strongest([code, granted])!;
  const rule = strictest(
    facts.projects.find(({ name }) => name === project)!,
    branch
  );
  if (rule === null || !covers(held.right, 'edit')) {
    return held;
  }
  const through =
    rule.push === 'edit' ||
    (rule.push === 'manage' && (code.right === 'manage' || covers(granted?.right ?? null, 'edit')));
  return through ? held : { right: 'run', because: [...held.because, words.branchRule(project, rule)] };
}

function strictest(project: ProjectRecord, branch: string): BranchRule | null {
  const order = ['edit', 'manage', 'none'];
  return project.branchRules
    .filter(({ pattern }) => matchesBranch(pattern, branch))
    .reduce<BranchRule | null>(
      (one, other) => (one && order.indexOf(one.push) >= order.indexOf(other.push) ? one : other),
      null
    );
}

/** The label that a namespace and a project have together. */
export function labelOf(facts: Pick<Facts, 'namespace' | 'projects'>, object: AccessObject): Label {
  const project = facts.projects.find(({ name }) => name === projectOf(object));
  return higherLabel(facts.namespace.label, project?.label ?? 'unclassified');
}

/** Members may have what has their namespace's label; owners say who may have more, so they may themselves. */
function isCleared(facts: Facts, label: Label): boolean {
  return (
    mayFlow(label, 'unclassified') ||
    facts.memberships.some(
      member =>
        isTheirs(facts, member) && (member.cleared || member.role === 'owner' || facts.namespace.label === label)
    )
  );
}

function mayReceive(facts: Facts, { principal }: Grant, label: Label): boolean {
  const through = facts.through.find(({ name }) => principal.kind === 'namespace' && principal.name === name);
  return isCleared(facts, label) || (through !== undefined && mayFlow(label, through.label));
}

function isTheirs({ who }: Facts, { principal }: Member): boolean {
  return principal.kind === 'user' ? principal.name === who.user : who.groups.includes(principal.name);
}

/** A namespace that was made after the grant has an old one's name, and is not the one that was meant. */
function namesThem(facts: Facts, { principal, created }: Grant): boolean {
  switch (principal.kind) {
    case 'user':
      return principal.name === facts.who.user;
    case 'group':
      return facts.who.groups.includes(principal.name);
    case 'namespace':
      return facts.through.some(other => other.name === principal.name && other.created <= created);
    default:
      return false;
  }
}

function whyNothing(facts: Facts, object: AccessObject, now: number): readonly Reason[] {
  const label = labelOf(facts, object);
  const open: Facts = {
    ...facts,
    namespace: { ...facts.namespace, label: 'unclassified' },
    projects: facts.projects.map(project => ({ ...project, label: 'unclassified' }))
  };
  return label !== 'unclassified' && claimOn(open, object, now) !== null
    ? [words.label(facts, object, label)]
    : [words.nothing(facts, object)];
}

function strongest(claims: readonly (Claim | null)[]): Claim | null {
  return claims.reduce(
    (one, other) => (one === null || (other !== null && !covers(one.right, other.right)) ? other : one),
    null
  );
}

function highest(held: readonly (Right | null)[]): Right | null {
  return [...rights].reverse().find(right => held.includes(right)) ?? null;
}
