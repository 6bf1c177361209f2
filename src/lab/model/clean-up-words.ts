/** What cleaning up would do, in sentences. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { GcResult } from '../../core/model/maintenance';
import { sizeInWords } from '../panel/words';

/** Whether the user would notice it: space, or fewer packs. */
export function isWorthwhile({ freed, removed, repacked, compressed, evicted }: GcResult): boolean {
  return freed > 0 || removed.packs + repacked.packs + compressed.packs + evicted.files > 0;
}

export function cleanUpInWords(plan: GcResult, trans: TranslationBundle): readonly string[] {
  const { removed, repacked, compressed, evicted, young } = plan;
  const sentences: readonly (readonly [number, string])[] = [
    [
      removed.contents,
      trans._n(
        '%1 version is needed by nothing any more.',
        '%1 versions are needed by nothing any more.',
        removed.contents
      )
    ],
    [repacked.packs, trans._n('%1 pack is put together with others.', '%1 packs are put together.', repacked.packs)],
    [compressed.packs, trans.__('Compressing saves about %1.', sizeInWords(compressed.bytes))],
    [
      evicted.files,
      trans._n(
        '%1 file is no longer kept ready for switching.',
        '%1 files are no longer kept ready for switching.',
        evicted.files
      )
    ],
    [
      young.contents,
      trans._n(
        '%1 unneeded version is kept because it is young.',
        '%1 unneeded versions are kept because they are young.',
        young.contents
      )
    ]
  ];
  return [
    ...sentences.filter(([number]) => number > 0).map(([, sentence]) => sentence),
    trans.__('Everything that a branch, a tag, or undo refers to stays.')
  ];
}

/** How much the versions take, and what maintenance did by itself. */
export function storageInWords({ after, maintenance }: GcResult, trans: TranslationBundle): string {
  const takes = trans.__('All versions take %1.', sizeInWords(after.bytes));
  return maintenance
    ? `${takes} ${trans.__('Maintenance saved %1 by itself.', sizeInWords(maintenance.saved.bytes))}`
    : takes;
}
