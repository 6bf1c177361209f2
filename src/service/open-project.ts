/** The composition root of a project: core's ports, implemented by this machine. */
import { relative } from 'node:path';
import { hasCode } from '../core/error';
import { repairFilters } from '../core/operation/filter-config';
import { projectMarker } from '../core/operation/init';
import { checkFormat } from '../core/operation/project-format';
import type { Creation, IAssetStore, IFileSystem, IOpenProject, IPlaces, IProcesses, IProject } from '../core/port';
import { BranchbookError } from '../core/error';
import { createTableEngine } from '../node/duckdb/engine';
import { disk } from '../node/fs/disk';
import { readOnly } from '../node/fs/read-only';
import { discover } from '../node/git/discover';
import { initRepository, openGit } from '../node/git/repository';
import { openProcesses } from '../node/process/processes';
import { clock, random } from '../node/process/time';
import { createMd5 } from '../node/store/md5-file';
import { openStore } from '../node/store/open-store';
import { inflate } from '../node/text/inflate';
import { matchLines } from '../node/text/match-lines';
import { mergeText } from '../node/text/merge-text';
import { parseYaml } from '../node/text/parse-yaml';
import { createPlaces } from './open-places';

export type OpenOptions = {
  /** Also open a git repository that is no project yet, making the repository when there is none: for `init`. */
  readonly create?: Creation;
  readonly files?: IFileSystem;
  /** The store's built worker; null = no threads. Default: the one beside this program, if there. */
  readonly workerFile?: string | null;
  /** Who we are. Default: this process. */
  readonly processes?: IProcesses;
  /** The argument vector that starts this program. Default: this file, which the build makes the program. */
  readonly program?: readonly string[];
  /** Default: places of its own, closed with it. */
  readonly places?: IPlaces;
  /** Paths of a change that are dealt with at once. */
  readonly portion?: number;
};

/** Some megabytes of memory; and files that are written anew by the thousand share their flushes. */
const PORTION = 4096;

/** Open the project that holds an absolute path. NOT_A_PROJECT, REPOSITORY_UNSUPPORTED. */
export async function openProject(path: string, options: OpenOptions = {}): Promise<IOpenProject> {
  const files = options.files ?? disk;
  const root = options.create ? await makeRepository(path, files, options.create) : await requireRoot(path, files);
  const processes = options.processes ?? (await openProcesses());
  const git = await openGit(root, files, { processes });
  const home = `${git.commonDir}/branchbook`;
  await checkFormat(files, home);
  const store = await openStore(
    home,
    files,
    options.workerFile === undefined ? { processes } : { processes, workerFile: options.workerFile }
  );
  const tables = createTableEngine({ spill: `${home}/spill`, files, processes });
  const places = options.places ?? createPlaces();
  const shared = {
    files,
    store,
    tables,
    places,
    clock,
    random,
    processes,
    mergeText,
    matchLines,
    inflate,
    parseYaml,
    md5File: createMd5(files),
    portion: options.portion ?? PORTION,
    home,
    program: options.program ?? [process.execPath, __filename],
    at: async (other: string): Promise<IProject> => {
      const there = await openGit(other, files, { processes });
      return { ...shared, root: there.root, git: there };
    },
    storeAt: async (other: string): Promise<IAssetStore> => {
      await checkFormat(files, other);
      return openStore(other, readOnly(files), { workerFile: null });
    }
  };
  const project = {
    ...shared,
    root: git.root,
    git,
    close: () => closeAll(store, tables, ...(options.places ? [] : [places]))
  };
  if (!options.create) {
    await repairFilters(project);
  }
  return project;
}

async function closeAll(...parts: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(parts.map(part => part.close()));
}

/** Root of the project that holds an absolute path; null when none does. REPOSITORY_UNSUPPORTED. */
export async function findRoot(path: string, files: IFileSystem = disk): Promise<string | null> {
  try {
    const { root, commonDir } = await discover(files, path);
    return (await files.lstat(projectMarker(`${commonDir}/branchbook`))) ? root : null;
  } catch (error) {
    if (hasCode(error, 'NOT_A_PROJECT')) {
      return null;
    }
    throw error;
  }
}

async function requireRoot(path: string, files: IFileSystem): Promise<string> {
  const root = await findRoot(path, files);
  if (root === null) {
    throw new BranchbookError(
      'NOT_A_PROJECT',
      `${path} is not in a Branchbook project.`,
      { path },
      'Make its folder a project with `branchbook init`.'
    );
  }
  return root;
}

/** The repository that `path` belongs to, or a new one there. PATH_UNKNOWN when there is no such folder. */
async function makeRepository(path: string, files: IFileSystem, create: Creation): Promise<string> {
  if ((await files.lstat(path))?.kind !== 'directory') {
    throw new BranchbookError('PATH_UNKNOWN', `There is no folder ${path}.`, { path }, 'Create it first.');
  }
  const enclosing = await enclosingRepository(path, files);
  const fits = enclosing !== null && (create !== 'here' || enclosing === path);
  return fits ? enclosing : (await initRepository(path, files)).root;
}

/** The repository that holds `path`; null when there is none, or when it ignores this folder: then it is not its own. */
async function enclosingRepository(path: string, files: IFileSystem): Promise<string | null> {
  try {
    const git = await openGit(path, files);
    const inside = relative(git.root, path);
    return inside !== '' && (await git.isIgnored(inside)) ? null : git.root;
  } catch (error) {
    if (hasCode(error, 'NOT_A_PROJECT')) {
      return null;
    }
    throw error;
  }
}
