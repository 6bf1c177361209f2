/**
 * Git LFS, so that plain `git lfs` works against the hub: batch API and basic transfer
 * (https://github.com/git-lfs/git-lfs/tree/main/docs/api). Contents lie as chunks, in the same store as all others.
 */
import type { FastifyReply } from 'fastify';
import { MIN_CHUNK } from '../../../core/chunk/chunker';
import type { Pointer, Sha256 } from '../../../core/model/asset';
import { BranchbookError } from '../../../core/error';
import { object } from '../../schema-words';
import type { Schema } from '../../schema-words';
import type { HubCall, HubRoute } from '../route';
import { lengthOf } from './chunk-routes';
import {
  activityOf,
  hash,
  params,
  requireAll,
  requireEditor,
  seesAll,
  sendRange,
  someone,
  withinQuota
} from './common';
import type { AssetRoutesOptions } from './common';

const LFS = '/:namespace/:project.git/info/lfs';
const MEDIA_TYPE = 'application/vnd.git-lfs+json';
const MAX_BATCH = 1_000;
/** Bytes before each chunk as it is stored. */
const CHUNK_HEADER = 8;
const MAX_QUESTION = 1024 * 1024;
/** Bytes of one content: what a namespace may hold is its quota's business. */
const MAX_CONTENT = 1024 ** 4;

/** git-lfs says more than we need, and later versions more: what is not named here is let through. */
const open = (schema: Schema): Schema => ({ ...schema, additionalProperties: true });
const size: Schema = { type: 'integer', minimum: 0, maximum: MAX_CONTENT };
const lfsObject = open(object({ oid: hash, size }, ['oid', 'size']));
const batchSchema = open(
  object(
    {
      operation: { enum: ['upload', 'download'] },
      objects: { type: 'array', items: lfsObject, maxItems: MAX_BATCH },
      hash_algo: { const: 'sha256' }
    },
    ['operation', 'objects']
  )
);

type LfsObject = { readonly oid: Sha256; readonly size: number };
type Batch = { readonly operation: 'upload' | 'download'; readonly objects: readonly LfsObject[] };
type Action = { readonly href: string; readonly header?: Readonly<Record<string, string>> };
type Answer = LfsObject & {
  readonly authenticated?: true;
  readonly actions?: Readonly<Partial<Record<'upload' | 'verify' | 'download', Action>>>;
  readonly error?: { readonly code: number; readonly message: string };
};

export function lfsRoutes(options: AssetRoutesOptions): readonly HubRoute[] {
  return [...batchRoutes(options), ...transferRoutes(options), ...lockRoutes()];
}

function batchRoutes(options: AssetRoutesOptions): readonly HubRoute[] {
  const asked = { method: 'POST', need: someone, rate: 'transfer', body: 'json', bodyLimit: MAX_QUESTION } as const;
  return [
    {
      ...asked,
      path: `${LFS}/objects/batch`,
      schema: { params: params(), body: batchSchema },
      handle: async (call, reply) => {
        const { operation, objects } = call.body as Batch;
        await answer(reply, {
          transfer: 'basic',
          objects: await (operation === 'upload' ? toUpload : toDownload)(call, objects, options),
          hash_algo: 'sha256'
        });
      }
    },
    {
      ...asked,
      path: `${LFS}/objects/:oid/verify`,
      schema: { params: params({ oid: hash }), body: lfsObject },
      handle: async (call, reply) => {
        requireEditor(call);
        const { oid, size } = call.body as LfsObject;
        if ((await options.assets(call.project).size(oid)) !== size) {
          throw missing(oid);
        }
        await answer(reply, {});
      }
    }
  ];
}

async function toUpload(call: HubCall, objects: readonly LfsObject[], options: AssetRoutesOptions): Promise<Answer[]> {
  requireEditor(call);
  const asked = seesAll(call) ? objects.map(({ oid }) => oid) : [];
  const there = await options.assets(call.project).keep(asked, activityOf(call));
  return objects.map(each => {
    const { href, header } = actionOf(call, each, options);
    const actions = { upload: { href, header }, verify: { href: `${href}/verify`, header } };
    return there.has(each.oid) ? each : { ...each, authenticated: true, actions };
  });
}

async function toDownload(
  call: HubCall,
  objects: readonly LfsObject[],
  options: AssetRoutesOptions
): Promise<Answer[]> {
  requireAll(call);
  const there = await options.assets(call.project).has(
    objects.map(({ oid }) => oid),
    activityOf(call)
  );
  return objects.map(each =>
    there.has(each.oid)
      ? { ...each, authenticated: true, actions: { download: actionOf(call, each, options) } }
      : { ...each, error: { code: 404, message: missing(each.oid).message } }
  );
}

/** git-lfs sends to an address what it is told with it: who asked is who comes. */
function actionOf(
  call: HubCall,
  { oid }: LfsObject,
  { url }: AssetRoutesOptions
): { readonly href: string; readonly header: Readonly<Record<string, string>> } {
  const { namespace, name } = call.project.record;
  const { authorization } = call.request.headers;
  return {
    href: `${url()}/${namespace}/${name}.git/info/lfs/objects/${oid}`,
    header: authorization === undefined ? {} : { Authorization: authorization }
  };
}

function transferRoutes({ assets }: AssetRoutesOptions): readonly HubRoute[] {
  const path = `${LFS}/objects/:oid`;
  const schema = { params: params({ oid: hash }) };
  return [
    {
      method: 'GET',
      path,
      need: someone,
      rate: 'transfer',
      body: 'none',
      bodyLimit: 0,
      schema,
      handle: async (call, reply) => {
        requireAll(call);
        const oid = call.params['oid']!;
        const size = await assets(call.project).size(oid);
        if (size === null) {
          throw missing(oid);
        }
        await sendRange(call, reply, size, (start, end) =>
          assets(call.project).read(oid, start, end, activityOf(call))
        );
      }
    },
    {
      method: 'PUT',
      path,
      need: someone,
      rate: 'transfer',
      body: 'stream',
      bodyLimit: MAX_CONTENT,
      keeps: 'contents',
      schema,
      handle: async (call, reply) => {
        requireEditor(call);
        await receive(call, { sha256: call.params['oid']!, size: lengthOf(call) }, assets);
        await reply.code(200).send('');
      }
    }
  ];
}

async function receive(call: HubCall, content: Pointer, assets: AssetRoutesOptions['assets']): Promise<void> {
  const { stream, signal, project } = call;
  // What cannot be compressed takes a little more than it is; it is found out when it is stored, too late to refuse it.
  const most = content.size + CHUNK_HEADER * (1 + Math.ceil(content.size / MIN_CHUNK));
  await withinQuota(call, most, onStored => assets(project).store(content, stream, { signal, onStored }));
}

/** Nobody locks here: everybody has a branch of their own. git-lfs asks all the same. */
function lockRoutes(): readonly HubRoute[] {
  return [
    {
      method: 'POST',
      path: `${LFS}/locks/verify`,
      need: someone,
      rate: 'transfer',
      body: 'json',
      bodyLimit: MAX_QUESTION,
      schema: { params: params() },
      handle: async (_call, reply) => answer(reply, { ours: [], theirs: [], next_cursor: '' })
    },
    {
      method: 'GET',
      path: `${LFS}/locks`,
      need: someone,
      rate: 'transfer',
      body: 'none',
      bodyLimit: 0,
      schema: { params: params() },
      handle: async (_call, reply) => answer(reply, { locks: [], next_cursor: '' })
    }
  ];
}

async function answer(reply: FastifyReply, value: unknown): Promise<void> {
  await reply.type(MEDIA_TYPE).send(JSON.stringify(value));
}

function missing(oid: Sha256): BranchbookError {
  return new BranchbookError('ASSET_MISSING', `The hub does not have the content ${oid}.`, { sha256: oid });
}
