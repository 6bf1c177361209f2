import { formatBytes } from '../../core/format/bytes';
import type { GcResult } from '../../core/model/maintenance';
import { count, formatTime, joinLines, table } from './words';
import type { Style } from './words';

export function renderGc(result: GcResult, style: Style): string {
  const { before, after, removed, repacked, compressed, young, evicted, dryRun, at } = result;
  const would = dryRun ? 'would be ' : '';
  const rows: readonly (readonly [boolean, string, string, string])[] = [
    [removed.contents > 0, 'not needed any more', count(removed.contents, 'version'), ''],
    [removed.packs > 0, 'deleted', count(removed.packs, 'pack'), formatBytes(removed.bytes)],
    [repacked.packs > 0, 'packed anew', count(repacked.packs, 'pack'), formatBytes(Math.round(repacked.bytes))],
    [compressed.packs > 0, 'compressed', count(compressed.packs, 'pack'), formatBytes(compressed.bytes)],
    [evicted.files > 0, 'no longer kept ready', count(evicted.files, 'file'), formatBytes(evicted.bytes)],
    [result.expired > 0, 'forgotten by undo', count(result.expired, 'operation'), ''],
    [result.needed > 0, 'kept, in use', count(result.needed, 'version'), ''],
    [young.bytes > 0, at ? 'kept, for now' : 'kept, young', count(young.contents, 'version'), formatBytes(young.bytes)],
    [result.missing > 0, at ? 'missing there' : 'never fetched', count(result.missing, 'version'), '']
  ];
  return joinLines(
    describeMaintenance(result),
    table(
      rows.filter(([shown]) => shown).map(([, ...row]) => row),
      [2]
    ),
    describeDue(result),
    `${style.green(`${formatBytes(result.freed)} ${would}freed`)}; ${at ? at.address : 'the store'} ${dryRun ? 'would take' : 'takes'} ` +
      `${formatBytes(after.bytes)} (before: ${formatBytes(before.bytes)}), ${count(after.packs, 'pack')}, ` +
      `${count(after.manifests, 'manifest')}.`
  );
}

/** When to come back. */
function describeDue({ at }: GcResult): string {
  const due = at?.due ?? null;
  return due === null
    ? ''
    : `What is kept for now can be deleted from ${formatTime(new Date(due).toISOString())} UTC on: run this again then.`;
}

/** What was done while nobody worked on the project. */
function describeMaintenance({ maintenance }: GcResult): string {
  if (!maintenance) {
    return '';
  }
  const { at, saved, finished } = maintenance;
  const when = formatTime(new Date(at).toISOString());
  const what = `${count(saved.packs, 'pack')} put together or compressed, ${formatBytes(saved.bytes)} saved`;
  return `Maintenance ran by itself on ${when} UTC${finished ? '' : ', and will go on'}: ${what}.`;
}
