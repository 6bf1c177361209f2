import { describe, expect, it } from 'vitest';
import { newBytesHints } from '../../src/core/operation/new-bytes-hint';
import type { SnapshotAsset, ShowResult } from '../../src/core/model/result';
import { openVerbs } from './verbs';

const MiB = 1024 * 1024;

/** Text that does not repeat. */
function rows(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `${from + i},${Math.imul(from + i, 2654435761) >>> 0}\n`).join('');
}

describe('show --dedup', () => {
  it('says what versions and files share', async () => {
    const s = await openVerbs();
    await s.run('init', {});
    const first = rows(0, 100_000);
    await s.snapshot({ 'data/a.csv': first, 'data/other.bin': 'x'.repeat(2000) });
    await s.snapshot({ 'data/a.csv': first + rows(100_000, 101_000) });
    const shown = (await s.run('show', { address: 'data/a.csv', dedup: true, chunks: true })) as Extract<
      ShowResult,
      { kind: 'version' }
    >;
    const { dedup, chunks } = shown;
    expect(dedup).toMatchObject({ chunks: chunks!.length, versions: { count: 2 }, project: { contents: 3 } });
    expect(dedup!.sharedBytes).toBeGreaterThan(0.8 * first.length);
    expect(dedup!.sharedBytes).toBeLessThan(dedup!.bytes);
    expect(dedup!.versions.bytes).toBe(2 * first.length + rows(100_000, 101_000).length);
    expect(dedup!.versions.uniqueBytes).toBeLessThan(0.7 * dedup!.versions.bytes);
    expect(dedup!.project.storedBytes).toBeLessThan(0.7 * dedup!.project.bytes);
    const plain = await s.run('show', { address: 'data/a.csv' });
    expect(plain).not.toHaveProperty('dedup');
  });
});

describe('a version that is new throughout', () => {
  const asset = (path: string, size: number, newBytes: number, previous: number | null): SnapshotAsset => ({
    path,
    sha256: 'a'.repeat(64),
    size,
    newBytes,
    previous: previous === null ? null : { size: previous, facts: null },
    facts: null
  });

  it.each([
    ['data/t.parquet', 'content_defined_chunking'],
    ['data/t.csv.gz', 'uncompressed'],
    ['data/t.csv', 'order of the rows']
  ])('of %s comes with advice', (path, words) => {
    expect(newBytesHints([asset(path, 5 * MiB, 4.9 * MiB, 5 * MiB)])).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    ['is the first', asset('a.csv', 5 * MiB, 5 * MiB, null)],
    ['shares enough', asset('a.csv', 5 * MiB, 4 * MiB, 5 * MiB)],
    ['has another size', asset('a.csv', 5 * MiB, 5 * MiB, MiB)],
    ['is small', asset('a.csv', MiB / 2, MiB / 2, MiB / 2)],
    ['is a model', asset('m.safetensors', 5 * MiB, 5 * MiB, 5 * MiB)]
  ])('comes without when it %s', (_, version) => {
    expect(newBytesHints([version])).toEqual([]);
  });

  it('is told by snapshot', async () => {
    const s = await openVerbs();
    await s.run('init', {});
    const lines = rows(0, 120_000).split('\n');
    await s.snapshot({ 'data/a.csv': lines.join('\n') });
    s.write({ 'data/a.csv': [...lines].sort((a, b) => (a.slice(-4) < b.slice(-4) ? -1 : 1)).join('\n') });
    const { notices } = await s.run('snapshot', { message: 'sorted' });
    expect(notices).toEqual([expect.stringMatching(/^data\/a\.csv: .* are new; .*order of the rows/)]);
  });
});
