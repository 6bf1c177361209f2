/** Projects and compute endpoints of a namespace. */
import { BranchbookError } from '../error';
import { higherLabel, projectOf } from '../model/access';
import type { AccessObject } from '../model/access';
import type { BranchRule, NamespaceChange, ProjectRecord } from '../model/namespace';
import { checkProjectName } from '../model/place-address';
import type { Edit, NamespaceState } from '../port';
import { demand, entryExists, entryUnknown, nameInvalid, projectUnknown, usage } from './context';
import type { Context, Plan } from './context';
import { decide } from './decide';
import { refuseLowering, refuseWhoWouldKeep } from './label-rules';
import { whyNoPattern } from './pattern';

type Change<T extends NamespaceChange['type']> = Extract<NamespaceChange, { readonly type: T }>;

const MAX_DESCRIPTION = 1000;
const MAX_RULES = 50;

/** Editors make projects, and manage those they made. */
export function addProject(context: Context, change: Change<'add-project'>): Plan {
  demand(context, 'edit', { kind: 'namespace' });
  const { state, facts, identity, now, ports } = context;
  const { record } = state;
  const reason = checkProjectName(change.name);
  if (reason !== null) {
    throw nameInvalid('project', change.name, reason);
  }
  if (state.projects.some(({ name }) => name === change.name)) {
    throw new BranchbookError(
      'PROJECT_EXISTS',
      `${record.name} has a project ${change.name} already.`,
      { namespace: record.name, project: change.name },
      'Choose another name, or push to the one that is there.'
    );
  }
  refuseManyProjects(state);
  const label = change.label ?? record.label;
  refuseLowering(`What is in ${record.name}`, record.label, label);
  const entry: ProjectRecord = {
    id: ports.random.hex(16),
    namespace: record.name,
    name: change.name,
    description: (change.description ?? '').slice(0, MAX_DESCRIPTION),
    label,
    branchRules: [],
    created: now,
    by: identity.user,
    git: record.git?.replaceAll('{project}', change.name) ?? null,
    bytes: 0
  };
  const object: AccessObject = { kind: 'project', project: entry.name };
  const known = { ...facts, projects: [...facts.projects, entry] };
  const grant = {
    id: ports.random.hex(8),
    principal: { kind: 'user', name: identity.user } as const,
    right: 'manage' as const
  };
  const edits: Edit[] = [{ type: 'put', kind: 'project', entry }];
  if (!decide(known, 'manage', object, now).allowed) {
    edits.push({
      type: 'put',
      kind: 'grant',
      entry: { ...grant, object, expires: null, created: now, by: identity.user }
    });
  }
  return projectPlan('project.add', entry.name, `${entry.name} was made`, edits);
}

function refuseManyProjects({ record, projects }: NamespaceState): void {
  const most = record.quota.projects;
  if (most !== null && projects.length >= most) {
    throw new BranchbookError(
      'QUOTA_EXCEEDED',
      `${record.name} may have ${most} projects, and has ${projects.length}.`,
      { quota: most, used: projects.length, needed: projects.length + 1 },
      'Delete one that nobody needs, or ask for more.'
    );
  }
}

export function setProject(context: Context, change: Change<'set-project'>): Plan {
  const { state, now } = context;
  const project = requireProject(state, change.name);
  demand(context, 'manage', { kind: 'project', project: change.name });
  const label = change.label ?? project.label;
  refuseLowering(project.name, higherLabel(project.label, state.record.label), higherLabel(label, state.record.label));
  const rules = change.branchRules ?? project.branchRules;
  checkRules(rules);
  const description = (change.description ?? project.description).slice(0, MAX_DESCRIPTION);
  const entry = { ...project, label, description, branchRules: rules.map(({ pattern, push }) => ({ pattern, push })) };
  if (label !== project.label) {
    const projects = state.projects.map(one => (one.name === entry.name ? entry : one));
    refuseWhoWouldKeep({ ...state, projects }, entry.name, now);
  }
  const detail = [
    label !== project.label && `label: ${project.label} → ${label}`,
    change.branchRules &&
      `branch rules: ${rules.map(({ pattern, push }) => `${pattern}=${push}`).join(', ') || 'none'}`,
    description !== project.description && 'description'
  ].filter(Boolean);
  return projectPlan('project.set', project.name, detail.join('; ') || 'nothing changed', [
    { type: 'put', kind: 'project', entry }
  ]);
}

function checkRules(rules: readonly BranchRule[]): void {
  const bad = rules.find(({ pattern }) => whyNoPattern(pattern) !== null);
  if (bad || rules.length > MAX_RULES) {
    const reason = bad
      ? `${JSON.stringify(bad.pattern)}: ${whyNoPattern(bad.pattern)}`
      : `there are more than ${MAX_RULES}`;
    throw usage('branchRules', `These cannot be rules of branches: ${reason}.`, 'For example prod=manage.');
  }
}

export function removeProject(context: Context, change: Change<'remove-project'>): Plan {
  const { state } = context;
  requireProject(state, change.name);
  demand(context, 'manage', { kind: 'project', project: change.name });
  return projectPlan('project.remove', change.name, `${change.name} was deleted`, [
    { type: 'delete', kind: 'project', key: change.name },
    ...withObject(state, object => projectOf(object) === change.name)
  ]);
}

/** What was given on objects that go: a new one of that name must not get it. */
function withObject(state: NamespaceState, gone: (object: AccessObject) => boolean): readonly Edit[] {
  const kinds = { grant: state.grants, link: state.links, request: state.requests };
  return (['grant', 'link', 'request'] as const).flatMap(kind =>
    kinds[kind].filter(({ object }) => gone(object)).map(({ id }): Edit => ({ type: 'delete', kind, key: id }))
  );
}

function requireProject(state: NamespaceState, name: string): ProjectRecord {
  const project = state.projects.find(one => one.name === name);
  if (!project) {
    throw projectUnknown(state.record.name, name);
  }
  return project;
}

function projectPlan(action: string, project: string, detail: string, edits: readonly Edit[]): Plan {
  return { action, project, target: `project:${project}`, detail, edits };
}

export function addEndpoint(context: Context, change: Change<'add-endpoint'>): Plan {
  const { state, identity, now, ports } = context;
  demand(context, 'manage', { kind: 'compute', endpoint: change.name });
  if (!ports.seal) {
    throw new BranchbookError(
      'COMPUTE_UNAVAILABLE',
      'This place has no server that could keep the endpoint’s token from its users.',
      { reason: 'no hub' },
      'Put the namespace on a hub.'
    );
  }
  const reason = checkProjectName(change.name);
  if (reason !== null) {
    throw nameInvalid('compute endpoint', change.name, reason);
  }
  if (!/^https?:\/\/[^\s@?#\\]+$/.test(change.url)) {
    throw usage(
      'url',
      'That is no address of a Jupyter Server.',
      'For example https://gpu.example.org, without a user, a token, “?” or “#” in it.'
    );
  }
  if (state.endpoints.some(({ name }) => name === change.name)) {
    throw entryExists('compute endpoint', change.name, 'Remove it first, or choose another name.');
  }
  const { name, kind, url, title } = change;
  const entry = {
    name,
    kind,
    title: title ?? name,
    url,
    created: now,
    by: identity.user,
    sealedToken: ports.seal.seal(change.token)
  };
  return endpointPlan('endpoint.add', name, `${name} was added: ${url}`, [{ type: 'put', kind: 'endpoint', entry }]);
}

export function removeEndpoint(context: Context, { name }: Change<'remove-endpoint'>): Plan {
  demand(context, 'manage', { kind: 'compute', endpoint: name });
  if (!context.state.endpoints.some(one => one.name === name)) {
    throw entryUnknown('compute endpoint', name);
  }
  return endpointPlan('endpoint.remove', name, `${name} was removed`, [
    { type: 'delete', kind: 'endpoint', key: name },
    ...withObject(context.state, object => object.kind === 'compute' && object.endpoint === name)
  ]);
}

function endpointPlan(action: string, name: string, detail: string, edits: readonly Edit[]): Plan {
  return { action, project: null, target: `compute:${name}`, detail, edits };
}
