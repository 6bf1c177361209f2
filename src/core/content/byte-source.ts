/** The bytes of a version, read where they are wanted. */
import type { Sha256 } from '../model/asset';
import type { IAssetStore, IFileHandle } from '../port';

export interface IByteSource {
  /** Bytes. */
  readonly size: number;
  /** Bytes `[start, end)`, fewer where there are no more. The caller may keep them. */
  read(start: number, end: number): Promise<Uint8Array>;
}

export function bytesSource(bytes: Uint8Array): IByteSource {
  return { size: bytes.length, read: (start, end) => Promise.resolve(bytes.slice(start, end)) };
}

/** A part of a source as if it were all there is. */
export function slicedSource(source: IByteSource, start: number, end: number): IByteSource {
  const size = Math.max(0, Math.min(end, source.size) - start);
  return { size, read: (from, to) => source.read(start + from, start + Math.min(to, size)) };
}

/** A content that the store has. ASSET_MISSING, OBJECT_CORRUPT on reading. */
export function storeSource(store: IAssetStore, sha256: Sha256, size: number): IByteSource {
  return {
    size,
    read: async (start, end) => {
      const until = Math.min(end, size);
      return concatenate(store.read(sha256, Math.min(start, until), until), Math.max(0, until - start));
    }
  };
}

/** An open file, which the caller closes. */
export function fileSource(handle: IFileHandle, size: number): IByteSource {
  return {
    size,
    read: async (start, end) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      let filled = 0;
      while (filled < bytes.length) {
        const count = await handle.read(bytes.subarray(filled), start + filled);
        if (count === 0) {
          break;
        }
        filled += count;
      }
      return bytes.subarray(0, filled);
    }
  };
}

/** All pieces as one, at most `size` bytes. */
export async function concatenate(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let done = 0;
  for await (const piece of pieces) {
    bytes.set(piece.subarray(0, size - done), done);
    done = Math.min(size, done + piece.length);
    if (done === size) {
      break;
    }
  }
  return bytes.subarray(0, done);
}
