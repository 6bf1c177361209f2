/** JSON schemas of request bodies. They say what `Verbs` in core/model/result.ts says, for callers we did not compile. */
import type { Verb } from '../core/model/result';
import { PAGE_MAX_ROWS } from '../core/model/table';
import { absolutePath, action, actions, boolean, count, list, object, string, text } from './schema-words';
import type { Schema } from './schema-words';
import { sharingSchemas } from './sharing-schemas';

const person = object({ name: string, email: string }, ['name', 'email']);
const provenance = object({
  notebook: string,
  cell: string,
  kernel: string,
  libraries: { type: 'object', additionalProperties: string }
});
const facts = object({ path: string, rows: count, columns: count, shape: list(count), type: string }, ['path']);

const page = object(
  {
    offset: count,
    limit: { ...count, maximum: PAGE_MAX_ROWS },
    sort: list(object({ column: text, descending: boolean }, ['column'])),
    filter: list(
      object(
        {
          column: text,
          operator: { enum: ['=', '!=', '<', '<=', '>', '>=', 'contains', 'is-null', 'is-not-null'] },
          value: { type: ['string', 'number', 'boolean'] }
        },
        ['column', 'operator']
      )
    ),
    columns: list(text)
  },
  ['offset', 'limit']
);

const branch = actions(
  action('list'),
  action('create', { name: string, from: string, switch: boolean }, ['name']),
  action('rename', { name: string, to: string }, ['name', 'to']),
  action('delete', { name: string, force: boolean }, ['name']),
  action('worktree', { name: string }, ['name'])
);

const schema = actions(
  action('infer', { path: string, update: boolean }, ['path']),
  action('check', { paths: list(string) }),
  action('show', { path: string }, ['path'])
);

/** The arguments of every verb. */
export const argsSchemas: { readonly [V in Verb]: Schema } = {
  init: object({ identity: person }),
  status: object({}),
  track: object({ patterns: list(string) }, ['patterns']),
  snapshot: object({
    paths: list(string),
    message: text,
    provenance,
    facts: list(facts),
    allowEmpty: boolean,
    allowAnomalies: boolean
  }),
  branch,
  switch: object(
    {
      branch: string,
      detach: boolean,
      changes: { enum: ['refuse', 'park', 'discard'] },
      only: list(string),
      all: boolean
    },
    ['branch']
  ),
  merge: object(
    {
      branch: string,
      into: string,
      message: text,
      ours: list(string),
      theirs: list(string),
      allowAnomalies: boolean
    },
    ['branch']
  ),
  compare: object({ revisions: list(string), paths: list(string), content: boolean, drift: boolean }, ['revisions']),
  diff: object({
    from: string,
    to: string,
    path: string,
    key: list(string),
    rows: object({ offset: count, limit: count, kind: { enum: ['added', 'removed', 'changed'] } }, ['offset', 'limit']),
    drift: boolean,
    export: absolutePath
  }),
  versions: object({ path: string, revision: string, limit: count, all: boolean }, ['path']),
  assets: object({ revision: string }),
  show: object(
    {
      address: string,
      chunks: boolean,
      dedup: boolean,
      used: boolean,
      content: boolean,
      statistics: boolean,
      page,
      dialect: { type: 'object', additionalProperties: { type: 'string', maxLength: 100 } },
      workTree: boolean
    },
    ['address']
  ),
  restore: object({ addresses: list(string), revision: string }, ['addresses']),
  get: object({ address: string, output: string }, ['address']),
  undo: object({ list: boolean, redo: boolean }),
  check: object({ readData: boolean, part: string, repair: boolean }),
  gc: object({
    at: string,
    dryRun: boolean,
    grace: string,
    expire: string,
    ignoreMissing: boolean,
    noCompress: boolean
  }),
  migrate: object({
    from: { enum: ['lfs', 'dvc', 'git'] },
    to: { const: 'lfs' },
    dryRun: boolean,
    dropSource: boolean,
    keepDvcFiles: boolean,
    above: count,
    include: list(string)
  }),
  schema,
  ...sharingSchemas
};

export const verbs = Object.keys(argsSchemas) as readonly Verb[];

/** Body of `POST /v1/operation/<verb>`. */
export const operationSchema = (verb: Verb): Schema =>
  object({ project: absolutePath, args: argsSchemas[verb] }, ['project', 'args']);

/** Body of `POST /v1/command`. */
export const commandSchema = object({ cwd: absolutePath, argv: list(text) }, ['cwd', 'argv']);

/** Body of `POST /v1/shutdown`. */
export const shutdownSchema = object({ whenIdle: boolean });

/** Query of `GET /v1/project`. */
export const projectSchema = object({ path: absolutePath }, ['path']);

/** Query of `GET /v1/events`. */
export const eventsSchema = object({ project: { anyOf: [absolutePath, list(absolutePath)] } });
