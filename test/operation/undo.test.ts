import { describe, expect, it } from 'vitest';
import { restoreOperation } from '../../src/core/operation/restore';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { undoOperation } from '../../src/core/operation/undo';
import { asset, createSandbox, expectHealthy } from './fixture';

describe('undo', () => {
  it('has nothing to undo in a new project', async () => {
    const sandbox = await createSandbox();
    await expect(sandbox.run(undoOperation, {})).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });
  });

  it('takes back a snapshot and keeps the files; redo makes it again', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.bin': asset('1'), 'b.txt': 'b' });
    const first = await sandbox.run(snapshotOperation, {});
    sandbox.write({ 'a.bin': asset('2'), 'b.txt': null, c: 'c' });
    const second = await sandbox.run(snapshotOperation, {});
    const disk = sandbox.read();
    await sandbox.run(undoOperation, {});
    expect(sandbox.git('rev-parse', 'HEAD')).toBe(`${first.snapshot.id}\n`);
    expect(sandbox.read()).toEqual(disk);
    expect(sandbox.git('status', '--porcelain')).toBe(' M a.bin\n D b.txt\n?? c\n');
    await expectHealthy(sandbox);
    const { undone, redone } = await sandbox.run(undoOperation, { redo: true });
    expect(undone).toBeNull();
    expect(redone).toMatchObject({ id: '00000002', verb: 'snapshot', undone: false });
    expect(sandbox.git('rev-parse', 'HEAD')).toBe(`${second.snapshot.id}\n`);
    expect(sandbox.git('status', '--porcelain')).toBe('');
    await expectHealthy(sandbox);
  });

  it('takes back the very first snapshot', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ a: 'a' });
    await sandbox.run(snapshotOperation, {});
    await sandbox.run(undoOperation, {});
    expect(sandbox.git('status', '--porcelain')).toBe('?? .gitattributes\n?? a\n');
    await expect(sandbox.run(undoOperation, {})).rejects.toMatchObject({
      code: 'NOTHING_TO_UNDO',
      message: 'Every operation of this project is undone already.'
    });
    await sandbox.run(undoOperation, { redo: true });
    expect(sandbox.git('status', '--porcelain')).toBe('');
  });

  it('takes back a switch', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.bin': asset('1') });
    await sandbox.run(snapshotOperation, {});
    sandbox.git('branch', 'other');
    sandbox.write({ 'a.bin': asset('2') });
    await sandbox.run(snapshotOperation, {});
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(sandbox.read()['a.bin']).toBe(asset('1'));
    const result = await sandbox.run(undoOperation, {});
    expect(result).toMatchObject({
      undone: { description: 'switch main → other', verb: 'switch', undone: true },
      changed: ['a.bin']
    });
    expect(sandbox.read()['a.bin']).toBe(asset('2'));
    expect(sandbox.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main\n');
    await expectHealthy(sandbox);
  });

  it('brings back what a restore overwrote, and does it again', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'a.bin': asset('1'), 'b.txt': 'old' });
    await sandbox.run(snapshotOperation, {});
    sandbox.write({ 'a.bin': asset('2'), 'b.txt': 'new', 'c.txt': 'c' });
    await sandbox.run(snapshotOperation, {});
    sandbox.write({ 'b.txt': 'unsaved' });
    const before = sandbox.read();
    await sandbox.run(restoreOperation, { addresses: ['@HEAD~1'] });
    const restored = sandbox.read();
    expect(restored).toMatchObject({ 'a.bin': asset('1'), 'b.txt': 'old' });
    expect(restored['c.txt']).toBeUndefined();
    await sandbox.run(undoOperation, {});
    expect(sandbox.read()).toEqual(before);
    await expectHealthy(sandbox);
    await sandbox.run(undoOperation, { redo: true });
    expect(sandbox.read()).toEqual(restored);
    await expectHealthy(sandbox);
  });

  it('refuses when plain git moved the branch since', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ a: 'a' });
    await sandbox.run(snapshotOperation, {});
    sandbox.write({ a: 'A' });
    sandbox.git('commit', '-qam', 'outside');
    const head = sandbox.git('rev-parse', 'HEAD');
    await expect(sandbox.run(undoOperation, {})).rejects.toMatchObject({ code: 'UNDO_REFUSED' });
    expect(sandbox.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('refuses when it would overwrite unsnapshotted work', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ a: 'a' });
    await sandbox.run(snapshotOperation, {});
    sandbox.git('branch', 'other');
    sandbox.write({ a: 'A' });
    await sandbox.run(snapshotOperation, {});
    await sandbox.run(switchOperation, { branch: 'other' });
    sandbox.write({ a: 'unsaved' });
    await expect(sandbox.run(undoOperation, {})).rejects.toMatchObject({ code: 'UNDO_REFUSED' });
    expect(sandbox.read()['a']).toBe('unsaved');
    expect(sandbox.git('symbolic-ref', 'HEAD')).toBe('refs/heads/other\n');
  });

  it('lists operations without undoing any', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ a: 'a' });
    await sandbox.run(snapshotOperation, { message: 'one' });
    const { operations, undone } = await sandbox.run(undoOperation, { list: true });
    expect(undone).toBeNull();
    expect(operations).toMatchObject([{ verb: 'snapshot', description: 'snapshot "one" on main', undone: false }]);
  });
});
