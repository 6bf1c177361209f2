import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { TreeRow } from './rows';
import { changeInWords, extentInWords, kindInWords, sizeInWords } from './words';

/** A row of the tree as a screen reader says it: one sentence, the name first. */
export function describeRow(row: TreeRow, trans: TranslationBundle): string {
  switch (row.kind) {
    case 'asset': {
      const { asset } = row;
      const last = asset.last ? trans.__('snapshot %1', Time.formatHuman(asset.last.time)) : '';
      const change = asset.change ? changeInWords(asset.change, trans) : '';
      const here = asset.here && !asset.standIn ? '' : trans.__('not here');
      return join([asset.path, kindInWords(asset.kind, trans), sizeInWords(asset.size), last, change, here]);
    }
    case 'version': {
      const { version } = row;
      const current = version.current ? trans.__('current version') : '';
      const extent = extentInWords(version.facts, version.size, trans);
      const branches = (version.containedIn ?? []).map(({ name }) => name);
      return join([version.subject, version.author.name, Time.formatHuman(version.time), extent, current, ...branches]);
    }
    case 'note':
      return noteInWords(row, trans);
  }
}

export function noteInWords(row: TreeRow & { kind: 'note' }, trans: TranslationBundle): string {
  switch (row.note) {
    case 'loading':
      return trans.__('Loading versions…');
    case 'problem':
      return row.message;
    case 'more':
      return trans.__('Show older versions');
    case 'none':
      return trans.__('No snapshot holds this yet.');
  }
}

const join = (parts: readonly string[]): string => parts.filter(Boolean).join(', ');
