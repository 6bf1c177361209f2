import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { branchOperation } from '../../src/core/operation/branch';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import { createSandbox, expectHealthy } from './fixture';

describe('a file system whose executable bits mean nothing (core.fileMode=false)', () => {
  it('switches between scripts whatever bits they show', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'run.sh': '!one' });
    await sandbox.run(snapshotOperation, {});
    await sandbox.run(branchOperation, { action: 'create', name: 'other', switch: true });
    sandbox.write({ 'run.sh': '!two' });
    await sandbox.run(snapshotOperation, {});
    sandbox.git('config', 'core.fileMode', 'false');
    chmodSync(join(sandbox.root, 'run.sh'), 0o644);
    await sandbox.run(switchOperation, { branch: 'main' });
    expect(sandbox.read()['run.sh']).toMatch(/one$/);
    await expectHealthy(sandbox);
  });

  it('snapshots files with the mode that git knows, new ones without', async () => {
    const sandbox = await createSandbox();
    sandbox.write({ 'run.sh': '!one', 'a.txt': 'a' });
    await sandbox.run(snapshotOperation, {});
    sandbox.git('config', 'core.fileMode', 'false');
    sandbox.write({ 'run.sh': 'two', 'a.txt': '!b', 'new.txt': '!new' });
    await sandbox.run(snapshotOperation, {});
    const modes = sandbox.git('ls-tree', '--format=%(objectmode) %(path)', 'HEAD').trim().split('\n');
    expect(modes).toEqual(['100644 .gitattributes', '100644 a.txt', '100644 new.txt', '100755 run.sh']);
    await expectHealthy(sandbox);
  });
});
