/** A project in memory: what it looks like, and what must be true of it whatever happened. */
import type { ProjectVerb, Verbs } from '../../../src/core/model/result';
import { operations } from '../../../src/core/operation/index';
import { exclusively, runOperation } from '../../../src/core/operation/run';
import type { IFileSystem, IOpenProject, IProcesses } from '../../../src/core/port';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { openProject } from '../../../src/service/open-project';

export const ROOT = '/work/project';

/** Every change looks a minute old, so that nothing waits for the clock, nor is anything old enough to be collected. */
export function createMemory(): MemoryFileSystem {
  return new MemoryFileSystem({ age: 60_000 });
}

let lives = 0;

/** A process that is the only one alive: all others were killed. */
export function newLife(): IProcesses {
  const self = { pid: (lives += 1), start: `boot-${lives}` };
  return { self, host: 'here', isAlive: async ({ pid, start }) => pid === self.pid && start === self.start };
}

export type OpenWorld = { readonly create?: boolean; readonly processes?: IProcesses };

export async function openWorld(
  files: IFileSystem,
  { create = false, processes = newLife() }: OpenWorld = {}
): Promise<IOpenProject> {
  return openProject(ROOT, {
    create,
    files,
    workerFile: null,
    program: ['/usr/bin/branchbook'],
    processes,
    portion: 2
  });
}

export function run<V extends ProjectVerb>(
  project: IOpenProject,
  verb: V,
  args: Verbs[V]['args']
): Promise<Verbs[V]['result']> {
  return runOperation(project, operations[verb], args);
}

/** A file's content, a link (`→ target`), an executable (`!content`), or null for no file. */
export type Files = { readonly [path: string]: string | null };

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

/** Write as a user's program does, in place. */
export async function write(files: IFileSystem, content: Files): Promise<void> {
  for (const [path, text] of Object.entries(content)) {
    await remove(files, `${ROOT}/${path}`);
    if (text === null) {
      continue;
    }
    await makeFolders(files, `${ROOT}/${path}`);
    if (text.startsWith('→ ')) {
      await files.symlink(text.slice(2), `${ROOT}/${path}`);
    } else {
      const handle = await files.open(`${ROOT}/${path}`, 'create', text.startsWith('!') ? 0o755 : 0o644);
      await handle.write(encode(text.replace(/^!/, '')), 0);
      await handle.close();
    }
  }
}

async function remove(files: IFileSystem, path: string): Promise<void> {
  const stat = await files.lstat(path);
  if (stat?.kind === 'directory') {
    for (const { name } of await files.readdir(path)) {
      await remove(files, `${path}/${name}`);
    }
    await files.rmdir(path);
  } else if (stat) {
    await files.unlink(path);
  }
}

async function makeFolders(files: IFileSystem, path: string): Promise<void> {
  const parts = path.split('/').slice(1, -1);
  for (let count = 1; count <= parts.length; count += 1) {
    const folder = `/${parts.slice(0, count).join('/')}`;
    if (!(await files.lstat(folder))) {
      await files.mkdir(folder);
    }
  }
}

/** All files of the work tree, in the notation of `Files`. */
export async function read(files: IFileSystem, folder = ROOT): Promise<Files> {
  const found: { [path: string]: string } = {};
  for (const { name, kind } of await files.readdir(folder)) {
    const path = `${folder}/${name}`;
    if (kind === 'directory') {
      Object.assign(found, path === `${ROOT}/.git` ? {} : await read(files, path));
    } else if (kind === 'symlink') {
      found[path.slice(ROOT.length + 1)] = `→ ${await files.readlink(path)}`;
    } else {
      const mode = (await files.lstat(path))!.mode & 0o100 ? '!' : '';
      found[path.slice(ROOT.length + 1)] = mode + decode((await files.readFile(path))!);
    }
  }
  return found;
}

/** What a user can see or lose: files, branches with their versions, what is unsnapshotted, what undo would take back. */
export type State = {
  readonly files: Files;
  readonly head: string;
  readonly refs: { readonly [name: string]: readonly string[] };
  readonly changes: readonly string[];
  /** Which assets were chosen, and which are not here. */
  readonly only: readonly string[] | null;
  readonly absent: readonly string[];
  readonly log: readonly string[];
  readonly settings: string;
};

export async function stateOf(project: IOpenProject): Promise<State> {
  const head = await project.git.head();
  const refs: { [name: string]: readonly string[] } = {};
  for (const ref of await project.git.refs('refs/')) {
    const versions: string[] = [];
    for await (const commit of project.git.history(ref.commit)) {
      versions.push(`${commit.tree} ${commit.message.split('\n')[0]}`);
    }
    refs[ref.name] = versions.sort();
  }
  const { changes, only, absent } = await run(project, 'status', {});
  const { operations: log } = await run(project, 'undo', { list: true });
  return {
    files: await read(project.files),
    head: head.kind === 'branch' ? head.branch : `detached ${(await project.git.readCommit(head.commit)).tree}`,
    refs,
    changes: changes.map(({ kind, path }) => `${kind} ${path}`),
    only,
    absent: absent.map(({ path }) => path),
    log: log.map(({ description, undone }) => `${description}${undone ? ' (undone)' : ''}`),
    settings: decode((await project.files.readFile(`${ROOT}/.git/config`)) ?? new Uint8Array())
  };
}

/** Complete what was interrupted, as the next command does first. */
export async function recover(files: IFileSystem, options?: OpenWorld): Promise<IOpenProject> {
  const project = await openWorld(files, options);
  await exclusively(project, 'recover', {}, async () => undefined);
  return project;
}
