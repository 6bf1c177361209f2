/** What the routes of contents share: what they work with, who may do what, and ranges. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { covers } from '../../../core/model/access';
import type { Right } from '../../../core/model/access';
import type { Pointer, Sha256 } from '../../../core/model/asset';
import { BranchbookError } from '../../../core/error';
import type { ProjectRecord } from '../../../core/model/namespace';
import type { Activity, IHistoryHost, IStoredAssets } from '../../../core/port';
import { object, string } from '../../schema-words';
import type { HubCall, HubProject } from '../route';

export type AssetRoutesOptions = {
  readonly assets: (project: HubProject) => IStoredAssets;
  /** Contents that the project's branches and tags lead to; null when it has none. What `IHistoryHost.pointers` throws. */
  readonly needed: (project: HubProject, signal: AbortSignal) => Promise<ReadonlySet<Sha256> | null>;
  /** The pointer that stands at a path of a revision (branch, tag or commit); null when there is none. */
  readonly pointerAt: (project: HubProject, revision: string, path: string) => Promise<Pointer | null>;
  /** The hub's public address, without a slash at the end. */
  readonly url: () => string;
};

/** `AssetRoutesOptions.needed`, by the histories that the hub keeps. */
export async function neededBy(
  histories: Pick<IHistoryHost, 'pointers'>,
  { id, git }: Pick<ProjectRecord, 'id' | 'git'>,
  signal: AbortSignal
): Promise<ReadonlySet<Sha256> | null> {
  const pointers = git === null ? await histories.pointers(id, signal) : null;
  return pointers && new Set(pointers.map(({ sha256 }) => sha256));
}

export const PROJECT = '/api/v1/namespaces/:namespace/projects/:project';
export const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
export const hashes = (most: number) => ({ type: 'array', items: hash, maxItems: most }) as const;
export const params = (more: Record<string, object> = {}) =>
  object({ namespace: string, project: string, ...more }, ['namespace', 'project', ...Object.keys(more)]);

/** Anybody with a right to something of the project; what they see is decided by the handler. */
export const someone = { on: 'project', right: 'view', of: 'any' } as const;

/** Chunks tell nothing of the paths they belong to: only who may see all data and models may see them. */
export function seesAll({ project }: HubCall): boolean {
  const { data, models } = project.rights.classes;
  return covers(data, 'view') && covers(models, 'view');
}

export function requireAll(call: HubCall): void {
  if (!seesAll(call)) {
    throw forbidden(call, 'view', 'Ask for single files by their path: `branchbook get PATH`.');
  }
}

/** Who may bring data or models may bring contents; refs decide which of them count. */
export function requireEditor(call: HubCall): void {
  const { data, models } = call.project.rights.classes;
  if (!covers(data, 'edit') && !covers(models, 'edit')) {
    throw forbidden(call, 'edit', 'Ask an owner of the namespace for it: `branchbook share request`.');
  }
}

function forbidden({ project: { record } }: HubCall, right: Right, hint: string): BranchbookError {
  return new BranchbookError(
    'FORBIDDEN',
    `You may not ${right} all data and models of ${record.namespace}/${record.name}.`,
    { right, object: { kind: 'project', project: record.name }, because: [] },
    hint
  );
}

/** Work that stores at most `most` bytes: they are reserved before, and what was not used is given back. */
export async function withinQuota(
  { namespaces, project: { record } }: HubCall,
  most: number,
  work: (onStored: (bytes: number) => void) => Promise<void>
): Promise<void> {
  let stored = 0;
  await namespaces.addBytes(record.namespace, record.name, most);
  try {
    await work(bytes => (stored += bytes));
  } finally {
    if (stored !== most) {
      await namespaces.addBytes(record.namespace, record.name, stored - most);
    }
  }
}

/** `[start, end)` of `size` bytes; all without a header. null when nothing of it is there. */
export function parseRange(
  header: string | undefined,
  size: number
): { readonly start: number; readonly end: number } | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) {
    return { start: 0, end: size };
  }
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < end ? { start, end } : null;
}

/**
 * Answer with bytes of something that has `size`, as far as the request wants them. `read` gives pieces that are each valid
 * until the next.
 */
export async function sendRange(
  call: HubCall,
  reply: FastifyReply,
  size: number,
  read: (start: number, end: number) => AsyncIterable<Uint8Array>
): Promise<void> {
  const { range: header } = call.request.headers;
  const range = size === 0 ? { start: 0, end: 0 } : parseRange(header, size);
  void reply.header('accept-ranges', 'bytes').type('application/octet-stream');
  if (!range) {
    await reply.code(416).header('content-range', `bytes */${size}`).send('');
    return;
  }
  const { start, end } = range;
  if (end - start < size) {
    void reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${size}`);
  }
  void reply.header('content-length', end - start);
  await (start === end ? reply.send('') : sendPieces(call, reply, read(start, end), end - start));
}

/**
 * A piece is asked for when the connection has taken the one before: its memory is used again. A failure after the first
 * one, an end before all came, or that nobody may go on with it, breaks the connection, also of who takes nothing.
 */
async function sendPieces(
  { signal }: HubCall,
  reply: FastifyReply,
  pieces: AsyncIterable<Uint8Array>,
  size: number
): Promise<void> {
  const { raw } = reply;
  let left = size;
  try {
    for await (const piece of pieces) {
      if (!raw.headersSent) {
        raw.writeHead(reply.hijack().statusCode, reply.getHeaders() as OutgoingHttpHeaders);
        signal.addEventListener('abort', () => raw.destroy(), { once: true });
      }
      await new Promise<void>((taken, failed) => raw.write(piece, error => (error ? failed(error) : taken())));
      left -= piece.length;
    }
  } catch (error) {
    if (!raw.headersSent) {
      throw error;
    }
  }
  if (left === 0) {
    raw.end();
  } else {
    raw.destroy();
  }
}

/** A request is more than its signal, and some of it works when it is looked at. */
export const activityOf = ({ signal }: HubCall): Activity => ({ signal });

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) {
    parts.push(piece);
  }
  return Buffer.concat(parts);
}
