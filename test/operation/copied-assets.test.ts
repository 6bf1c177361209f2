import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { getOperation } from '../../src/core/operation/get';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { materializedPath, recordSignature } from '../../src/core/transition/verified-file';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { disk } from '../../src/node/fs/disk';
import { asset, createSandbox, expectHealthy, openSandbox } from './fixture';
import type { Sandbox } from './fixture';

const content = asset('q', 200_000);

/** `main` is empty but for a note, `other` has one asset under three names; HEAD is on `main`. */
async function scene(): Promise<Sandbox & { readonly copied: string[]; readonly kept: string }> {
  const sandbox = await createSandbox();
  sandbox.write({ 'note.txt': 'n' });
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.git('branch', 'other');
  await sandbox.run(switchOperation, { branch: 'other' });
  sandbox.write({ 'a.bin': content, 'b.bin': content, 'c/d.bin': content });
  await sandbox.run(snapshotOperation, { message: 'second' });
  const [, sha256] = /oid sha256:(\w+)/.exec(sandbox.git('show', 'other:a.bin'))!;
  await sandbox.run(switchOperation, { branch: 'main' });
  const copied: string[] = [];
  const files = createFaultyFileSystem(disk, ({ name, path }) => {
    if (name === 'copyFile') {
      copied.push(path);
    }
  });
  const again = await openSandbox(sandbox.root, files);
  return { ...again, copied, kept: materializedPath(again.project, sha256!) };
}

describe('an asset that stands in a file already', () => {
  it('is written once and copied, by a switch that wants it at several paths', async () => {
    const sandbox = await scene();
    rmSync(sandbox.kept);
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ 'a.bin': content, 'b.bin': content, 'c/d.bin': content });
    expect(sandbox.copied).toHaveLength(2);
    await expectHealthy(sandbox);
  });

  it('is copied by get while it is known to be unchanged', async () => {
    const sandbox = await scene();
    utimesSync(sandbox.kept, 1, 1);
    await recordSignature(sandbox.project, sandbox.kept, (await disk.lstat(sandbox.kept))!);
    const first = await sandbox.run(getOperation, { address: 'a.bin@other', output: `${sandbox.root}/first` });
    expect(readFileSync(first.file, 'utf8')).toBe(content);
    expect(sandbox.copied).toEqual([sandbox.kept]);
    // Not the file that was put aside, though it says so.
    writeFileSync(`${sandbox.root}/wrong`, content.replace('q', 'r'));
    renameSync(`${sandbox.root}/wrong`, sandbox.kept);
    const second = await sandbox.run(getOperation, { address: 'a.bin@other', output: `${sandbox.root}/second` });
    expect(readFileSync(second.file, 'utf8')).toBe(content);
    expect(sandbox.copied).toHaveLength(1);
  });
});
