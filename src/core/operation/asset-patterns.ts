/** Which files are assets unless the user says otherwise, and how .gitattributes says it. */
import { appendRules, ASSET_ATTRIBUTES, ruleForPattern } from './asset-rule';

const HEADER =
  '# Branchbook: large files stand in git as Git LFS pointers; what follows below these lines overrides them.';

const EXTENSIONS =
  'parquet csv tsv arrow feather avro orc jsonl ndjson tfrecord xlsx pkl pickle joblib pt pth safetensors onnx ckpt h5 hdf5 ' +
  'keras npy npz mat rds zip tar gz tgz bz2 xz zst 7z sqlite sqlite3 db duckdb bin wav mp3 flac mp4 mov avi';
const FOLDERS = ['data/**', 'models/**'];
/** Small text that people read and edit, also where everything else is an asset. */
const COMPANIONS = [
  '.gitignore',
  '.gitattributes',
  '.gitkeep',
  '*.md',
  '*.py',
  '*.ipynb',
  '*.yaml',
  '*.yml',
  '*.toml',
  '*.dvc',
  'dvc.lock'
];
const ORDINARY = '!filter !diff !merge !text';

export const defaultPatterns: readonly string[] = [
  ...EXTENSIONS.split(' ').map(extension => `*.${extension}`),
  ...FOLDERS
];

/** Metrics are compared line by line, and code beside data stays code. */
const exemptions: readonly string[] = [
  'metrics/**',
  ...FOLDERS.flatMap(folder => COMPANIONS.map(name => `${folder}/${name}`))
];

type Line = { readonly pattern: string; readonly attributes: readonly string[] };

function parseLine(line: string): Line | null {
  const match = /^\s*("(?:[^"\\]|\\.)*"|[^#"\s]\S*)\s+(.*)$/.exec(line);
  return match && { pattern: match[1]!, attributes: match[2]!.trim().split(/\s+/) };
}

function parse(text: string): readonly Line[] {
  return text.split(/\r?\n/).flatMap(line => parseLine(line) ?? []);
}

/** Patterns that make files assets, in the order of the file. */
export function assetPatterns(text: string): readonly string[] {
  return parse(text)
    .filter(line => line.attributes.includes('filter=lfs'))
    .map(line => line.pattern);
}

/**
 * The attributes file with the default patterns, above everything that is there, so that what the user wrote wins.
 * Unchanged when they were written before: whoever removed one did not want it.
 */
export function withDefaultPatterns(text: string): string {
  if (text.includes(HEADER)) {
    return text;
  }
  const mentioned = new Set(parse(text).map(line => line.pattern));
  const rules = [
    HEADER,
    ...defaultPatterns
      .filter(pattern => !mentioned.has(pattern))
      .map(pattern => ruleForPattern(pattern, ASSET_ATTRIBUTES)),
    ...exemptions.filter(pattern => !mentioned.has(pattern)).map(pattern => ruleForPattern(pattern, ORDINARY))
  ];
  return `${appendRules('', rules)}${text}`;
}

/** The attributes file with more patterns, below everything, and those that were not there already. */
export function withPatterns(text: string, patterns: readonly string[]): { text: string; added: readonly string[] } {
  const present = new Set(assetPatterns(text));
  const added = [...new Set(patterns)].filter(pattern => !present.has(ruleForPattern(pattern, '').trimEnd()));
  return {
    text: appendRules(
      text,
      added.map(pattern => ruleForPattern(pattern, ASSET_ATTRIBUTES))
    ),
    added
  };
}
