/** Files that hold a content as a whole, under its SHA-256: git-lfs's cache, and assets that a switch put aside. */
import { createHash } from 'node:crypto';
import { BranchbookError, hasCode } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { FileStat, IFileHandle } from '../../core/port';
import { REPAIR } from './catalog';
import type { ReadTools } from './read-tools';
import { SHELF_BYTES } from './xorb-reader';

/** Where such a file would be, the likeliest to be right first. */
function placesOf({ layout }: ReadTools, sha256: Sha256): readonly string[] {
  return [layout.lfsObject(sha256), layout.materialized(sha256)];
}

export async function findWhole(
  tools: ReadTools,
  sha256: Sha256
): Promise<{ readonly path: string; readonly size: number } | null> {
  for (const path of placesOf(tools, sha256)) {
    const stat = await tools.files.lstat(path);
    if (stat?.kind === 'file') {
      return { path, size: stat.size };
    }
  }
  return null;
}

/** Bytes `[from, to)` of the first such file that holds what its name says. OBJECT_CORRUPT when none does. */
export async function* readWhole(
  tools: ReadTools,
  sha256: Sha256,
  from: number,
  to: number
): AsyncGenerator<Uint8Array> {
  const buffer = tools.buffers.take();
  try {
    for (const path of placesOf(tools, sha256)) {
      const handle = await openIfPresent(tools, path);
      try {
        if (handle && (await holds(handle, sha256, buffer))) {
          yield* readUnchanged(handle, path, { from, to, buffer });
          return;
        }
      } finally {
        await handle?.close();
      }
    }
  } finally {
    tools.buffers.give(buffer);
  }
  throw damaged((await findWhole(tools, sha256))?.path ?? placesOf(tools, sha256)[0]!, sha256);
}

/** Bytes that such a file has at `from` if their chunk hash is `hash`, else null. */
export async function readChunkOfWhole(
  tools: ReadTools,
  sha256: Sha256,
  chunk: { readonly from: number; readonly length: number; readonly isRight: (bytes: Uint8Array) => boolean }
): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(chunk.length);
  for (const path of placesOf(tools, sha256)) {
    const handle = await openIfPresent(tools, path);
    try {
      if (handle && (await fill(handle, bytes, chunk.from)) === bytes.length && chunk.isRight(bytes)) {
        return bytes;
      }
    } finally {
      await handle?.close();
    }
  }
  return null;
}

async function openIfPresent({ files }: ReadTools, path: string): Promise<IFileHandle | null> {
  if ((await files.lstat(path))?.kind !== 'file') {
    return null;
  }
  try {
    return await files.open(path, 'read');
  } catch (error) {
    if (hasCode(error, 'PATH_UNKNOWN')) {
      return null;
    }
    throw error;
  }
}

/** Read until the buffer is full or the file ends; answers the number of bytes. */
async function fill(handle: IFileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let done = 0;
  for (let count = -1; count !== 0 && done < buffer.length; done += count) {
    count = await handle.read(buffer.subarray(done), position + done);
  }
  return done;
}

async function holds(handle: IFileHandle, sha256: Sha256, buffer: Uint8Array): Promise<boolean> {
  const hash = createHash('sha256');
  let position = 0;
  for (let count = -1; count !== 0; position += count) {
    count = await handle.read(buffer, position);
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest('hex') === sha256;
}

/** The file was verified just now; a program that has it open may still write to it. */
async function* readUnchanged(
  handle: IFileHandle,
  path: string,
  range: { readonly from: number; readonly to: number; readonly buffer: Uint8Array }
): AsyncGenerator<Uint8Array> {
  const before = await handle.stat();
  for (let at = range.from; at < range.to;) {
    const count = await fill(handle, range.buffer.subarray(0, Math.min(SHELF_BYTES, range.to - at)), at);
    if (count === 0 || hasChanged(before, await handle.stat())) {
      throw new BranchbookError('FILE_CHANGED', `${path} changed while it was read.`, { path }, 'Try again.');
    }
    yield range.buffer.subarray(0, count);
    at += count;
  }
}

function hasChanged(before: FileStat, now: FileStat): boolean {
  return before.mtimeNs !== now.mtimeNs || before.ctimeNs !== now.ctimeNs || before.size !== now.size;
}

function damaged(path: string, sha256: Sha256): BranchbookError {
  const repair = 'Delete that file and run `git lfs fetch`.';
  const message = `${path} is damaged: its bytes do not match its name.`;
  return new BranchbookError('OBJECT_CORRUPT', message, { sha256, path, repair }, `${repair} ${REPAIR}`);
}
