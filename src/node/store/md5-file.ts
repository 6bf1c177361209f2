import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../../core/cancel';
import type { IFileSystem, Md5File } from '../../core/port';

/** DVC read texts in pieces of this size, and looked for line ends in each by itself. */
const PIECE_BYTES = 1024 * 1024;

export function createMd5(files: IFileSystem): Md5File {
  return async (path, form, activity) => {
    const hash = createHash('md5');
    const buffer = Buffer.alloc(PIECE_BYTES);
    const handle = await files.open(path, 'read');
    try {
      let position = 0;
      for (let filled = await fill(handle, buffer, 0); filled > 0; filled = await fill(handle, buffer, position)) {
        throwIfCancelled(activity);
        const piece = buffer.subarray(0, filled);
        hash.update(form === 'text' ? withoutReturns(piece) : piece);
        position += filled;
      }
    } finally {
      await handle.close();
    }
    return hash.digest('hex');
  };
}

/** Bytes read, which are fewer than the buffer's only at the end. */
async function fill(
  handle: { read(buffer: Uint8Array, position: number): Promise<number> },
  buffer: Buffer,
  position: number
): Promise<number> {
  let filled = 0;
  for (let count = -1; count !== 0 && filled < buffer.length; filled += count) {
    count = await handle.read(buffer.subarray(filled), position + filled);
  }
  return filled;
}

function withoutReturns(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
