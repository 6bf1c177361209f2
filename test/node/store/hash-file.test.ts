import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { IFileHandle, IFileSystem } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import { hashFile } from '../../../src/node/store/hash-file';
import { randomBytes } from '../../support/random-bytes';
import { temporaryDirectory } from '../../support/temporary-directory';

it('takes as much memory as a small file has bytes: a switch hashes a hundred thousand of them', async () => {
  const path = join(temporaryDirectory(), 'small');
  const bytes = randomBytes(4096);
  writeFileSync(path, bytes);
  const memory = new Set<number>();
  const watched = (handle: IFileHandle): IFileHandle =>
    Object.assign(Object.create(handle) as IFileHandle, {
      read: (buffer: Uint8Array, position: number) => {
        memory.add(buffer.buffer.byteLength);
        return handle.read(buffer, position);
      }
    });
  const files = Object.assign(Object.create(disk) as IFileSystem, {
    open: async (...args: Parameters<IFileSystem['open']>) => watched(await disk.open(...args))
  });
  expect(await hashFile(files, path, {})).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect([...memory]).toEqual([4096]);
});
