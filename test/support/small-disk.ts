/** A disk that can really be full. Where a small file system cannot be mounted, one that fails as a full one does. */
import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import type { IFileSystem } from '../../src/core/port';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { disk } from '../../src/node/fs/disk';
import { temporaryDirectory } from './temporary-directory';

export type SmallDisk = {
  readonly folder: string;
  /** The way to it: `disk`, or one that counts. */
  readonly files: IFileSystem;
  readonly isReal: boolean;
  /** Bytes that are left from now on. */
  fill(leave: number): void;
  free(): void;
};

const room = { left: Number.POSITIVE_INFINITY };

/** Writing stops with DISK_FULL once `room.left` bytes were written. */
export const countingFiles = createFullFileSystem();

function createFullFileSystem(): IFileSystem {
  const full = createFaultyFileSystem(disk, ({ name }) => {
    if (name === 'write' && room.left <= 0) {
      throw new BranchbookError('DISK_FULL', 'No space left on device.', {}, 'Free some space and try again.');
    }
  });
  return {
    ...full,
    freeBytes: async path => Math.min(room.left, await disk.freeBytes(path)),
    open: async (path, flags, mode) => {
      const handle = await full.open(path, flags, mode);
      const write: typeof handle.write = async (bytes, position) => {
        room.left -= bytes.length;
        await handle.write(bytes, position);
      };
      return Object.assign(Object.create(handle), { write }) as typeof handle;
    }
  };
}

/** Of 20 MiB; it goes with the test. */
export function smallDisk(): SmallDisk {
  const folder = temporaryDirectory();
  const isReal = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', folder]).status === 0;
  if (!isReal) {
    onTestFinished(() => void (room.left = Number.POSITIVE_INFINITY));
    return {
      ...{ folder, isReal, files: countingFiles },
      fill: leave => (room.left = leave),
      free: () => (room.left = Number.POSITIVE_INFINITY)
    };
  }
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  const ballast = join(folder, 'ballast');
  return {
    ...{ folder, isReal, files: disk },
    fill: leave => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
    },
    free: () => rmSync(ballast, { force: true })
  };
}
