import type { TranslationBundle } from '@jupyterlab/translation';
import type { CellDiff, DriftLevel, DriftMeasure, FileDiff, RowChange } from '../../core/model/diff';
import type { TableKey } from '../../core/model/table';
import { numberInWords } from '../panel/words';

/** A part of a whole: `12.5 %`. */
export function shareInWords(share: number): string {
  const options = { style: 'percent', maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(document.documentElement.lang || undefined, options).format(share);
}

export function fileChangeInWords(change: FileDiff['change'], trans: TranslationBundle): string {
  const words: Record<FileDiff['change'], string> = {
    added: trans.__('Added'),
    removed: trans.__('Removed'),
    modified: trans.__('Modified'),
    same: trans.__('Same')
  };
  return words[change];
}

export function rowChangeInWords(change: RowChange, trans: TranslationBundle): string {
  const words: Record<RowChange, string> = {
    added: trans.__('added'),
    removed: trans.__('removed'),
    changed: trans.__('changed')
  };
  return words[change];
}

export function cellChangeInWords(change: CellDiff['change'], trans: TranslationBundle): string {
  return change === 'moved'
    ? trans.__('moved')
    : change === 'same'
      ? trans.__('same')
      : rowChangeInWords(change, trans);
}

export function levelInWords(level: DriftLevel, trans: TranslationBundle): string {
  const words: Record<DriftLevel, string> = {
    none: trans.__('Stable'),
    warn: trans.__('Drifts'),
    fail: trans.__('Drifts far')
  };
  return words[level];
}

/** Names of statistics are the same in every language. */
const measureNames: Readonly<Record<DriftMeasure['name'], string>> = {
  psi: 'PSI',
  'jensen-shannon': 'JS',
  'kolmogorov-smirnov': 'KS',
  'chi-squared': 'χ²'
};
export const measureInWords = (name: DriftMeasure['name']): string => measureNames[name];

export function measureLongName(name: DriftMeasure['name'], trans: TranslationBundle): string {
  const words: Record<DriftMeasure['name'], string> = {
    psi: trans.__('Population stability index'),
    'jensen-shannon': trans.__('Jensen–Shannon divergence'),
    'kolmogorov-smirnov': trans.__('Kolmogorov–Smirnov'),
    'chi-squared': trans.__('Chi-squared')
  };
  return words[name];
}

/** `p < 0.001`, `p = 0.034`. */
export function pValueInWords(value: number): string {
  return value < 0.001 ? 'p < 0.001' : `p = ${numberInWords(Number(value.toPrecision(2)))}`;
}

export function keySourceInWords(source: TableKey['source'], trans: TranslationBundle): string {
  const words: Record<TableKey['source'], string> = {
    named: trans.__('chosen here'),
    declared: trans.__('declared in the schema file'),
    index: trans.__('the file’s own index'),
    found: trans.__('found: its values are unique')
  };
  return words[source];
}
