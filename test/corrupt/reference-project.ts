/** A small project with everything that can be damaged, a copy of it as a remote, and ways to damage its files. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import type { IOpenProject } from '../../src/core/port';
import { openProject } from '../../src/service/open-project';
import { git, notebook } from '../operation/fixture';
import { sha256 } from '../contract/asset-store';
import { splitmix64 } from '../support/random-bytes';

export type Reference = {
  readonly root: string;
  /** Bytes of every asset version by SHA-256. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Put everything back as it was built. */
  reset(): void;
  /** Files below `.git` whose paths begin so, relative to `.git`. */
  files(...prefixes: readonly string[]): readonly string[];
  remove(): void;
};

export async function withProject<T>(root: string, work: (project: IOpenProject) => Promise<T>): Promise<T> {
  const project = await openProject(root, { workerFile: null, program: ['/usr/bin/false'] });
  try {
    return await work(project);
  } finally {
    await project.close();
  }
}

export function run<V extends ProjectVerb>(root: string, verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']> {
  return withProject(root, project => runOperation(project, operations[verb], args));
}

/** `withRemote`: a clone beside it, whose store has everything, is its remote. */
export async function buildReference(withRemote: boolean): Promise<Reference> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-')));
  const root = join(folder, 'project');
  mkdirSync(root);
  git(root, 'init', '-q', '-b', 'main');
  Object.entries({ 'user.name': 'Ada', 'user.email': 'ada@example.org', 'gc.auto': '0' }).forEach(([key, value]) =>
    git(root, 'config', key, value)
  );
  const project = await openProject(root, { create: true, workerFile: null, program: ['/usr/bin/false'] });
  const contents = new Map<string, Uint8Array>();
  const put = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
    contents.set(sha256(bytes), bytes);
  };
  const perform = <V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']> =>
    runOperation(project, operations[verb], args);
  await perform('init', {});
  const base = splitmix64(1, 300_000);
  put('data/a.parquet', base);
  put('models/m.safetensors', splitmix64(2, 90_000));
  writeFileSync(join(root, 'train.ipynb'), notebook('1'));
  await perform('snapshot', { message: 'first' });
  put('data/a.parquet', Buffer.concat([base.subarray(0, 150_000), splitmix64(3, 500), base.subarray(150_000)]));
  await perform('snapshot', { message: 'second' });
  await perform('branch', { action: 'create', name: 'other', switch: true });
  put('data/b.parquet', splitmix64(4, 40_000));
  await perform('snapshot', { message: 'third' });
  await perform('switch', { branch: 'main' });
  await project.close();
  if (withRemote) {
    cpSync(root, join(folder, 'remote'), { recursive: true });
    git(root, 'remote', 'add', 'origin', join(folder, 'remote'));
  }
  cpSync(root, join(folder, 'pristine'), { recursive: true, preserveTimestamps: true });
  return {
    root,
    contents,
    reset: () => {
      rmSync(root, { recursive: true, force: true });
      cpSync(join(folder, 'pristine'), root, { recursive: true, preserveTimestamps: true });
    },
    files: (...prefixes) =>
      filesBelow(join(root, '.git')).filter(path => prefixes.some(prefix => path.startsWith(prefix))),
    remove: () => rmSync(folder, { recursive: true, force: true })
  };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export type Damage = {
  readonly name: string;
  /** The damaged bytes, null = deleted; the same bytes when this kind does not apply. */
  readonly apply: (bytes: Uint8Array, other: Uint8Array) => Uint8Array | null;
};

/** The same bits for the same `seed`. */
export function damages(flips: number, seed: number): readonly Damage[] {
  const places = new BigUint64Array(splitmix64(seed, 8 * flips).slice().buffer);
  const flip = (place: bigint): Damage => ({
    name: `bit ${place % 100_003n} flipped`,
    apply: bytes => {
      const damaged = Uint8Array.from(bytes);
      const bit = Number(place % BigInt(8 * bytes.length));
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      return damaged;
    }
  });
  return [
    ...[...places].map(flip),
    { name: 'emptied', apply: () => new Uint8Array() },
    { name: 'cut to 1 byte', apply: bytes => bytes.slice(0, 1) },
    { name: 'cut in half', apply: bytes => bytes.slice(0, bytes.length >> 1) },
    { name: 'without its last byte', apply: bytes => bytes.slice(0, -1) },
    { name: 'with more at its end', apply: bytes => Buffer.concat([bytes, Buffer.from('more')]) },
    { name: 'swapped', apply: (_, other) => other },
    { name: 'deleted', apply: () => null },
    { name: 'zeroed', apply: bytes => new Uint8Array(bytes.length) }
  ];
}

/** Damage one file. False when that changes nothing. */
export function inflict(root: string, path: string, damage: Damage, other: string): boolean {
  const absolute = join(root, '.git', path);
  const bytes = readFileSync(absolute);
  const damaged = damage.apply(bytes, readFileSync(join(root, '.git', other)));
  rmSync(absolute);
  if (damaged) {
    writeFileSync(absolute, damaged);
  }
  return damaged === null || Buffer.compare(bytes, damaged) !== 0;
}
