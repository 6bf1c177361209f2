/** INamespaces and ISharedProject over HTTP. What may be done is decided by core/access, as whoever asks. */
import type { AccessObject, Principal } from '../../core/model/access';
import type {
  AuditQuery,
  LinkRequest,
  NamespaceChange,
  NamespaceRecord,
  NamespaceView,
  Presence,
  ProjectRecord
} from '../../core/model/namespace';
import type { HubCall, HubRoute, IHubAccess } from './route';
import type { RunningCalls } from './running-calls';
import {
  activityQuerySchema,
  auditQuerySchema,
  branchQuerySchema,
  changeSchema,
  createSchema,
  deleteQuerySchema,
  joinSchema,
  linkSchema,
  presenceSchema,
  whoCanSchema
} from './schemas';

export type NamespaceRoutesOptions = {
  readonly access: IHubAccess;
  readonly calls: RunningCalls;
  /** Delete what is stored for projects that are gone. */
  readonly forget: (projects: readonly Pick<ProjectRecord, 'id'>[]) => Promise<void>;
};

/** Bytes. A layout of JupyterLab may be long. */
const SMALL = 64 * 1024;
const LAYOUT = 1024 * 1024;
const ALL = '/api/v1/namespaces';
const ONE = `${ALL}/:namespace`;
const PROJECT = `${ONE}/projects/:project`;

const get = { method: 'GET', rate: 'ordinary', body: 'none', bodyLimit: 0 } as const;
const post = { method: 'POST', rate: 'ordinary', body: 'json', bodyLimit: SMALL } as const;
const place = { on: 'place' } as const;

export function namespaceRoutes(options: NamespaceRoutesOptions): readonly HubRoute[] {
  return [...placeRoutes(), ...changingRoutes(options), ...askingRoutes(), ...projectRoutes(options)];
}

function placeRoutes(): readonly HubRoute[] {
  return [
    { ...get, path: '/api/v1/me', need: place, handle: ({ namespaces }) => namespaces.whoAmI() },
    { ...get, path: ALL, need: place, handle: ({ namespaces }) => namespaces.list() },
    {
      ...post,
      path: ALL,
      need: place,
      schema: { body: createSchema },
      handle: ({ namespaces, body }) =>
        namespaces.create(body as Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label' | 'git'>)
    },
    {
      ...post,
      path: '/api/v1/join',
      need: place,
      // Codes cannot be guessed; nobody shall try all the same.
      rate: 'sign-in',
      schema: { body: joinSchema },
      handle: ({ namespaces, body }) => namespaces.join((body as { readonly code: string }).code)
    }
  ];
}

function changingRoutes({ calls, forget }: NamespaceRoutesOptions): readonly HubRoute[] {
  return [
    {
      ...post,
      path: `${ONE}/changes`,
      need: { on: 'namespace', right: null },
      schema: { body: changeSchema },
      handle: async call => {
        const change = call.body as NamespaceChange;
        const gone = change.type === 'remove-project' ? await projectsOf(call, change.name) : [];
        const view = await call.namespaces.change(nameOf(call), change);
        await Promise.all([calls.revalidate(nameOf(call)), forget(gone)]);
        return view;
      }
    },
    {
      ...get,
      method: 'DELETE',
      path: ONE,
      need: { on: 'namespace', right: 'manage' },
      schema: { querystring: deleteQuerySchema },
      handle: async call => {
        const gone = await projectsOf(call, null);
        await call.namespaces.delete(nameOf(call), { projects: call.query['projects'] === 'true' });
        await Promise.all([calls.revalidate(nameOf(call)), forget(gone)]);
      }
    },
    {
      ...post,
      path: `${ONE}/links`,
      need: { on: 'namespace', right: 'manage' },
      bodyLimit: LAYOUT,
      schema: { body: linkSchema },
      handle: call => call.namespaces.createLink(nameOf(call), call.body as LinkRequest)
    }
  ];
}

function askingRoutes(): readonly HubRoute[] {
  return [
    {
      ...get,
      path: ONE,
      need: { on: 'namespace', right: 'view' },
      handle: call => call.namespaces.view(nameOf(call))
    },
    {
      ...post,
      path: `${ONE}/who-can`,
      need: { on: 'namespace', right: 'view' },
      schema: { body: whoCanSchema },
      handle: call => {
        const { object, principal } = call.body as { readonly object: AccessObject; readonly principal?: Principal };
        return call.namespaces.whoCan(nameOf(call), object, principal);
      }
    },
    {
      ...get,
      path: `${ONE}/audit`,
      need: { on: 'namespace', right: 'manage' },
      schema: { querystring: auditQuerySchema },
      handle: call => call.namespaces.audit(nameOf(call), auditQuery(call.query))
    },
    {
      ...get,
      path: `${ONE}/activity`,
      need: { on: 'namespace', right: 'view' },
      schema: { querystring: activityQuerySchema },
      handle: call => call.namespaces.activity(nameOf(call), auditQuery(call.query))
    }
  ];
}

function projectRoutes({ access }: NamespaceRoutesOptions): readonly HubRoute[] {
  const view = { on: 'project', right: 'view', of: 'any' } as const;
  return [
    {
      ...get,
      path: PROJECT,
      need: view,
      handle: async ({ project: { record, rights } }) => ({ record, rights })
    },
    {
      ...get,
      path: `${PROJECT}/may-push`,
      need: view,
      schema: { querystring: branchQuerySchema },
      handle: async ({ namespaces, project: { record }, query }) => ({
        reason: await namespaces.mayPush(record.namespace, record.name, query['branch'] ?? '')
      })
    },
    {
      ...post,
      path: `${PROJECT}/presence`,
      need: view,
      schema: { body: presenceSchema },
      handle: ({ identity, project: { record }, body }) => {
        const { mine } = body as { readonly mine: Pick<Presence, 'branch' | 'document'> | null };
        return access.presence(identity, record.namespace, record.name, mine);
      }
    }
  ];
}

const nameOf = ({ params }: HubCall): string => params['namespace'] ?? '';

/** The one of that name, or all, as far as the caller may know: what is deleted is decided later. */
async function projectsOf(call: HubCall, name: string | null): Promise<NamespaceView['projects']> {
  const { projects } = await call.namespaces.view(nameOf(call));
  return projects.filter(each => name === null || each.name === name);
}

function auditQuery(query: HubCall['query']): AuditQuery {
  const { since, until, limit, ...words } = query;
  const number = (name: string, text: string | undefined): object =>
    text === undefined ? {} : { [name]: Number(text) };
  return { ...words, ...number('since', since), ...number('until', until), ...number('limit', limit) };
}
