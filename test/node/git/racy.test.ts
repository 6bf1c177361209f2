/** A file changed right after it was recorded, keeping its size and, as on a coarse clock, its time. */
import { lstatSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import type { IGit } from '../../../src/core/port';
import { nextSecond, Sandbox } from './sandbox';

let box: Sandbox;
beforeEach(() => {
  box = new Sandbox();
  // With it, the inode change time would give changes away, as it does wherever clocks are fine enough.
  box.git('config', 'core.trustctime', 'false');
  box.write('other', 'other');
  box.commit('base');
});
afterEach(() => box.dispose());

async function record(git: IGit, path: string, text: string): Promise<void> {
  const oid = await git.writeBlob(Buffer.from(text));
  const transaction = await git.begin();
  transaction.set({ path, mode: '100644', oid }, await disk.lstat(join(box.root, path)));
  await transaction.commit({ reflog: 'test' });
}

function rewrite(path: string, text: string): void {
  const { atime, mtime } = lstatSync(join(box.root, path));
  box.write(path, text);
  utimesSync(join(box.root, path), atime, mtime);
}

async function expectModified(git: IGit, path: string): Promise<void> {
  const { changes } = await git.scan(box.clean());
  expect(changes.map(change => change.path)).toContain(path);
  expect(box.git('diff-files', '--name-only').split('\n')).toContain(path);
}

describe('a racy index entry', () => {
  it.each([
    ['of ours', (git: IGit) => record(git, 'c', 'one')],
    ['of plain git', async () => void box.git('add', 'c')]
  ])('%s hides no change, not even after later writes of the index', async (_, add) => {
    const git = await box.open();
    await nextSecond();
    box.write('c', 'one');
    // Whole seconds, so that setting them again leaves no trace.
    utimesSync(join(box.root, 'c'), new Date(), Math.floor(Date.now() / 1000));
    await add(git);
    rewrite('c', 'two');
    await expectModified(git, 'c');
    await nextSecond();
    await record(git, 'other', 'other');
    await expectModified(git, 'c');
  });

  it('is not made by looking at a file that was only just written', async () => {
    const git = await box.open();
    await nextSecond();
    box.write('c', 'one');
    utimesSync(join(box.root, 'c'), new Date(), Math.floor(Date.now() / 1000));
    await record(git, 'c', 'one');
    const look = git.scan(async path => {
      const oid = await box.clean()(path, null!, false, null!);
      rewrite('c', 'two');
      await nextSecond();
      return oid;
    });
    await look;
    await expectModified(git, 'c');
  });
});
