import { describe, expect, it } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { branchOperation } from '../../src/core/operation/branch';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { trackOperation } from '../../src/core/operation/track';
import type { IFileSystem } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { asset, createRepository, expectHealthy, openSandbox } from './fixture';
import type { Sandbox } from './fixture';

/** A file system that is full for the operation log: changes happen, and their journals stay. */
function withFullLog(): IFileSystem & { full: boolean } {
  const files = Object.assign(Object.create(disk) as IFileSystem, { full: false });
  const rename = async (from: string, to: string): Promise<void> => {
    if (files.full && to.includes('/operations/')) {
      throw new BranchbookError('DISK_FULL', 'No space is left.', { path: to });
    }
    await disk.rename(from, to);
  };
  return Object.assign(files, { rename });
}

const onMain = { 'a.txt': 'main', 'only-main.txt': 'm', 'data.bin': asset('main') };
const onOther = { 'a.txt': 'other', 'only-main.txt': null, 'data.bin': asset('other') };

/** On `other`, having switched there from main; the switch is published, its journal is still there. */
async function halfDone(): Promise<Sandbox> {
  const files = withFullLog();
  const sandbox = await openSandbox(createRepository(), files);
  sandbox.write(onMain);
  await sandbox.run(snapshotOperation, {});
  await sandbox.run(branchOperation, { action: 'create', name: 'other', switch: true });
  sandbox.write(onOther);
  await sandbox.run(snapshotOperation, {});
  sandbox.git('branch', 'third');
  await sandbox.run(switchOperation, { branch: 'main' });
  files.full = true;
  await sandbox.run(switchOperation, { branch: 'other' });
  files.full = false;
  return sandbox;
}

describe('a change that another program overtook before its journal was gone', () => {
  it('stays when plain git committed on top of it', async () => {
    const sandbox = await halfDone();
    sandbox.write({ 'new.txt': 'new' });
    sandbox.git('add', 'new.txt');
    sandbox.git('commit', '-qm', 'plain');
    const before = sandbox.read();
    await sandbox.run(trackOperation, { patterns: ['*.xyz'] });
    expect({ ...sandbox.read(), '.gitattributes': '' }).toEqual({ ...before, '.gitattributes': '' });
    sandbox.git('checkout', '-q', '.gitattributes');
    expect(sandbox.git('status', '--porcelain')).toBe('');
    await expectHealthy(sandbox);
  });

  it('leaves the files that the branch shares to which plain git switched', async () => {
    const sandbox = await halfDone();
    sandbox.git('checkout', '-q', 'third');
    const before = sandbox.read();
    await sandbox.run(trackOperation, { patterns: [] });
    await sandbox.run(branchOperation, { action: 'create', name: 'fourth' });
    expect(sandbox.read()).toEqual(before);
    await expectHealthy(sandbox);
  });
});
