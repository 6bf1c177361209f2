import { lstatSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { trackOperation } from '../../src/core/operation/track';
import { createSandbox } from './fixture';

const large = { 'large.dat': 'x'.repeat(1024 * 1024 + 1) };

describe('a .gitattributes that cannot be edited', () => {
  it('is refused when it is a link, which a rule for a large file must not replace', async () => {
    const sandbox = await createSandbox();
    const file = join(sandbox.root, '.gitattributes');
    renameSync(file, join(sandbox.root, 'attributes'));
    symlinkSync('attributes', file);
    sandbox.write(large);
    await expect(sandbox.run(snapshotOperation, {})).rejects.toMatchObject({
      code: 'PATH_UNSAFE',
      data: { path: '.gitattributes' }
    });
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(sandbox.git('for-each-ref')).toBe('');
  });

  it('is refused when it is not UTF-8, which writing it back would garble', async () => {
    const sandbox = await createSandbox();
    const file = join(sandbox.root, '.gitattributes');
    const latin1 = Buffer.from('caf\xe9.bin filter=lfs\n', 'latin1');
    writeFileSync(file, latin1);
    await expect(sandbox.run(trackOperation, { patterns: ['*.dat'] })).rejects.toMatchObject({
      code: 'FORMAT_INVALID'
    });
    sandbox.write(large);
    await expect(sandbox.run(snapshotOperation, {})).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
    expect(readFileSync(file)).toEqual(latin1);
  });
});
