/** `diff`: which files differ, on any two sides; and what changed in a table. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiffArgs, TableDiff } from '../../src/core/model/diff';
import { temporaryDirectory } from '../support/temporary-directory';
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

describe('a table', () => {
  const csv = (rows: readonly string[]): string => `id,name,score\n${rows.join('\n')}\n`;
  const before = csv(['1,ann,1.5', '2,bob,2.5', '3,<b>cy</b>,3.5']);
  const after = csv(['1,ann,1.5', '2,bob,9.5', '4,=1+1,4.5']);

  async function tables(): Promise<Verbal> {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'data/t.csv': before }, 'first');
    await verbs.run('branch', { action: 'create', name: 'other', switch: true });
    await verbs.snapshot({ 'data/t.csv': after }, 'second');
    return verbs;
  }

  async function tableDiff(verbs: Verbal, args: DiffArgs): Promise<TableDiff> {
    const { files } = await verbs.run('diff', args);
    const content = files[0]?.content;
    if (files.length !== 1 || content?.kind !== 'table') {
      throw new Error(`no table: ${JSON.stringify(files)}`);
    }
    return content;
  }

  it('tells rows and cells between branches, and since a snapshot', async () => {
    const verbs = await tables();
    const diff = await tableDiff(verbs, { from: 'main', to: 'other', path: 'data/t.csv' });
    expect(diff.counts).toEqual({ from: 3, to: 3, added: 1, removed: 1, changed: 1, unchanged: 1 });
    expect(diff.key).toEqual({ columns: ['id'], source: 'found' });
    expect(diff.rows.map(({ kind, from, to }) => [kind, from ?? to])).toEqual([
      ['changed', [2, 'bob', 2.5]],
      ['removed', [3, '<b>cy</b>', 3.5]],
      ['added', [4, '=1+1', 4.5]]
    ]);
    verbs.write({ 'data/t.csv': before });
    expect((await tableDiff(verbs, { path: 'data/t.csv' })).counts).toMatchObject({ added: 1, removed: 1, changed: 1 });
    verbs.write({ 'data/t.csv': csv(['1,ann,1.5']) });
    expect((await tableDiff(verbs, { path: 'data/t.csv' })).counts).toMatchObject({ added: 0, removed: 2, changed: 0 });
  });

  it('pages without comparing again, and gives drift when it is asked for', async () => {
    const verbs = await tables();
    const args = { from: 'main', to: 'other', path: 'data/t.csv' };
    const [first, second] = [
      await tableDiff(verbs, { ...args, rows: { offset: 0, limit: 1 } }),
      await tableDiff(verbs, { ...args, rows: { offset: 1, limit: 5 } })
    ];
    expect([...first.rows, ...second.rows]).toEqual((await tableDiff(verbs, args)).rows);
    expect({ ...second, rows: [] }).toEqual({ ...first, rows: [] });
    expect(first.drift).toBeUndefined();
    expect((await tableDiff(verbs, { ...args, drift: true })).drift?.map(({ column }) => column)).toEqual([
      'id',
      'name',
      'score'
    ]);
  });

  it('takes the key that the schema file declares, the one that is named, or none', async () => {
    const verbs = await tables();
    verbs.write({ 'schemas/data/t.csv.json': '{"format": "branchbook-schema/1", "key": ["name"]}' });
    const args = { from: 'main', path: 'data/t.csv' };
    expect((await tableDiff(verbs, args)).key).toEqual({ columns: ['name'], source: 'declared' });
    expect((await tableDiff(verbs, { ...args, key: ['id', 'name'] })).key?.source).toBe('named');
    const bag = await tableDiff(verbs, { ...args, key: [] });
    expect(bag.key).toBeNull();
    expect(bag.counts).toMatchObject({ added: 2, removed: 2, changed: 0, unchanged: 1 });
    expect(await verbs.fail('diff', { ...args, key: ['nope'] })).toMatchObject({ code: 'USAGE' });
  });

  it('exports all changed rows in one step', async () => {
    const verbs = await tables();
    const file = join(temporaryDirectory(), 'changed.csv');
    const args = { from: 'main', to: 'other', path: 'data/t.csv' };
    await verbs.run('diff', { ...args, export: file, rows: { offset: 0, limit: 1 } });
    expect(readFileSync(file, 'utf8')).toBe(
      '_change,id,name (old),name (new),score (old),score (new)\n' +
        'changed,2,bob,bob,2.5,9.5\nremoved,3,<b>cy</b>,,3.5,\nadded,4,,=1+1,,4.5\n'
    );
    expect(readdirSync(dirname(file))).toEqual(['changed.csv']);
    await verbs.run('diff', { ...args, export: file.replace('csv', 'parquet') });
    expect(readFileSync(file.replace('csv', 'parquet')).subarray(0, 4).toString()).toBe('PAR1');
    expect(await verbs.fail('diff', { ...args, export: '/tmp/x.doc' })).toMatchObject({ code: 'USAGE' });
    expect(await verbs.fail('diff', { ...args, export: join(dirname(file), 'none', 'x.csv') })).toMatchObject({
      code: 'PATH_UNKNOWN'
    });
  });

  it('that is damaged is told to be, with the reason', async () => {
    const verbs = await tables();
    await verbs.snapshot({ 'data/p.parquet': 'PAR1 but no more', 'data/z.csv': 'a,b\n1,2\n' }, 'broken');
    await verbs.snapshot({ 'data/p.parquet': 'PAR1 and less', 'data/z.csv': '' }, 'broken again');
    const { files } = await verbs.run('diff', { from: 'other~1', to: 'other', path: 'data/p.parquet' });
    expect(files[0]?.content).toMatchObject({ kind: 'opaque' });
    const empty = await tableDiff(verbs, { from: 'other~1', to: 'other', path: 'data/z.csv' });
    expect(empty.counts).toMatchObject({ from: 1, to: 0, removed: 1 });
  });
});
