/** Contents as chunks: what Branchbook's own clients speak, so that only what is missing travels. */
import type { FastifyReply } from 'fastify';
import { BranchbookError } from '../../../core/error';
import { HASH_BYTES } from '../../../core/chunk/hash';
import { encodeShard } from '../../../core/format/shard';
import { XORB_MAX_BYTES } from '../../../core/format/xorb';
import type { HubCall, HubRoute } from '../route';
import { boolean, object } from '../../schema-words';
import {
  activityOf,
  collect,
  hash,
  hashes,
  params,
  PROJECT,
  requireAll,
  requireEditor,
  seesAll,
  sendRange,
  someone,
  withinQuota
} from './common';
import type { AssetRoutesOptions } from './common';

const ASSETS = `${PROJECT}/assets`;
/** Contents asked for at once. */
const MAX_CONTENTS = 10_000;
const MAX_QUESTION = 1024 * 1024;
/** Hashes in one question where chunks are. */
const MAX_CHUNKS = 64 * 1024;
/** Bytes: a manifest of 256 GiB of new chunks, 64 for each. What is sent together has 8 GiB, unless one file has more. */
const MAX_MANIFEST = 256 * 1024 * 1024;

export function chunkRoutes(options: AssetRoutesOptions): readonly HubRoute[] {
  return [...askingRoutes(options), ...readingRoutes(options), ...writingRoutes(options)];
}

function askingRoutes({ assets }: AssetRoutesOptions): readonly HubRoute[] {
  const asked = { method: 'POST', need: someone, rate: 'transfer', body: 'json', bodyLimit: MAX_QUESTION } as const;
  const contents = { params: params(), body: object({ contents: hashes(MAX_CONTENTS) }, ['contents']) };
  return [
    {
      ...asked,
      path: `${ASSETS}/has`,
      schema: contents,
      handle: async call => {
        // Who may not see a content must not find out that it is there: they send it again.
        const names = seesAll(call) ? (call.body as { readonly contents: readonly string[] }).contents : [];
        return { contents: [...(await assets(call.project).has(names, activityOf(call)))] };
      }
    },
    {
      ...asked,
      path: `${ASSETS}/keep`,
      // Also who may push nothing but code may push what leads to contents that are here.
      need: { on: 'project', right: 'edit', of: 'any' },
      schema: {
        params: params(),
        body: object({ contents: hashes(MAX_CONTENTS), elsewhere: boolean }, ['contents', 'elsewhere'])
      },
      handle: async call => {
        const { contents, elsewhere } = call.body as {
          readonly contents: readonly string[];
          readonly elsewhere: boolean;
        };
        const names = seesAll(call) ? contents : [];
        return { contents: [...(await assets(call.project).keep(names, { ...activityOf(call), elsewhere }))] };
      }
    },
    {
      ...asked,
      path: `${ASSETS}/manifest`,
      schema: contents,
      handle: async (call, reply) => {
        requireAll(call);
        const names = (call.body as { readonly contents: readonly string[] }).contents;
        await sendBytes(reply, await assets(call.project).manifest(names, activityOf(call)));
      }
    },
    {
      ...asked,
      path: `${ASSETS}/xorbs`,
      schema: { params: params(), body: object({ xorbs: hashes(1_000) }, ['xorbs']) },
      handle: async call => {
        requireEditor(call);
        const there: string[] = [];
        for (const xorb of (call.body as { readonly xorbs: readonly string[] }).xorbs) {
          if (seesAll(call) && (await assets(call.project).xorbSize(xorb)) !== null) {
            there.push(xorb);
          }
        }
        return { xorbs: there };
      }
    },
    {
      ...asked,
      path: `${ASSETS}/locate`,
      body: 'stream',
      bodyLimit: MAX_CHUNKS * HASH_BYTES,
      schema: { params: params() },
      handle: async (call, reply) => {
        const chunks = await collect(call.stream);
        const nothing = encodeShard({ files: [], xorbs: [] }, 0);
        await sendBytes(reply, seesAll(call) ? await assets(call.project).locate(chunks, activityOf(call)) : nothing);
      }
    }
  ];
}

function readingRoutes({ assets }: AssetRoutesOptions): readonly HubRoute[] {
  return [
    {
      method: 'GET',
      path: `${ASSETS}/xorbs/:hash`,
      need: someone,
      rate: 'transfer',
      body: 'none',
      bodyLimit: 0,
      schema: { params: params({ hash }) },
      handle: async (call, reply) => {
        requireAll(call);
        const xorb = call.params['hash']!;
        const size = await assets(call.project).xorbSize(xorb);
        if (size === null) {
          throw new BranchbookError('ASSET_MISSING', `The hub does not have the pack ${xorb}.`, { xorb });
        }
        await sendRange(call, reply, size, (start, end) =>
          assets(call.project).xorbPieces(xorb, start, end, activityOf(call))
        );
      }
    }
  ];
}

function writingRoutes({ assets }: AssetRoutesOptions): readonly HubRoute[] {
  const written = { method: 'PUT', need: someone, rate: 'transfer', body: 'stream', keeps: 'contents' } as const;
  return [
    {
      ...written,
      path: `${ASSETS}/xorbs/:hash`,
      bodyLimit: XORB_MAX_BYTES,
      schema: { params: params({ hash }) },
      handle: async call => {
        requireEditor(call);
        await receiveXorb(call, assets);
      }
    },
    {
      ...written,
      path: `${ASSETS}/manifests`,
      bodyLimit: MAX_MANIFEST,
      schema: { params: params() },
      handle: async call => {
        requireEditor(call);
        const shard = await collect(call.stream);
        await call.recheck();
        await withinQuota(call, shard.length, async onStored => {
          await assets(call.project).writeManifest(shard, activityOf(call));
          onStored(shard.length);
        });
      }
    }
  ];
}

/** Every chunk is hashed on arrival; a pack that is there already is not read. */
async function receiveXorb(call: HubCall, assets: AssetRoutesOptions['assets']): Promise<void> {
  const [xorb, size] = [call.params['hash']!, lengthOf(call)];
  const store = assets(call.project);
  const { stream } = call;
  if ((await store.xorbSize(xorb)) !== null) {
    stream.resume();
    return;
  }
  await withinQuota(call, size, async onStored => {
    await store.writeXorb(xorb, size, () => stream, activityOf(call));
    onStored(size);
  });
}

export function lengthOf({ request }: HubCall): number {
  const length = request.headers['content-length'];
  if (!/^\d{1,15}$/.test(length ?? '')) {
    throw new BranchbookError('USAGE', 'The request does not say how long its body is.', {
      argument: 'content-length',
      reason: 'missing'
    });
  }
  return Number(length);
}

async function sendBytes(reply: FastifyReply, bytes: Uint8Array): Promise<void> {
  await reply.type('application/octet-stream').send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}
