/** `diff`: which files differ, on any two sides. */
import { describe, expect, it } from 'vitest';
import { asset } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

async function project(): Promise<Verbal> {
  const verbs = await openVerbs();
  await verbs.snapshot({ 'd.bin': asset('one'), 'a.txt': 'a\n', 'gone.txt': 'x\n' }, 'first');
  await verbs.run('branch', { action: 'create', name: 'other', switch: true });
  await verbs.snapshot({ 'd.bin': asset('two', 9000), 'gone.txt': null, 'n/n.txt': 'n\n' }, 'second');
  return verbs;
}

describe('the files that differ', () => {
  it('between two branches, with kind and sizes', async () => {
    const verbs = await project();
    const result = await verbs.run('diff', { from: 'main', to: 'other' });
    expect(result.from.name).toBe('main');
    expect(result.from.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(result.files).toEqual([
      { path: 'd.bin', change: 'modified', asset: true, sizes: [5000, 9000] },
      { path: 'gone.txt', change: 'removed', asset: false, sizes: [2, null] },
      { path: 'n/n.txt', change: 'added', asset: false, sizes: [null, 2] }
    ]);
    expect((await verbs.run('diff', { from: 'main', to: 'other', path: 'n' })).files).toHaveLength(1);
  });

  it('between a snapshot and the work tree, unsnapshotted files too', async () => {
    const verbs = await project();
    expect((await verbs.run('diff', {})).files).toEqual([]);
    verbs.write({ 'a.txt': 'changed\n', 'new.txt': 'new\n', 'd.bin': asset('one') });
    const result = await verbs.run('diff', {});
    expect(result.to).toEqual({ name: 'work tree', commit: null });
    expect(result.files).toEqual([
      { path: 'a.txt', change: 'modified', asset: false, sizes: [2, 8] },
      { path: 'd.bin', change: 'modified', asset: true, sizes: [9000, 5000] },
      { path: 'new.txt', change: 'added', asset: false, sizes: [null, 4] }
    ]);
    // d.bin is again as main has it.
    const paths = (await verbs.run('diff', { from: 'main' })).files.map(({ path }) => path);
    expect(paths).toEqual(['a.txt', 'gone.txt', 'n/n.txt', 'new.txt']);
    expect((await verbs.run('diff', { from: 'main', path: 'd.bin' })).files).toMatchObject([{ change: 'same' }]);
  });
});

describe('one file', () => {
  it('is named by a path, by an address, or by two', async () => {
    const verbs = await project();
    const expected = { path: 'd.bin', change: 'modified', sizes: [5000, 9000] };
    for (const args of [
      { from: 'main', to: 'other', path: 'd.bin' },
      { from: 'd.bin@main', to: 'other' },
      { from: 'd.bin@main', to: 'd.bin@other' },
      { from: 'd.bin@main' },
      { from: 'main', to: 'd.bin' }
    ]) {
      expect((await verbs.run('diff', args)).files).toMatchObject([expected]);
    }
    expect((await verbs.run('diff', { from: 'd.bin' })).files).toMatchObject([{ change: 'same' }]);
    expect((await verbs.run('diff', { from: 'a.txt@main', to: 'n/n.txt@other' })).files).toMatchObject([
      { path: 'n/n.txt', fromPath: 'a.txt', change: 'modified' }
    ]);
  });

  it('fails for what is not there', async () => {
    const verbs = await project();
    expect(await verbs.fail('diff', { from: 'nobody' })).toMatchObject({ code: 'REVISION_UNKNOWN' });
    expect(await verbs.fail('diff', { from: 'main', path: 'nothing' })).toMatchObject({ code: 'PATH_UNKNOWN' });
    expect(await verbs.fail('diff', { from: 'main', path: '../x' })).toMatchObject({ code: 'PATH_UNSAFE' });
  });
});
