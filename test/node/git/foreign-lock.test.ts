/** A lock that a process on another machine left: it cannot be asked, so the user is told what to do. */
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sandbox } from './sandbox';

let box: Sandbox;
beforeEach(() => {
  box = new Sandbox();
  box.write('file', 'x');
  box.commit('start');
});
afterEach(() => box.dispose());

it('names the machine and the file to delete, and is never broken', async () => {
  const claims = join(box.root, '.git/branchbook/locks');
  const lock = join(box.root, '.git/index.lock');
  mkdirSync(claims, { recursive: true });
  writeFileSync(join(claims, 'node-7+4242+boot.1+1-abc'), '');
  linkSync(join(claims, 'node-7+4242+boot.1+1-abc'), lock);
  const git = await box.open();
  await expect(git.begin()).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining('Branchbook on node-7 (process 4242)'),
    hint: expect.stringContaining(`delete ${lock}`),
    data: { host: 'node-7', heldBy: 4242 }
  });
  expect(existsSync(lock)).toBe(true);
  rmSync(lock);
  await (await git.begin()).rollback();
});
