/** Everything that changes a project, each from a state in which it has much to do. A new verb adds a row. */
import { hasCode } from '../../../src/core/error';
import { maintain } from '../../../src/core/operation/maintain';
import type { IOpenProject } from '../../../src/core/port';
import type { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { isNightly } from './budget';
import { createMemory, openWorld, ROOT, run, write } from './world';
import type { Files } from './world';

export type UseCase = {
  readonly name: string;
  /** From the common project; default: nothing. */
  readonly prepare?: (project: IOpenProject) => Promise<unknown>;
  readonly run: (project: IOpenProject) => Promise<unknown>;
  /** What it does on the way is complete in itself: a state that it may stop at. */
  readonly halfway?: (project: IOpenProject) => Promise<unknown>;
  /** Begins with an empty folder. */
  readonly creates?: boolean;
  /** Of several parts, each harmless without the others: after a failure the same again completes it. */
  readonly repeats?: boolean;
  /** Begins with damage, which it heals: before it ran nobody finds the project sound. */
  readonly heals?: boolean;
  /** Takes long, for little that the others do not do: tried at every step only at night. */
  readonly large?: boolean;
};

/** Different content for every seed, well over the size of a pointer. */
export function asset(seed: string, size = 3000): string {
  return `${seed}:`.repeat(Math.ceil(size / (seed.length + 1))).slice(0, size);
}

export function notebook(source: string): string {
  const cell = { cell_type: 'code', id: 'cell-0', metadata: {}, execution_count: null, outputs: [], source };
  return `${JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

const first: Files = {
  'a.ipynb': notebook('1'),
  'data/x.parquet': asset('x'),
  'data/same.parquet': asset('same'),
  'gone/deep.txt': 'g',
  thing: 'file',
  link: '→ thing',
  'run.sh': '!echo'
};
const second: Files = {
  'a.ipynb': notebook('2'),
  'data/x.parquet': asset('y'),
  gone: null,
  thing: null,
  'thing/in': 't',
  link: '→ data',
  'run.sh': 'echo'
};

/** Unsnapshotted work: of an asset, of small files, a new file and a deleted one. */
const edits: Files = {
  'a.ipynb': notebook('edited'),
  'data/x.parquet': asset('edited'),
  'data/new.parquet': asset('new'),
  'run.sh': null,
  'notes.txt': 'n'
};

const edit = (project: IOpenProject, files: Files = edits): Promise<void> => write(project.files, files);

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

/** Forget the files that wait in `materialized/`, so that they have to be built from the store. */
async function forget(project: IOpenProject): Promise<void> {
  const folder = `${project.home}/materialized`;
  for (const { name } of await project.files.readdir(folder)) {
    await project.files.unlink(`${folder}/${name}`);
  }
}

/** A pack of the store is gone; what it held is in the work tree, or waits in `materialized/`. */
async function losePack({ files, home }: IOpenProject): Promise<void> {
  const [folder] = await files.readdir(`${home}/xorbs`);
  const [pack] = await files.readdir(`${home}/xorbs/${folder!.name}`);
  await files.unlink(`${home}/xorbs/${folder!.name}/${pack!.name}`);
}

/** Small packs enough to be put together, some of them not needed any more. */
async function scatter(project: IOpenProject): Promise<void> {
  await run(project, 'branch', { action: 'create', name: 'scattered', switch: true });
  for (const index of range(6)) {
    await edit(project, { 'data/x.parquet': asset(`scattered ${index}`, 5000) });
    await run(project, 'snapshot', { message: `${index}` });
  }
  await run(project, 'switch', { branch: 'main' });
}

/** `gc` that grants nothing: what only the log of operations and reflogs name stays all the same. */
const collect = (project: IOpenProject): Promise<unknown> => run(project, 'gc', { grace: '0d', expire: '0d' });

/** As the core does it: step by step, and later when somebody seems to be at work, as a torn lock does for a second. */
async function maintainAll(project: IOpenProject): Promise<void> {
  for (let tries = 0, done = false; !done; tries += 1) {
    try {
      done = await maintain(project, {});
    } catch (error) {
      if (!hasCode(error, 'LOCKED') || tries > 5) {
        throw error;
      }
      await project.clock.sleep(2000);
    }
  }
}

/** An empty folder. */
export async function createFolder(): Promise<MemoryFileSystem> {
  const files = createMemory();
  await files.mkdir('/work');
  await files.mkdir(ROOT);
  files.settle();
  return files;
}

/**
 * `main` (HEAD) has `first`, `other` has `second` on top of it, `side` has a change of its own, `ahead` has one on top of
 * main, and main's and other's files were here before.
 */
export async function createTemplate(): Promise<MemoryFileSystem> {
  const files = await createFolder();
  const project = await openWorld(files, { create: true });
  await run(project, 'init', { identity: { name: 'Ada', email: 'ada@example.org' } });
  await write(files, first);
  await run(project, 'snapshot', { message: 'first' });
  for (const [name, content] of Object.entries<Files>({
    other: second,
    side: { 'side.txt': 's', 'data/side.parquet': asset('side') },
    ahead: { 'data/x.parquet': asset('ahead', 70_000) }
  })) {
    await run(project, 'branch', { action: 'create', name, switch: true });
    await write(files, content);
    await run(project, 'snapshot', { message: name });
    await run(project, 'switch', { branch: 'main' });
  }
  await run(project, 'switch', { branch: 'side' });
  await write(files, { 'side.txt': null, 'more.txt': 'm' });
  await run(project, 'snapshot', { message: 'more' });
  await run(project, 'switch', { branch: 'main' });
  await project.close();
  files.settle();
  return files;
}

export const useCases: readonly UseCase[] = [
  {
    name: 'snapshot',
    prepare: edit,
    run: project => run(project, 'snapshot', { message: 'new' })
  },
  {
    name: 'snapshot of one file',
    prepare: edit,
    run: project => run(project, 'snapshot', { message: 'new', paths: ['data/x.parquet'] })
  },
  {
    name: 'snapshot of many files',
    large: true,
    prepare: project => edit(project, Object.fromEntries(range(110).map(index => [`many/${index}.txt`, `${index}`]))),
    run: project => run(project, 'snapshot', { message: 'many' })
  },
  {
    name: 'snapshot that makes a rule',
    large: true,
    prepare: project => edit(project, { 'large.dat': 'x'.repeat(1024 * 1024 + 1) }),
    run: project => run(project, 'snapshot', { message: 'large' })
  },
  {
    name: 'switch',
    run: project => run(project, 'switch', { branch: 'other' })
  },
  {
    name: 'switch away from a larger asset',
    large: true,
    prepare: project => run(project, 'switch', { branch: 'ahead' }),
    run: project => run(project, 'switch', { branch: 'main' })
  },
  {
    name: 'switch to files built from the store',
    prepare: forget,
    run: project => run(project, 'switch', { branch: 'other' })
  },
  {
    name: 'switch and park',
    prepare: edit,
    halfway: project => run(project, 'snapshot', { message: 'Parked changes' }),
    run: project => run(project, 'switch', { branch: 'other', changes: 'park' })
  },
  {
    name: 'switch and discard',
    prepare: edit,
    run: project => run(project, 'switch', { branch: 'other', changes: 'discard' })
  },
  {
    name: 'merge',
    prepare: project => run(project, 'switch', { branch: 'ahead' }),
    run: project => run(project, 'merge', { branch: 'side' })
  },
  {
    name: 'merge by fast-forward',
    run: project => run(project, 'merge', { branch: 'ahead' })
  },
  {
    name: 'restore',
    prepare: edit,
    run: project => run(project, 'restore', { addresses: ['data/x.parquet@other', 'thing'] })
  },
  {
    name: 'branch create',
    run: project => run(project, 'branch', { action: 'create', name: 'fresh/one' })
  },
  {
    name: 'branch create and switch',
    prepare: edit,
    run: project => run(project, 'branch', { action: 'create', name: 'fresh', switch: true })
  },
  {
    name: 'branch rename',
    run: project => run(project, 'branch', { action: 'rename', name: 'main', to: 'main/one' })
  },
  {
    name: 'branch delete',
    run: project => run(project, 'branch', { action: 'delete', name: 'side', force: true })
  },
  {
    name: 'undo of a snapshot',
    prepare: async project => {
      await edit(project);
      await run(project, 'snapshot', { message: 'new' });
    },
    run: project => run(project, 'undo', {})
  },
  {
    name: 'undo of a switch that discarded',
    prepare: async project => {
      await edit(project);
      await run(project, 'switch', { branch: 'other', changes: 'discard' });
    },
    run: project => run(project, 'undo', {})
  },
  {
    name: 'redo',
    prepare: async project => {
      await run(project, 'switch', { branch: 'other' });
      await run(project, 'undo', {});
    },
    run: project => run(project, 'undo', { redo: true })
  },
  {
    name: 'track',
    run: project => run(project, 'track', { patterns: ['*.weights'] })
  },
  {
    name: 'get',
    run: project => run(project, 'get', { address: 'data/x.parquet@other' })
  },
  {
    name: 'switch --only',
    run: project => run(project, 'switch', { branch: 'other', only: ['data/same.parquet'] })
  },
  {
    name: 'switch --only where we are',
    large: true,
    run: project => run(project, 'switch', { branch: 'main', only: ['data'] })
  },
  {
    name: 'switch --all',
    large: true,
    prepare: project => run(project, 'switch', { branch: 'main', only: ['none'] }),
    run: project => run(project, 'switch', { branch: 'ahead', all: true })
  },
  {
    name: 'gc',
    prepare: scatter,
    run: collect
  },
  {
    name: 'maintenance',
    prepare: scatter,
    run: maintainAll
  },
  {
    name: 'check --repair',
    heals: true,
    prepare: losePack,
    run: project => run(project, 'check', { repair: true })
  },
  {
    name: 'migrate from git',
    large: true,
    run: project => run(project, 'migrate', { from: 'git', include: ['run.sh', '*.txt'] })
  },
  {
    name: 'migrate to git-lfs',
    repeats: true,
    large: true,
    run: project => run(project, 'migrate', { to: 'lfs' })
  },
  {
    name: 'init',
    creates: true,
    run: project => run(project, 'init', { identity: { name: 'Ada', email: 'ada@example.org' } })
  }
];

/** Those to disturb at each of their steps. */
export const closely: readonly UseCase[] = useCases.filter(useCase => isNightly || !useCase.large);
