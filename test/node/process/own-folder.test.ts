import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { openOwnFolder } from '../../../src/node/process/own-folder';
import { temporaryDirectory } from '../../support/temporary-directory';

it('deletes the folders of those who died here, and leaves those of the living and of other machines', async () => {
  const parent = temporaryDirectory();
  const processes = {
    host: 'here',
    self: { pid: 3, start: 'boot/30' },
    isAlive: async ({ start }: { readonly start: string }) => start === 'boot/20'
  };
  ['here+1+boot%2F10', 'here+2+boot%2F20', 'there+1+boot%2F10'].forEach(name =>
    mkdirSync(join(parent, name, 'shards'), { recursive: true })
  );
  const own = await openOwnFolder(disk, processes, parent);
  expect(own).toBe(`${parent}/here+3+boot%2F30`);
  expect(readdirSync(parent).sort()).toEqual(['here+2+boot%2F20', 'here+3+boot%2F30', 'there+1+boot%2F10']);
});
