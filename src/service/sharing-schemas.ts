/** The arguments of the verbs of sharing: they say what core/model/sharing.ts says. */
import { audiences, labels, resourceClasses, rights, roles } from '../core/model/access';
import { absolutePath, action, actions, boolean, count, list, object, string, text } from './schema-words';
import type { Schema } from './schema-words';

const right: Schema = { enum: rights };
const role: Schema = { enum: roles };
const label: Schema = { enum: labels };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const namespace = string;

const kinds = (kind: readonly string[], name: string): Schema =>
  object({ kind: { enum: kind }, [name]: string }, ['kind', name]);
const member = kinds(['user', 'group'], 'name');
const principal: Schema = {
  anyOf: [kinds(['user', 'group', 'namespace', 'link'], 'name'), object({ kind: { const: 'everyone' } }, ['kind'])]
};

function within(kind: string, properties: { readonly [name: string]: Schema } = {}): Schema {
  return object({ kind: { const: kind }, ...properties }, ['kind', ...Object.keys(properties)]);
}

/** An AccessObject. */
export const accessObject: Schema = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    within('namespace'),
    within('project', { project: string }),
    within('branch', { project: string, pattern: string }),
    within('asset', { project: string, path: string }),
    within('pipeline', { project: string, pipeline: string }),
    within('compute', { endpoint: string })
  ]
};

const cell: Schema = { enum: [...rights, 'none'] };
const row = object(Object.fromEntries(resourceClasses.map(name => [name, cell])), resourceClasses);
const someOf = object(Object.fromEntries(resourceClasses.map(name => [name, cell])));
const someCells = object(Object.fromEntries(audiences.map(name => [name, someOf])));
export const policy = object(Object.fromEntries(audiences.map(name => [name, row])), audiences);
const quotas = { bytes: orNull(count), projects: orNull(count) };
export const quota = object(quotas, ['bytes', 'projects']);
export const branchRules = list(
  object({ pattern: string, push: { enum: ['edit', 'manage', 'none'] } }, ['pattern', 'push'])
);
/** A JupyterLab workspace is whatever its extensions put there; the body's limit bounds it. */
export const workspace = object({ project: string, branch: string, documents: list(string), layout: {} }, [
  'project',
  'branch',
  'documents',
  'layout'
]);

const assets: Schema = { enum: ['needed', 'all', 'none'] };

/** Verbs that take one object each. */
const plain = {
  push: object({ remote: string, branches: list(string), all: boolean, to: string, pullFirst: boolean }),
  pull: object({ remote: string, branch: string, assets, fetchOnly: boolean }),
  clone: object({ address: string, folder: absolutePath, branch: string, lazy: boolean }, ['address']),
  join: object({ link: string, look: boolean, only: boolean, folder: absolutePath }, ['link']),
  login: object({ place: string, token: string }, ['place']),
  logout: object({ place: string }, ['place'])
};

const remote = actions(
  action('list'),
  action('add', { name: string, address: string, assets: string }, ['name', 'address']),
  action('remove', { name: string }, ['name']),
  action('set', { name: string, address: string, assets: string }, ['name']),
  action('check', { name: string, document: string, offline: boolean })
);

const namespaceVerb = actions(
  action('list', { place: string }),
  action('create', { namespace, kind: { enum: ['personal', 'team', 'everyone'] }, title: text, label, git: string }, [
    'namespace'
  ]),
  action('show', { namespace }),
  action('delete', { namespace, projects: boolean }, ['namespace']),
  action('set', { namespace, title: text, label, policy: someCells, quota: object(quotas) }),
  action('set-project', { namespace, project: string, description: text, label, branchRules }, ['project']),
  action('delete-project', { namespace, project: string }, ['project']),
  action('audit', {
    namespace,
    user: string,
    project: string,
    actions: string,
    target: string,
    since: count,
    until: count,
    before: string,
    limit: count
  }),
  action('activity', { namespace, project: string, limit: count })
);

const memberVerb = actions(
  action('list', { namespace }),
  action('add', { namespace, member, role, cleared: boolean }, ['member', 'role']),
  action('role', { namespace, member, role, cleared: boolean }, ['member', 'role']),
  action('remove', { namespace, member }, ['member'])
);

const share = actions(
  action('list', { namespace }),
  action('grant', { namespace, principal, right, object: accessObject, until: string }, [
    'principal',
    'right',
    'object'
  ]),
  action(
    'link',
    {
      namespace,
      right,
      object: accessObject,
      gives: { enum: ['membership', 'grant'] },
      uses: { enum: ['single', 'many'] },
      until: string,
      workspace
    },
    ['right', 'object']
  ),
  action('revoke', { namespace, id: string }, ['id']),
  action('explain', { namespace, object: accessObject, principal }, ['object']),
  action('request', { namespace, right, object: accessObject, message: text }, ['right', 'object']),
  action('answer', { namespace, id: string, answer: { enum: ['granted', 'refused'] }, right }, ['id', 'answer'])
);

const compute = actions(
  action('list', { namespace }),
  action(
    'add',
    {
      namespace,
      name: string,
      kind: { enum: ['jupyter-server', 'kernel-gateway'] },
      title: text,
      url: string,
      token: string
    },
    ['name', 'kind', 'url', 'token']
  ),
  action('remove', { namespace, name: string }, ['name']),
  action('run', { namespace, name: string, notebook: string, output: string }, ['name', 'notebook']),
  action('server-shares'),
  action('share-server', { user: string, group: string }),
  action('share-server-link', { expiresIn: count }),
  action('unshare-server', { user: string, group: string, codes: boolean }),
  action('kubeflow-import', { namespace, url: string, profile: string }, ['url', 'profile']),
  action('kubeflow-export', { namespace, url: string, profile: string }, ['url', 'profile'])
);

export const sharingSchemas = { ...plain, remote, namespace: namespaceVerb, member: memberVerb, share, compute };
