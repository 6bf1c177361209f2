/** Small helpers on bytes and git's own path order. */
import { createHash } from 'node:crypto';
import { BranchbookError } from '../../core/error';

export function sha1(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha1');
  parts.forEach(part => hash.update(part));
  return hash.digest('hex');
}

/** The same memory as a Buffer, for its codecs. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Text of a git file; replacement characters stand for what is not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('utf8');
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A path that must survive the round trip: PATH_UNSAFE when it is not UTF-8. */
export function decodePath(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  if (text.includes('\ufffd')) {
    try {
      return strict.decode(bytes);
    } catch {
      throw new BranchbookError(
        'PATH_UNSAFE',
        `The path ${JSON.stringify(text)} is not safe: its name is not UTF-8.`,
        { path: text, reason: 'not UTF-8' },
        'Rename the file with a UTF-8 name.'
      );
    }
  }
  return text;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Order of the UTF-8 bytes, in which git sorts paths. UTF-16 order differs only where surrogates are involved. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) {
      return isSurrogate(left) !== isSurrogate(right) ? (isSurrogate(left) ? 1 : -1) : left - right;
    }
  }
  return a.length - b.length;
}
