import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { snapshotOperation } from '../../../src/core/operation/snapshot';
import { switchOperation } from '../../../src/core/operation/switch-branch';
import { dieAt } from '../../../src/node/fault/faulty-file-system';
import { asset, git, read, write } from '../../operation/fixture';
import type { Files, Sandbox } from '../../operation/fixture';
import { bundle } from '../../support/store-worker';
import { disturb, everywhere, expectSound, isSampled, recovered, second, template, useMemory } from './everywhere';

let child: string;
beforeAll(async () => {
  useMemory();
  child = await bundle('test/core/transition/crash-child.ts');
});

const verbs = {
  switch: { args: { branch: 'other' }, run: (sandbox: Sandbox) => sandbox.run(switchOperation, { branch: 'other' }) },
  snapshot: { args: { message: 'new' }, run: (sandbox: Sandbox) => sandbox.run(snapshotOperation, { message: 'new' }) }
};

/** A process of its own, killed with signal 9. */
function killProcess(copy: string, verb: keyof typeof verbs, nth: number): 'reached' | 'over' {
  const args = [child, copy, String(nth), verb, JSON.stringify(verbs[verb].args)];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  expect([result.status, result.signal]).toEqual(result.status === 0 ? [0, null] : [null, 'SIGKILL']);
  return result.status === 0 ? 'over' : 'reached';
}

/** The same for the disk: from the nth change on, nothing that this process tries reaches it. */
async function die(copy: string, verb: keyof typeof verbs, nth: number): Promise<'reached' | 'over'> {
  const dead = new BranchbookError('IO', 'the process is dead', { errno: 'EIO' });
  return (await disturb(copy, dieAt(nth, dead), verbs[verb].run)).reached ? 'reached' : 'over';
}

/** Stop the verb before every one of its changes to the disk; `check` what the next start makes of it. */
function killEverywhere(
  root: string,
  verb: keyof typeof verbs,
  check: (copy: string, nth: number) => Promise<void>
): Promise<number> {
  return everywhere(root, async (copy, nth) => {
    const outcome = isSampled(nth) ? killProcess(copy, verb, nth) : await die(copy, verb, nth);
    await check(copy, nth);
    return outcome;
  });
}

describe('kill -9', () => {
  it('at any point of a switch leaves either branch, exactly, at the next start', async () => {
    const root = await template();
    const before = read(root);
    const after = { '.gitattributes': before['.gitattributes'], ...present(second) };
    const seen = { before: 0, after: 0 };
    const points = await killEverywhere(root, 'switch', async (copy, nth) => {
      const sandbox = await recovered(copy);
      const head = git(copy, 'symbolic-ref', '--short', 'HEAD').trim() === 'other' ? 'after' : 'before';
      seen[head] += 1;
      expect(read(copy)).toEqual(head === 'after' ? after : before);
      await expectSound(sandbox, nth, '');
      const again = await recovered(copy);
      expect(again.read()).toEqual(head === 'after' ? after : before);
    });
    expect(points).toBeGreaterThan(40);
    expect(seen.before).toBeGreaterThan(5);
    expect(seen.after).toBeGreaterThan(5);
  }, 600_000);

  it('at any point of a snapshot leaves the files alone and the version whole or absent', async () => {
    const root = await template();
    const changed: Files = { 'data/x.bin': asset('new'), 'b.txt': 'b', 'large.dat': 'x'.repeat(1024 * 1024 + 1) };
    write(root, changed);
    const before = git(root, 'rev-parse', 'HEAD');
    const points = await killEverywhere(root, 'snapshot', async (copy, nth) => {
      const sandbox = await recovered(copy);
      expect(read(copy)).toMatchObject(changed);
      if (git(copy, 'rev-parse', 'HEAD') === before) {
        await sandbox.run(snapshotOperation, { message: 'again' });
      }
      expect(git(copy, 'rev-parse', 'HEAD~1')).toBe(before);
      await expectSound(sandbox, nth, '');
    });
    expect(points).toBeGreaterThan(20);
  }, 600_000);

  it('never overwrites what the user wrote between the crash and the next start', async () => {
    const root = await template();
    const points = await killEverywhere(root, 'switch', async (copy, nth) => {
      write(copy, { 'a.ipynb': 'edited after the crash' });
      const sandbox = await recovered(copy);
      expect(read(copy)['a.ipynb']).toBe('edited after the crash');
      await expectSound(sandbox, nth, ' M a.ipynb\n');
    });
    expect(points).toBeGreaterThan(40);
  }, 600_000);
});

function present(files: Files): Files {
  return Object.fromEntries(Object.entries(files).filter(([, content]) => content !== null));
}
