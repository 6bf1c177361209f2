import { Readable } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { BranchbookError } from '../../core/error';
import type { Inflate } from '../../core/port';

const decoders = { zlib: createInflate, deflate: createInflateRaw, gzip: createGunzip };

export const inflate: Inflate = async function* (source, form) {
  const input = Readable.from(source, { objectMode: false });
  const output = decoders[form]();
  // `pipe` does not hand on the failures of its source.
  input.on('error', error => output.destroy(error));
  try {
    for await (const piece of input.pipe(output)) {
      yield piece as Uint8Array;
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('Z_')) {
      const reason = (error as Error).message;
      throw new BranchbookError('FORMAT_INVALID', `Damaged ${form} data: ${reason}.`, { format: form, reason });
    }
    throw error;
  } finally {
    input.destroy();
    output.destroy();
  }
};
