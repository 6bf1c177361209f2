/** What of a namespace somebody may see. */
import { covers } from '../model/access';
import type { AccessObject, Right } from '../model/access';
import type { NamespaceSummary, NamespaceView, ProjectRecord } from '../model/namespace';
import type { Facts, Listed } from '../port';
import type { Context } from './context';
import { decide, projectRights } from './decide';
import { publicLink } from './links';

/** What they have on the namespace itself; null = only some things in it, or nothing. */
export function namespaceRight(facts: Facts, now: number): Right | null {
  return decide(facts, 'view', { kind: 'namespace' }, now).held;
}

/** False for those to whom the namespace must seem not to be there. */
export function mayKnow(facts: Facts, now: number): boolean {
  return (
    facts.memberships.length > 0 ||
    namespaceRight(facts, now) !== null ||
    facts.grants.some(
      ({ object, expires }) =>
        (expires === null || expires > now) && decide(facts, 'view', concrete(object), now).held !== null
    ) ||
    facts.projects.some(({ name }) => projectRights(facts, name, now) !== null)
  );
}

/** Compute is known by its own grants; a project by any inside it, which `projectRights` finds. */
const concrete = (object: AccessObject): AccessObject =>
  object.kind === 'branch' ? { kind: 'project', project: object.project } : object;

export function viewOf({
  state,
  facts,
  identity,
  now
}: Pick<Context, 'state' | 'facts' | 'identity' | 'now'>): NamespaceView {
  const right = namespaceRight(facts, now);
  const manages = managed(facts, now);
  const insider = facts.memberships.length > 0 || identity.admin || covers(right, 'manage');
  const seen = visibleProjects(facts, now);
  return {
    namespace: state.record,
    right,
    members: insider ? state.members : [],
    projects: seen,
    grants: state.grants.filter(grant => manages(grant.object) || facts.grants.includes(grant)),
    links: state.links.filter(({ object }) => manages(object)).map(publicLink),
    endpoints: visibleEndpoints(state.endpoints, facts, now),
    requests: state.requests.filter(({ user, object }) => user === identity.user || manages(object)),
    usedBytes: insider ? sum(state.projects.map(({ bytes }) => bytes)) : sum(seen.map(({ bytes }) => bytes))
  };
}

/** Whether somebody manages an object; remembered, since many entries are about the same. */
export function managed(facts: Facts, now: number): (object: AccessObject) => boolean {
  const known = new Map<string, boolean>();
  return object => {
    const key = JSON.stringify(object);
    const before = known.get(key);
    const answer = before ?? decide(facts, 'manage', object, now).allowed;
    known.set(key, answer);
    return answer;
  };
}

function visibleProjects(facts: Facts, now: number): readonly (ProjectRecord & { readonly right: Right })[] {
  return facts.projects
    .flatMap(project => {
      const rights = projectRights(facts, project.name, now);
      return rights ? [{ ...project, right: rights.right }] : [];
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function visibleEndpoints(
  endpoints: Context['state']['endpoints'],
  facts: Facts,
  now: number
): NamespaceView['endpoints'] {
  return endpoints.flatMap(({ sealedToken: _token, ...endpoint }) => {
    const { held } = decide(facts, 'view', { kind: 'compute', endpoint: endpoint.name }, now);
    return held === null ? [] : [{ ...endpoint, url: held === 'manage' ? endpoint.url : null, right: held }];
  });
}

export function summaryOf({ facts, members, projects }: Listed, now: number): NamespaceSummary {
  const { name, kind, title, label } = facts.namespace;
  return { name, kind, title, label, right: namespaceRight(facts, now), projects, members };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
