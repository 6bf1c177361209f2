// The project of the story, and a memory of what every branch must hold: path → SHA-256.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { notebook, overwrite, writeCode, writeRandomFile, writeSafetensors, writeSmallFiles } from '../data.mjs';
import { GiB, KiB, MiB } from '../measure.mjs';

const RAW_FILES = 7;

export class StoryProject {
  /** What the branches hold: name → (path → SHA-256). */
  branches = new Map();

  constructor(root) {
    this.root = root;
  }

  /** About 10 GiB at scale 1: tables, models, raw bytes, 20,000 small files, code and notebooks. */
  async fill(scale, orders) {
    const data = join(this.root, 'data');
    mkdirSync(data, { recursive: true });
    await orders.call('write', 'csv', join(data, 'orders.csv'), GiB * scale);
    await orders.call('write', 'parquet-cdc', join(data, 'orders.parquet'), GiB * scale);
    writeSafetensors(join(this.root, 'models', 'model.safetensors'), 2 * GiB * scale, 'story');
    for (let index = 0; index < RAW_FILES; index++) {
      writeRandomFile(join(data, `raw-${index}.bin`), 0.8 * GiB * scale, `raw ${index}`);
    }
    writeSmallFiles(join(data, 'small'), Math.round(20_000 * scale), 4 * KiB, 'story');
    writeCode(join(this.root, 'code'), Math.round(10_000 * scale));
    writeFileSync(join(this.root, 'analysis.ipynb'), notebook('# This is main.', 'print(1)'));
    writeFileSync(join(this.root, 'notes.md'), 'Nothing yet.\n');
  }

  /** What people do on a branch: a megabyte of a large file, a small one, a notebook, one file more. Returns the paths. */
  edit(round) {
    const large = join('data', `raw-${round % RAW_FILES}.bin`);
    const size = statSync(join(this.root, large)).size;
    overwrite(join(this.root, large), Math.floor((size - MiB) * ((round * 0.618) % 1)), MiB, `story ${round}`);
    const small = join('data', 'small', 'part-0000', `item-${String(round % 100).padStart(6, '0')}.dat`);
    writeRandomFile(join(this.root, small), 4 * KiB, `small ${round}`);
    writeFileSync(join(this.root, 'analysis.ipynb'), notebook(`# This is round ${round}.`, `print(${round})`));
    const fresh = join('data', `round-${round}.csv`);
    writeFileSync(join(this.root, fresh), `round,value\n${round},1\n`);
    return [large, small, 'analysis.ipynb', fresh];
  }

  /** Remember what is on disk as what `branch` must hold; only `paths` are read again when they are named. */
  remember(branch, from, paths) {
    const files = new Map(from ? this.branches.get(from) : []);
    for (const path of paths ?? this.files()) {
      files.set(path, sha256(join(this.root, path)));
    }
    this.branches.set(branch, files);
  }

  /** Paths that are not on disk as `branch` must hold them. */
  differences(branch) {
    const expected = this.branches.get(branch);
    const present = new Set(this.files());
    const wrong = [...expected].filter(([path, hash]) => !present.has(path) || sha256(join(this.root, path)) !== hash);
    const extra = [...present].filter(path => !expected.has(path));
    return [...wrong.map(([path]) => path), ...extra];
  }

  /** All files but those of git, and the notes, which are never in a snapshot. */
  files() {
    return filesBelow(this.root)
      .map(path => relative(this.root, path))
      .filter(path => path !== 'notes.md' && !path.startsWith('.git'));
  }
}

const filesBelow = folder =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? (entry.name === '.git' ? [] : filesBelow(path)) : [path];
  });

function sha256(path) {
  if (statSync(path).size < MiB) {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  const piece = Buffer.alloc(MiB);
  for (let bytes; (bytes = readSync(file, piece)) > 0;) {
    hash.update(piece.subarray(0, bytes));
  }
  closeSync(file);
  return hash.digest('hex');
}
