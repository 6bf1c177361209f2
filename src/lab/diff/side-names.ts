import type { TranslationBundle } from '@jupyterlab/translation';
import { revisionInWords } from '../panel/words';
import type { DiffModel } from './diff-model';

/** What the two sides are called in heads of tables. */
export function sideNames({ target }: DiffModel, trans: TranslationBundle): readonly [string, string] {
  return [revisionInWords(target.from), target.to === null ? trans.__('Files on disk') : revisionInWords(target.to)];
}
