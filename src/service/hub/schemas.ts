/** What bodies and queries of the hub's own routes must be: core/model/namespace.ts, as JSON Schema. */
import { labels, rights, roles } from '../../core/model/access';
import { accessObject, branchRules, policy, quota, workspace } from '../sharing-schemas';
import { boolean, count, object, string } from '../schema-words';
import type { Schema } from '../schema-words';

const right: Schema = { enum: rights };
const role: Schema = { enum: roles };
const label: Schema = { enum: labels };
const line: Schema = { type: 'string', maxLength: 2_000 };
const kinds = (names: readonly string[]): Schema => object({ kind: { enum: names }, name: string }, ['kind', 'name']);
const member = kinds(['user', 'group']);
const principal: Schema = {
  anyOf: [kinds(['user', 'group', 'namespace', 'link']), object({ kind: { const: 'everyone' } }, ['kind'])]
};
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

function change(
  type: string,
  properties: { readonly [name: string]: Schema } = {},
  required: readonly string[] = []
): Schema {
  return object({ type: { const: type }, ...properties }, ['type', ...required]);
}

export const createSchema = object(
  { name: string, kind: { enum: ['personal', 'team', 'everyone'] }, title: line, label, git: orNull(string) },
  ['name', 'kind', 'title', 'label', 'git']
);

export const changeSchema: Schema = {
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [
    change('set', { title: line, label, policy, quota }),
    change('add-member', { member, role, cleared: boolean }, ['member', 'role']),
    change('set-member', { member, role, cleared: boolean }, ['member']),
    change('remove-member', { member }, ['member']),
    change('add-grant', { principal, right, object: accessObject, expires: orNull(count) }, [
      'principal',
      'right',
      'object'
    ]),
    change('remove-grant', { id: string }, ['id']),
    change('revoke-link', { id: string }, ['id']),
    change('add-project', { name: string, description: line, label }, ['name']),
    change('set-project', { name: string, description: line, label, branchRules }, ['name']),
    change('remove-project', { name: string }, ['name']),
    change(
      'add-endpoint',
      {
        name: string,
        kind: { enum: ['jupyter-server', 'kernel-gateway'] },
        title: line,
        url: string,
        token: string
      },
      ['name', 'kind', 'url', 'token']
    ),
    change('remove-endpoint', { name: string }, ['name']),
    change('request', { right, object: accessObject, message: line }, ['right', 'object']),
    change('answer-request', { id: string, answer: { enum: ['granted', 'refused'] }, right }, ['id', 'answer'])
  ]
};

export const linkSchema = object(
  {
    right,
    object: accessObject,
    gives: { enum: ['membership', 'grant'] },
    uses: { enum: ['single', 'many'] },
    workspace: orNull(workspace),
    lifetime: { type: 'integer', minimum: 1 }
  },
  ['right', 'object', 'gives', 'uses', 'workspace']
);

export const joinSchema = object({ code: string }, ['code']);
export const whoCanSchema = object({ object: accessObject, principal }, ['object']);
export const presenceSchema = object(
  { mine: orNull(object({ branch: orNull(string), document: orNull(string) }, ['branch', 'document'])) },
  ['mine']
);

/** Of a query everything is text. */
const digits: Schema = { type: 'string', pattern: '^[0-9]{1,15}$' };
export const auditQuerySchema = object({
  user: string,
  project: string,
  actions: string,
  target: string,
  since: digits,
  until: digits,
  before: string,
  limit: digits
});
export const activityQuerySchema = object({ project: string, limit: digits });
export const deleteQuerySchema = object({ projects: { enum: ['true', 'false'] } });
export const branchQuerySchema = object({ branch: string }, ['branch']);
