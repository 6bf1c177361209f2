/** What a push brought, while git still keeps it apart (its quarantine: an object directory of its own). */
import { listNames } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { decodePointer, POINTER_MAX_BYTES } from '../../core/format/pointer';
import type { Pointer } from '../../core/model/asset';
import type { IFileSystem } from '../../core/port';
import { decompress } from './compress';
import { PackFile } from './pack-file';
import { PackIndex } from './pack-index';

/** More than deflate makes of the smallest blobs that matter, header included: larger files need not be read. */
const MAX_LOOSE_FILE = POINTER_MAX_BYTES + 128;
/** `blob 1024` and the zero byte behind it. */
const LOOSE_HEADER = 10;

/**
 * The pointers among the new objects; git itself has checked that these are objects. Nothing large is read, however
 * the pack is made. FORMAT_INVALID when it is made to make readers large.
 */
export async function* incomingPointers(files: IFileSystem, quarantine: string): AsyncGenerator<Pointer> {
  try {
    for await (const blob of smallBlobs(files, quarantine)) {
      const pointer = decodePointer(blob);
      if (pointer) {
        yield pointer;
      }
    }
  } catch (error) {
    if (error instanceof RangeError) {
      const reason = error.message;
      throw new BranchbookError('FORMAT_INVALID', `The pushed pack cannot be read: ${reason}.`, {
        format: 'git pack',
        reason
      });
    }
    throw error;
  }
}

async function* smallBlobs(files: IFileSystem, quarantine: string): AsyncGenerator<Uint8Array> {
  for (const folder of await listNames(files, quarantine)) {
    if (/^[0-9a-f]{2}$/.test(folder)) {
      yield* looseBlobs(files, `${quarantine}/${folder}`);
    }
  }
  for (const name of await listNames(files, `${quarantine}/pack`)) {
    if (name.endsWith('.idx')) {
      const index = PackIndex.decode((await files.readFile(`${quarantine}/pack/${name}`)) ?? new Uint8Array());
      if (!index) {
        throw new RangeError('its index is of another version');
      }
      yield* new PackFile(files, `${quarantine}/pack/${name.slice(0, -4)}.pack`, index).smallBlobs(POINTER_MAX_BYTES);
    }
  }
}

async function* looseBlobs(files: IFileSystem, folder: string): AsyncGenerator<Uint8Array> {
  for (const name of await listNames(files, folder)) {
    const stat = await files.lstat(`${folder}/${name}`);
    const bytes = stat && stat.size <= MAX_LOOSE_FILE ? await files.readFile(`${folder}/${name}`) : null;
    const object = bytes && (await inflateSmall(bytes));
    if (object?.toString('latin1', 0, 5) === 'blob ') {
      yield object.subarray(object.indexOf(0) + 1);
    }
  }
}

/** null when there is more in it than a pointer has. */
async function inflateSmall(bytes: Uint8Array): Promise<Buffer | null> {
  try {
    return await decompress(bytes, POINTER_MAX_BYTES + LOOSE_HEADER);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      return null;
    }
    throw error;
  }
}
