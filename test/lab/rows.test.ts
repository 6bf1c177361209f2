import { describe, expect, it } from 'vitest';
import type { AssetInfo, AssetVersion } from '../../src/core/model/result';
import type { SnapshotInfo } from '../../src/core/model/snapshot';
import { filterAssets, heights, sortAssets, treeRows, trendOf, type VersionsState } from '../../src/lab/panel/rows';

const person = { name: 'Ada Lovelace', email: 'ada@example.org' };

function snapshot(id: string, time: string, notebook?: string): SnapshotInfo {
  const provenance = notebook === undefined ? {} : { notebook };
  return { id, subject: 'Clean', message: 'Clean', author: person, time, provenance };
}

function asset(path: string, size = 1, time: string | null = '2026-11-01T10:00:00+00:00'): AssetInfo {
  return {
    path,
    kind: 'dataset',
    size,
    last: time === null ? null : snapshot('a', time),
    change: null,
    here: true,
    standIn: false
  };
}

function version(path: string, id: string, notebook?: string): AssetVersion {
  const info = snapshot(id, '2026-11-01T10:00:00+00:00', notebook);
  return { ...info, path, address: `${path}@${id}`, sha256: null, size: 1, facts: null, current: false };
}

const paths = (assets: readonly AssetInfo[]): readonly string[] => assets.map(({ path }) => path);

describe('the assets shown', () => {
  const assets = [
    asset('data/b.csv', 5, '2026-11-02T23:00:00-05:00'),
    asset('models/A.pkl', 9, '2026-11-03T03:00:00+00:00'),
    asset('data/a.csv', 5, null)
  ];

  it('match every word of the filter, in any case', () => {
    expect(paths(filterAssets(assets, ' DATA .csv '))).toEqual(['data/b.csv', 'data/a.csv']);
    expect(paths(filterAssets(assets, 'models csv'))).toEqual([]);
    expect(filterAssets(assets, '  ')).toBe(assets);
  });

  it('take the filter literally', () => {
    expect(paths(filterAssets([asset('a+b (1).csv')], '+b (1)'))).toEqual(['a+b (1).csv']);
    expect(paths(filterAssets([asset('aab.csv')], 'a+b'))).toEqual([]);
  });

  it('stand in the order asked for; time counts, not its spelling', () => {
    expect(paths(sortAssets(assets, 'name'))).toEqual(['data/a.csv', 'data/b.csv', 'models/A.pkl']);
    // Never snapshotted first; then 23:00 of the 2nd at -05:00, which is later than 03:00Z of the 3rd.
    expect(paths(sortAssets(assets, 'recent'))).toEqual(['data/a.csv', 'data/b.csv', 'models/A.pkl']);
    expect(paths(sortAssets(assets, 'size'))).toEqual(['models/A.pkl', 'data/a.csv', 'data/b.csv']);
  });
});

describe('the tree', () => {
  const assets = [asset('a.csv'), asset('b.csv')];
  const rows = (state?: VersionsState): ReturnType<typeof treeRows> =>
    treeRows(assets, new Set(['a.csv']), new Map(state ? [['a.csv', state]] : []));

  it('is flat until something is opened', () => {
    const closed = treeRows(assets, new Set(), new Map());
    expect(closed.map(row => [row.id, row.level, row.expanded, row.position, row.setSize])).toEqual([
      ['a.csv', 1, false, 1, 2],
      ['b.csv', 1, false, 2, 2]
    ]);
  });

  it('says that versions are loading before they are', () => {
    expect(rows().map(row => (row.kind === 'note' ? row.note : row.kind))).toEqual(['asset', 'loading', 'asset']);
  });

  it('says why versions cannot be shown', () => {
    const [, note] = rows({ kind: 'problem', message: 'The index is locked.' });
    expect(note).toMatchObject({ kind: 'note', note: 'problem', message: 'The index is locked.' });
  });

  it('says that there is no version', () => {
    expect(rows({ kind: 'loaded', versions: [], more: false })[1]).toMatchObject({
      note: 'none',
      position: 1,
      setSize: 1
    });
  });

  it('lists versions with room for their origin, then a way to more', () => {
    const versions = [version('a.csv', '1', 'clean.ipynb'), version('a.csv', '2')];
    const [, first, second, more] = rows({ kind: 'loaded', versions, more: true });
    expect(first).toMatchObject({ kind: 'version', level: 2, height: heights.version, position: 1, setSize: 3 });
    expect(second).toMatchObject({ kind: 'version', height: heights.plainVersion, position: 2, setSize: 3 });
    expect(more).toMatchObject({ note: 'more', position: 3, setSize: 3 });
  });

  it('gives every row its own id, whatever the paths are called', () => {
    const nasty = [asset('a'), asset('a/loading'), asset('a@1'), asset('a 1')];
    const state: VersionsState = { kind: 'loaded', versions: [version('a', '1')], more: true };
    const open = new Set(nasty.map(({ path }) => path));
    const ids = treeRows(nasty, open, new Map([['a', state]])).map(row => row.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('how versions went', () => {
  const sized = (id: string, size: number | null, rows?: number): AssetVersion => ({
    ...version('data/a.csv', id),
    size,
    facts: rows === undefined ? null : { path: 'data/a.csv', rows }
  });
  const loaded = (...versions: AssetVersion[]): VersionsState => ({ kind: 'loaded', versions, more: false });

  it('is told by rows, oldest first, where at least two versions tell of them', () => {
    expect(trendOf(loaded(sized('c', 9, 30), sized('b', 5), sized('a', 2, 10)))).toEqual({
      of: 'rows',
      values: [10, null, 30]
    });
  });

  it('is told by bytes else', () => {
    expect(trendOf(loaded(sized('c', 9, 30), sized('b', null), sized('a', 2)))).toEqual({
      of: 'bytes',
      values: [2, null, 9]
    });
  });

  it('needs two versions', () => {
    expect(trendOf(loaded(sized('a', 2, 10)))).toBeNull();
    expect(trendOf({ kind: 'loading' })).toBeNull();
    expect(trendOf(undefined)).toBeNull();
  });
});

it('a version has room for its branches and the bytes it added', () => {
  const state = (extra: Partial<AssetVersion>): VersionsState => ({
    kind: 'loaded',
    versions: [{ ...version('data/a.csv', 'x'), ...extra }],
    more: false
  });
  const height = (extra: Partial<AssetVersion>): number | undefined =>
    treeRows([asset('data/a.csv')], new Set(['data/a.csv']), new Map([['data/a.csv', state(extra)]]))[1]?.height;
  expect(height({})).toBe(heights.plainVersion);
  expect(height({ newBytes: null, containedIn: [] })).toBe(heights.plainVersion);
  expect(height({ newBytes: 0 })).toBe(heights.version);
  expect(height({ containedIn: [{ kind: 'branch', name: 'main' }] })).toBe(heights.version);
});
