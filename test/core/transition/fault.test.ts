import { beforeAll, describe, expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { snapshotOperation } from '../../../src/core/operation/snapshot';
import { switchOperation } from '../../../src/core/operation/switch-branch';
import { failAt } from '../../../src/node/fault/faulty-file-system';
import { asset, git, read, write } from '../../operation/fixture';
import type { Sandbox } from '../../operation/fixture';
import { disturb, everywhere, expectSound, full, recovered, template, useMemory } from './everywhere';

beforeAll(useMemory);

const errors = [
  new BranchbookError('DISK_FULL', 'the disk is full', { errno: 'ENOSPC' }),
  new BranchbookError('IO', 'input/output error', { errno: 'EIO' })
];

/** Let each change to the disk fail, once: with one error and the other in turn, in the full size with both. */
async function failEverywhere(
  root: string,
  work: (sandbox: Sandbox) => Promise<unknown>,
  check: (copy: string, error: BranchbookError | null, nth: number) => Promise<void>
): Promise<number> {
  let points = 0;
  for (const shift of full ? [0, 1] : [0]) {
    points += await everywhere(root, async (copy, nth) => {
      const { error, reached } = await disturb(copy, failAt(nth, errors[(nth + shift) % 2]!), work);
      await check(copy, error, nth);
      return reached ? 'reached' : 'over';
    });
  }
  return points;
}

describe('a full or failing disk', () => {
  it('at any point of a switch leaves the old branch untouched, or the new one complete', async () => {
    const root = await template();
    const stateOf = (copy: string) => ({ head: git(copy, 'symbolic-ref', 'HEAD'), files: read(copy) });
    const before = stateOf(root);
    let failures = 0;
    const points = await failEverywhere(
      root,
      sandbox => sandbox.run(switchOperation, { branch: 'other' }),
      async (copy, error, nth) => {
        if (error) {
          failures += 1;
          expect(stateOf(copy)).toEqual(before);
        } else {
          expect(git(copy, 'symbolic-ref', 'HEAD')).toBe('refs/heads/other\n');
        }
        await expectSound(await recovered(copy), nth, '');
      }
    );
    expect(points).toBeGreaterThan(40);
    expect(failures).toBeGreaterThan(20);
  }, 600_000);

  it('at any point of a snapshot leaves the branch where it was, or the version complete', async () => {
    const root = await template();
    write(root, { 'data/x.bin': asset('new'), 'b.txt': 'b', 'large.dat': 'x'.repeat(1024 * 1024 + 1) });
    const stateOf = (copy: string) => ({
      head: git(copy, 'rev-parse', 'HEAD'),
      files: read(copy),
      status: git(copy, 'status', '--porcelain')
    });
    const before = stateOf(root);
    let failures = 0;
    const points = await failEverywhere(
      root,
      sandbox => sandbox.run(snapshotOperation, { message: 'new' }),
      async (copy, error, nth) => {
        const sandbox = await recovered(copy);
        if (error) {
          failures += 1;
          expect(stateOf(copy)).toEqual(before);
          await sandbox.run(snapshotOperation, { message: 'again' });
        }
        expect(git(copy, 'rev-parse', 'HEAD~1')).toBe(before.head);
        await expectSound(sandbox, nth, '');
      }
    );
    expect(points).toBeGreaterThan(20);
    expect(failures).toBeGreaterThan(15);
  }, 600_000);
});
