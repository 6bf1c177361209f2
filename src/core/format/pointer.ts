/**
 * Git LFS v1 pointers: what an asset is in git. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
import type { Pointer } from '../model/asset';

const VERSION = 'version https://git-lfs.github.com/spec/v1';
/** Older spelling that git-lfs still reads. */
const VERSION_ALPHA = 'version http://git-media.io/v/2';

/** No pointer is larger than this many bytes, so larger blobs need not be looked at. */
export const POINTER_MAX_BYTES = 1024;

/** Whether a file of so many bytes may be the text of a canonical pointer: 126 to 141 bytes, by the digits of the size. */
export function mayBePointer(bytes: number): boolean {
  return bytes >= 126 && bytes <= 141;
}

/** The canonical bytes: an empty file has an empty pointer, as with git-lfs. */
export function encodePointer(pointer: Pointer): Uint8Array {
  return new TextEncoder().encode(
    pointer.size === 0 ? '' : `${VERSION}\noid sha256:${pointer.sha256}\nsize ${pointer.size}\n`
  );
}

/** What the pointer says, or null when the bytes are not a pointer (then they are the content themselves). */
export function decodePointer(bytes: Uint8Array): Pointer | null {
  if (bytes.length === 0 || bytes.length > POINTER_MAX_BYTES) {
    return null;
  }
  const lines = decodeLines(bytes);
  if (!lines || (lines[0] !== VERSION && lines[0] !== VERSION_ALPHA)) {
    return null;
  }
  const values = decodeValues(lines.slice(1));
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(values?.get('oid') ?? '')?.[1];
  const size = values?.get('size') ?? '';
  if (!sha256 || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    return null;
  }
  return { sha256, size: Number(size) };
}

function decodeLines(bytes: Uint8Array): readonly string[] | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  return text.endsWith('\n') ? text.slice(0, -1).split('\n') : null;
}

/** Keys are sorted and unique; besides `oid` and `size` only extensions (`ext-<digit>-<name>`) may stand here. */
function decodeValues(lines: readonly string[]): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>();
  let previous = '';
  for (const line of lines) {
    const match = /^(ext-[0-9]-[A-Za-z0-9.-]+|oid|size) ([^\r]+)$/.exec(line);
    if (!match || match[1]! <= previous) {
      return null;
    }
    previous = match[1]!;
    values.set(previous, match[2]!);
  }
  return values;
}
