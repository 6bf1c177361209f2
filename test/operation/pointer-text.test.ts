import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { asset, createSandbox, expectHealthy, git, openSandbox } from './fixture';
import { temporaryDirectory } from '../support/temporary-directory';

describe('a pointer in place of content that is not here', () => {
  it('stays that pointer when its file is moved and snapshotted', async () => {
    const origin = await createSandbox();
    origin.write({ 'data.bin': asset('content') });
    await origin.run(snapshotOperation, {});
    const pointer = origin.git('show', 'HEAD:data.bin');
    const root = join(temporaryDirectory(), 'clone');
    git(origin.root, 'clone', '-q', '--config=filter.lfs.smudge=cat', origin.root, root);
    const clone = await openSandbox(root);
    clone.git('config', 'user.name', 'Ada');
    clone.git('config', 'user.email', 'ada@example.org');
    expect(clone.read()['data.bin']).toBe(pointer);
    clone.write({ 'moved.bin': pointer });
    rmSync(join(root, 'data.bin'));
    const { assets } = await clone.run(snapshotOperation, {});
    expect(assets).toEqual([]);
    expect(clone.git('show', 'HEAD:moved.bin')).toBe(pointer);
    clone.git('update-index', '-q', '--really-refresh');
    await expectHealthy(clone);
  });
});
