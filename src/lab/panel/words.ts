import type { TranslationBundle } from '@jupyterlab/translation';
import type { AssetFacts } from '../../core/model/asset';
import type { AssetInfo } from '../../core/model/result';
import type { ChangeKind } from '../../core/model/snapshot';
import type { ProgressLine } from '../../service/protocol';
import type { FileKind } from '../icons';

const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const language = (): string | undefined => document.documentElement.lang || undefined;

/** Bytes in decimal units of the user's language, three significant digits: `12.3 MB`. null is a dash. */
export function sizeInWords(bytes: number | null): string {
  if (bytes === null) {
    return '–';
  }
  let value = bytes;
  let unit: (typeof units)[number] | null = null;
  for (const larger of units) {
    if (Math.abs(value) < 999.5) {
      break;
    }
    value /= 1000;
    unit = larger;
  }
  if (unit === null) {
    // `Intl` writes `812 byte` or `812B`; neither stands well beside `1.2 kB`.
    return `${value} B`;
  }
  return sizeFormat(unit, language()).format(value);
}

/** How far something is: `12 MB / 1.2 GB`, `3 / 20`. */
export function amountInWords({ done, total, unit }: Pick<ProgressLine, 'done' | 'total' | 'unit'>): string {
  const words = (value: number): string => (unit === 'bytes' ? sizeInWords(value) : String(value));
  return total === null ? words(done) : `${words(done)} / ${words(total)}`;
}

const sizeFormats = new Map<string, Intl.NumberFormat>();

/** Kept: making one takes far longer than using it, and a scrolled list needs hundreds. */
function sizeFormat(unit: string, locale: string | undefined): Intl.NumberFormat {
  const key = `${unit} ${locale}`;
  const known = sizeFormats.get(key);
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: 3 } as const;
  const format = known ?? new Intl.NumberFormat(locale, options);
  sizeFormats.set(key, format);
  return format;
}

export function numberInWords(value: number): string {
  return new Intl.NumberFormat(language(), { maximumSignificantDigits: 6 }).format(value);
}

/** With its sign, for differences: `+0.03`, `−2`. */
export function differenceInWords(value: number): string {
  const format = { maximumSignificantDigits: 3, signDisplay: 'exceptZero' } as const;
  return new Intl.NumberFormat(language(), format).format(value);
}

/** Rows × columns of a table, the shape of an array, else the size. */
export function extentInWords(facts: AssetFacts | null, bytes: number | null, trans: TranslationBundle): string {
  if (facts?.rows !== undefined) {
    const rows = trans._n('%2 row', '%2 rows', facts.rows, numberInWords(facts.rows));
    return facts.columns === undefined ? rows : trans.__('%1 × %2 columns', rows, facts.columns);
  }
  if (facts?.shape !== undefined && facts.shape.length > 0) {
    return facts.shape.map(numberInWords).join(' × ');
  }
  return sizeInWords(bytes);
}

/** The same for a narrow column: `891,000 × 14`. */
export function extentInShort(facts: AssetFacts | null, bytes: number | null): string {
  const shape =
    facts?.rows === undefined ? facts?.shape : [facts.rows, ...(facts.columns === undefined ? [] : [facts.columns])];
  return shape?.length ? shape.map(numberInWords).join(' × ') : sizeInWords(bytes);
}

export function changeInWords(change: ChangeKind, trans: TranslationBundle): string {
  const words: Record<ChangeKind, string> = {
    new: trans.__('New'),
    modified: trans.__('Modified'),
    removed: trans.__('Removed')
  };
  return words[change];
}

/** Why an asset is not on disk, for one that is not. */
export function absenceInWords({ standIn, size }: AssetInfo, trans: TranslationBundle): string {
  return standIn
    ? trans.__('A pointer stands in its place. Get brings its %1 here.', sizeInWords(size))
    : trans.__('The content is not on this machine');
}

export function kindInWords(kind: FileKind, trans: TranslationBundle): string {
  const words: Record<FileKind, string> = {
    dataset: trans.__('Dataset'),
    model: trans.__('Model'),
    metrics: trans.__('Metrics'),
    image: trans.__('Image'),
    file: trans.__('File'),
    notebook: trans.__('Notebook'),
    code: trans.__('Code')
  };
  return words[kind];
}

/** A path's folder with its trailing slash ('' at the project's root), and its name. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const cut = path.lastIndexOf('/') + 1;
  return { folder: path.slice(0, cut), name: path.slice(cut) };
}

const endings: Readonly<Partial<Record<FileKind, readonly string[]>>> = {
  notebook: ['ipynb'],
  code: ['py', 'r', 'jl', 'sql', 'sh', 'md', 'txt', 'toml', 'yaml', 'yml'],
  dataset: ['csv', 'tsv', 'parquet', 'arrow', 'feather', 'npy', 'npz', 'h5'],
  model: ['pkl', 'joblib', 'pt', 'onnx', 'safetensors'],
  image: ['png', 'jpg', 'jpeg', 'svg']
};
const kindByEnding = new Map(
  Object.entries(endings).flatMap(([kind, names]) => names.map(name => [name, kind as FileKind] as const))
);

/** A guess from the name alone, good enough for an icon. */
export function kindOfPath(path: string): FileKind {
  if (path.startsWith('metrics/')) {
    return 'metrics';
  }
  return kindByEnding.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'file';
}

/** A commit id as addresses have it. */
export const shortId = (id: string): string => id.slice(0, 8);

/** Branches and tags by name, commits by their short id. */
export const revisionInWords = (revision: string): string =>
  /^[0-9a-f]{40}$/.test(revision) ? shortId(revision) : revision;
