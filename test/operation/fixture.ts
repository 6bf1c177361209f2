import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Operation } from '../../src/core/operation/operation';
import { runOperation } from '../../src/core/operation/run';
import { statusOperation } from '../../src/core/operation/status';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import type { Activity, IFileSystem } from '../../src/core/port';
import { temporaryDirectory } from '../support/temporary-directory';
import { open } from './open';
import type { OpenProject } from './open';

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C'
};

export function git(root: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  });
}

/** A git repository in which plain git knows our assets through the real git-lfs. */
export function createRepository(): string {
  const root = temporaryDirectory();
  git(root, 'init', '-q', '-b', 'main');
  const config = {
    'user.name': 'Ada',
    'user.email': 'ada@example.org',
    'filter.lfs.clean': 'git-lfs clean -- %f',
    'filter.lfs.smudge': 'git-lfs smudge --skip -- %f',
    'filter.lfs.required': 'true',
    'gc.auto': '0'
  };
  Object.entries(config).forEach(([key, value]) => git(root, 'config', key, value));
  writeFileSync(join(root, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  return root;
}

/** A file's content, a link (`→ target`), an executable (`!content`), or null for no file. */
export type Files = { readonly [path: string]: string | null };

export function write(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const absolute = join(root, path);
    if (content === null) {
      rmSync(absolute, { recursive: true });
      continue;
    }
    mkdirSync(dirname(absolute), { recursive: true });
    if (content.startsWith('→ ')) {
      rmSync(absolute, { force: true });
      symlinkSync(content.slice(2), absolute);
    } else {
      writeFileSync(absolute, content.replace(/^!/, ''));
      chmodSync(absolute, content.startsWith('!') ? 0o755 : 0o644);
    }
  }
}

/** Everything in the work tree, in the notation of `Files`. Empty folders are listed with a slash. */
export function read(root: string, folder = ''): Files {
  const found: { [path: string]: string } = {};
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = folder ? `${folder}/${name}` : name;
    const stat = lstatSync(join(root, path));
    if (path === '.git') {
      continue;
    }
    if (stat.isDirectory()) {
      const below = read(root, path);
      Object.assign(found, Object.keys(below).length === 0 ? { [`${path}/`]: '' } : below);
    } else if (stat.isSymbolicLink()) {
      found[path] = `→ ${readlinkSync(join(root, path))}`;
    } else {
      found[path] = `${stat.mode & 0o100 ? '!' : ''}${readFileSync(join(root, path), 'latin1')}`;
    }
  }
  return found;
}

export function notebook(...cells: readonly string[]): string {
  const list = cells.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source
  }));
  return `${JSON.stringify({ cells: list, metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

/** Different content for every seed, well over the size of a pointer. */
export function asset(seed: string, size = 5000): string {
  return `${seed}:`.repeat(Math.ceil(size / (seed.length + 1))).slice(0, size);
}

export type Sandbox = {
  readonly root: string;
  readonly project: OpenProject;
  run<V extends ProjectVerb>(
    operation: Operation<V>,
    args: Verbs[V]['args'],
    activity?: Activity
  ): Promise<Verbs[V]['result']>;
  write(files: Files): void;
  read(): Files;
  git(...args: readonly string[]): string;
};

export async function openSandbox(root: string, files?: IFileSystem): Promise<Sandbox> {
  const project = await open(root, files);
  onTestFinished(() => project.close());
  return {
    root,
    project,
    run: (operation, args, activity) => runOperation(project, operation, args, activity),
    write: content => write(root, content),
    read: () => read(root),
    git: (...args) => git(root, ...args)
  };
}

export async function createSandbox(): Promise<Sandbox> {
  return openSandbox(createRepository());
}

/** The repository is sound, nothing of ours lies about, and plain git sees the same changes as we do. */
export async function expectHealthy(sandbox: Sandbox): Promise<void> {
  const { project, root } = sandbox;
  expect(git(root, 'fsck', '--full', '--strict', '--no-dangling')).toBe('');
  const status = await sandbox.run(statusOperation, {});
  expect(status.changes.map(change => change.path)).toEqual(gitChanges(root));
  for (const folder of ['staging', 'journal']) {
    const names = await project.files.readdir(`${project.home}/${folder}`).catch(() => []);
    expect(names, folder).toEqual([]);
  }
  expect(locksBelow(join(root, '.git'))).toEqual([]);
}

function locksBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /(^|\/)(index|HEAD|refs\/.*|packed-refs)\.lock$/.test(name)
  );
}

function gitChanges(root: string): readonly string[] {
  const lines = git(root, 'status', '--porcelain', '-z', '--untracked-files=all', '--no-renames').split('\0');
  const paths = lines.filter(line => line !== '').map(line => line.slice(3));
  return [...new Set(paths)].sort();
}
