import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { readOperations } from '../../src/core/oplog/operation-log';
import { asset, createSandbox, expectHealthy, git } from './fixture';
import type { Sandbox } from './fixture';

/** `main` and `other`, which differ in a script; both were here, HEAD is on `main`. */
async function visited(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  sandbox.write({ 'run.sh': '!one', 'same.txt': 's', 'data.bin': asset('d') });
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.git('branch', 'other');
  await sandbox.run(switchOperation, { branch: 'other' });
  sandbox.write({ 'run.sh': 'two', 'new.txt': 'new' });
  await sandbox.run(snapshotOperation, { message: 'second' });
  await sandbox.run(switchOperation, { branch: 'main' });
  return sandbox;
}

describe('small files of another branch', () => {
  it('wait and come back themselves, with a new time and the mode of that branch', async () => {
    const sandbox = await visited();
    const path = `${sandbox.root}/run.sh`;
    const before = lstatSync(path);
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ 'run.sh': 'two', 'new.txt': 'new' });
    await sandbox.run(switchOperation, { branch: 'main' });
    const after = lstatSync(path);
    expect(after.ino).toBe(before.ino);
    expect(after.mtimeMs).toBeGreaterThan(before.mtimeMs);
    expect(sandbox.read()).toMatchObject({ 'run.sh': '!one', 'same.txt': 's' });
    await expectHealthy(sandbox);
  });

  it('are written anew when they were deleted', async () => {
    const sandbox = await visited();
    rmSync(`${sandbox.project.home}/parked`, { recursive: true });
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ 'run.sh': 'two', 'new.txt': 'new' });
    await expectHealthy(sandbox);
  });

  it('are written anew when somebody wrote to them, and what was written is kept', async () => {
    const sandbox = await visited();
    const { home } = sandbox.project;
    const place = `${home}/parked/${git(sandbox.root, 'rev-parse', 'other:run.sh').trim()}`;
    writeFileSync(place, 'unsaved work');
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ 'run.sh': 'two' });
    const rescued = readdirSync(`${home}/rescued`).map(name => readFileSync(`${home}/rescued/${name}`, 'utf8'));
    expect(rescued).toEqual(['unsaved work']);
    await expectHealthy(sandbox);
  });

  it('serve one path only, however many have that content', async () => {
    const sandbox = await visited();
    await sandbox.run(switchOperation, { branch: 'other' });
    sandbox.write({ 'copy.sh': 'two', 'copy/2.sh': '!two' });
    await sandbox.run(snapshotOperation, { message: 'copies' });
    await sandbox.run(switchOperation, { branch: 'main' });
    expect(existsSync(`${sandbox.root}/copy`)).toBe(false);
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()).toMatchObject({ 'run.sh': 'two', 'copy.sh': 'two', 'copy/2.sh': '!two' });
    await expectHealthy(sandbox);
  });
});

describe('a switch to where we are', () => {
  it('does nothing, and there is nothing to undo', async () => {
    const sandbox = await visited();
    sandbox.write({ 'same.txt': 'changed' });
    const logged = (await readOperations(sandbox.project)).length;
    const reflog = git(sandbox.root, 'reflog');
    const result = await sandbox.run(switchOperation, { branch: 'main' });
    expect(result).toMatchObject({ from: 'main', to: 'main', changed: [], carried: ['same.txt'] });
    expect(await readOperations(sandbox.project)).toHaveLength(logged);
    expect(git(sandbox.root, 'reflog')).toBe(reflog);
  });

  it('still discards what it is told to', async () => {
    const sandbox = await visited();
    sandbox.write({ 'same.txt': 'changed' });
    const result = await sandbox.run(switchOperation, { branch: 'main', changes: 'discard' });
    expect(result.changed).toEqual(['same.txt']);
    expect(sandbox.read()).toMatchObject({ 'same.txt': 's' });
  });
});
