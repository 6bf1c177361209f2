import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assetsOperation } from '../../src/core/operation/assets';
import { branchOperation } from '../../src/core/operation/branch';
import { getOperation } from '../../src/core/operation/get';
import { mergeOperation } from '../../src/core/operation/merge';
import { restoreOperation } from '../../src/core/operation/restore';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { statusOperation } from '../../src/core/operation/status';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { undoOperation } from '../../src/core/operation/undo';
import { decodePointer } from '../../src/core/format/pointer';
import { asset, createSandbox, expectHealthy, openSandbox } from './fixture';
import type { Sandbox } from './fixture';

/** Two branches with other contents of `big.bin`, `data/x.bin` and `data/y.bin`; a small asset of a pointer's size too. */
async function twoBranches(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  const files = (name: string): Record<string, string> => ({
    'big.bin': asset(`big ${name}`),
    'data/x.bin': asset(`x ${name}`),
    'data/y.bin': asset(`y ${name}`),
    'small.bin': `${name} `.repeat(200).slice(0, 130),
    'notes.md': `${name}\n`
  });
  sandbox.write(files('main'));
  await sandbox.run(snapshotOperation, {});
  await sandbox.run(branchOperation, { action: 'create', name: 'other', switch: true });
  sandbox.write(files('other'));
  await sandbox.run(snapshotOperation, {});
  return sandbox;
}

const isPointer = (sandbox: Sandbox, path: string): boolean =>
  decodePointer(readFileSync(join(sandbox.root, path))) !== null;

describe('switch --only', () => {
  it('brings the assets that match, and pointers for the rest; says so, and remembers it', async () => {
    const sandbox = await twoBranches();
    const { notices } = await sandbox.run(switchOperation, { branch: 'main', only: ['data'] });
    expect(notices).toEqual([
      expect.stringMatching(/^2 assets \(.*\) were left out: `branchbook get big\.bin` brings one/)
    ]);
    expect(['big.bin', 'small.bin', 'data/x.bin', 'data/y.bin'].map(path => isPointer(sandbox, path))).toEqual([
      true,
      true,
      false,
      false
    ]);
    const status = await sandbox.run(statusOperation, {});
    expect(status).toMatchObject({ clean: true, only: ['data'] });
    expect(status.absent.map(({ path, stored }) => [path, stored])).toEqual([
      ['big.bin', true],
      ['small.bin', true]
    ]);
    const { assets } = await sandbox.run(assetsOperation, {});
    expect(assets.filter(({ standIn }) => standIn).map(({ path }) => path)).toEqual(['big.bin', 'small.bin']);
    expect(assets.every(({ here }) => here)).toBe(true);
    await expectHealthy(sandbox);
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(isPointer(sandbox, 'big.bin')).toBe(true);
    await expect(sandbox.run(snapshotOperation, {})).rejects.toMatchObject({ code: 'NOTHING_TO_SNAPSHOT' });
    await expectHealthy(sandbox);
  });

  it('takes assets away and brings them back without leaving the branch, and undo does too', async () => {
    const sandbox = await twoBranches();
    const before = sandbox.read();
    const gone = await sandbox.run(switchOperation, { branch: 'other', only: ['*.csv'] });
    expect(gone.changed).toEqual(['big.bin', 'data/x.bin', 'data/y.bin', 'small.bin']);
    await expectHealthy(sandbox);
    await sandbox.run(undoOperation, {});
    expect(sandbox.read()).toEqual(before);
    await sandbox.run(undoOperation, { redo: true });
    expect(isPointer(sandbox, 'data/x.bin')).toBe(true);
    await sandbox.run(switchOperation, { branch: 'other', all: true });
    expect(sandbox.read()).toEqual(before);
    expect(await sandbox.run(statusOperation, {})).toMatchObject({ clean: true, only: null, absent: [] });
    await expectHealthy(sandbox);
  });

  it('leaves edited assets and the choice alone when it is refused, and takes no edit away', async () => {
    const sandbox = await twoBranches();
    sandbox.write({ 'big.bin': asset('edited') });
    await expect(sandbox.run(switchOperation, { branch: 'main', only: ['data'] })).rejects.toMatchObject({
      code: 'WORK_TREE_DIRTY'
    });
    expect((await sandbox.run(statusOperation, {})).only).toBeNull();
    await sandbox.run(switchOperation, { branch: 'other', only: ['data'] });
    expect(sandbox.read()['big.bin']).toBe(asset('edited'));
    await expect(sandbox.run(switchOperation, { branch: 'other', only: ['../x'] })).rejects.toMatchObject({
      code: 'USAGE'
    });
    await expect(sandbox.run(switchOperation, { branch: 'other', only: ['x'], all: true })).rejects.toMatchObject({
      code: 'USAGE'
    });
  });

  it('holds for a merge, which works with contents that are left out', async () => {
    const sandbox = await twoBranches();
    await sandbox.run(switchOperation, { branch: 'main', only: ['data'] });
    const { notices } = await sandbox.run(mergeOperation, { branch: 'other' });
    expect(notices).toHaveLength(1);
    expect(isPointer(sandbox, 'big.bin')).toBe(true);
    expect(sandbox.read()['data/x.bin']).toBe(asset('x other'));
    await expectHealthy(sandbox);
  });
});

describe('an asset that was left out', () => {
  it('comes with get, in place, and undo takes it away again', async () => {
    const sandbox = await twoBranches();
    await sandbox.run(switchOperation, { branch: 'main', only: ['data'] });
    const { file, size } = await sandbox.run(getOperation, { address: 'big.bin' });
    expect(file).toBe(join(sandbox.root, 'big.bin'));
    expect(lstatSync(file).size).toBe(size);
    expect(sandbox.read()['big.bin']).toBe(asset('big main'));
    await sandbox.run(getOperation, { address: 'small.bin' });
    expect(sandbox.read()['small.bin']).toMatch(/^main main /);
    await expectHealthy(sandbox);
    await sandbox.run(undoOperation, {});
    expect(isPointer(sandbox, 'small.bin')).toBe(true);
    await expectHealthy(sandbox);
  });

  it('comes with restore of its folder', async () => {
    const sandbox = await twoBranches();
    await sandbox.run(switchOperation, { branch: 'main', only: ['notes.md'] });
    const { notices } = await sandbox.run(restoreOperation, { addresses: ['data'] });
    expect(notices).toEqual([]);
    expect(sandbox.read()).toMatchObject({ 'data/x.bin': asset('x main'), 'data/y.bin': asset('y main') });
    expect(await sandbox.run(statusOperation, {})).toMatchObject({ clean: true });
    await expectHealthy(sandbox);
  });

  it('may be replaced by the user, which is a change like any other', async () => {
    const sandbox = await twoBranches();
    await sandbox.run(switchOperation, { branch: 'main', only: ['data'] });
    sandbox.write({ 'big.bin': asset('mine') });
    expect((await sandbox.run(statusOperation, {})).changes).toMatchObject([{ path: 'big.bin', kind: 'modified' }]);
    await sandbox.run(snapshotOperation, {});
    await expectHealthy(sandbox);
  });
});

describe('an asset that is nowhere in this clone', () => {
  it('comes as its pointer with a notice that says how to get it', async () => {
    const { root } = await twoBranches();
    rmSync(join(root, '.git/branchbook/xorbs'), { recursive: true });
    rmSync(join(root, '.git/branchbook/shards'), { recursive: true });
    rmSync(join(root, '.git/branchbook/materialized'), { recursive: true, force: true });
    rmSync(join(root, '.git/lfs'), { recursive: true, force: true });
    const sandbox = await openSandbox(root);
    const { notices } = await sandbox.run(switchOperation, { branch: 'main' });
    expect(notices).toEqual([
      expect.stringMatching(
        /^4 assets \(.*\) are not in this clone \(big\.bin, .*When a remote has the content, `branchbook get/
      )
    ]);
    expect((await sandbox.run(statusOperation, {})).absent).toHaveLength(4);
    await expect(sandbox.run(getOperation, { address: 'big.bin' })).rejects.toMatchObject({ code: 'ASSET_MISSING' });
    writeFileSync(join(sandbox.root, 'big.bin'), asset('big main'));
    expect((await sandbox.run(statusOperation, {})).clean).toBe(true);
  });
});
