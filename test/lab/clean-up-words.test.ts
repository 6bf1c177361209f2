import type { TranslationBundle } from '@jupyterlab/translation';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { GcResult } from '../../src/core/model/maintenance';
import { cleanUpInWords, isWorthwhile, storageInWords } from '../../src/lab/model/clean-up-words';

// Sizes are written in the language of the page.
beforeAll(() => void vi.stubGlobal('document', { documentElement: { lang: 'en' } }));

const fill = (text: string, values: readonly unknown[]): string =>
  text.replace(/%(\d)/g, (_, index: string) => String(values[Number(index) - 1]));
const trans = {
  __: (text: string, ...values: readonly unknown[]) => fill(text, values),
  _n: (one: string, many: string, number: number, ...values: readonly unknown[]) =>
    fill(number === 1 ? one : many, [number, ...values])
} as unknown as TranslationBundle;

const usage = { bytes: 5_000_000, contents: 3, packs: 2, manifests: 1 };
const nothing: GcResult = {
  before: usage,
  after: usage,
  removed: { contents: 0, packs: 0, bytes: 0 },
  repacked: { packs: 0, bytes: 0 },
  compressed: { packs: 0, bytes: 0 },
  young: { contents: 0, bytes: 0 },
  missing: 0,
  at: null,
  dryRun: true,
  freed: 0,
  needed: 3,
  expired: 0,
  evicted: { files: 0, bytes: 0 },
  milliseconds: 1,
  maintenance: null
};

describe('cleaning up', () => {
  it('is not offered where it would do nothing', () => {
    expect(isWorthwhile(nothing)).toBe(false);
    expect(isWorthwhile({ ...nothing, young: { contents: 2, bytes: 5 } })).toBe(false);
    expect(isWorthwhile({ ...nothing, repacked: { packs: 9, bytes: 0 } })).toBe(true);
    expect(isWorthwhile({ ...nothing, freed: 1 })).toBe(true);
  });

  it('is told in sentences, of what there is only', () => {
    const last = 'Everything that a branch, a tag, or undo refers to stays.';
    expect(cleanUpInWords(nothing, trans)).toEqual([last]);
    const plan = {
      ...nothing,
      removed: { contents: 1, packs: 1, bytes: 10 },
      compressed: { packs: 2, bytes: 2_000_000 },
      young: { contents: 3, bytes: 5 }
    };
    expect(cleanUpInWords(plan, trans)).toEqual([
      '1 version is needed by nothing any more.',
      'Compressing saves about 2 MB.',
      '3 unneeded versions are kept because they are young.',
      last
    ]);
  });

  it('says what is taken, and what maintenance saved', () => {
    expect(storageInWords(nothing, trans)).toBe('All versions take 5 MB.');
    const maintenance = { at: 0, saved: { packs: 3, bytes: 3000 }, finished: true };
    expect(storageInWords({ ...nothing, maintenance }, trans)).toBe(
      'All versions take 5 MB. Maintenance saved 3 kB by itself.'
    );
  });
});
