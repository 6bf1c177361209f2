/**
 * The operation log: one JSON file per operation in `<home>/operations/`, named by a rising number, written durably
 * and never changed. Undo reads it; nothing else depends on it.
 */
import { encodeSealed, ensureDirectory, listNames, readSealed, writeDurable } from '../durable';
import { hasCode } from '../error';
import type { Head, RefChange } from '../model/git';
import type { OperationRecord } from '../model/result';
import type { IProject } from '../port';
import type { Target } from '../transition/content';
import { isOfThisWorkTree, worktreeOf } from './work-tree';

/**
 * A work-tree file that an operation changed in a way the commits do not tell: unsnapshotted content it took away or
 * put back. A missing side means "as the commit of that side has it", null means "no file".
 */
export type LoggedFile = {
  readonly path: string;
  readonly before?: Target | null;
  readonly after?: Target | null;
};

export type LoggedOperation = {
  /** Eight digits; rises with every operation of the project. */
  readonly id: string;
  readonly verb: string;
  /** For example `switch main → experiment-1`. */
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Work tree the operation ran in; linked worktrees share one log. */
  readonly root: string;
  /** The same wherever the project lies: empty for the main work tree. Missing in what version 0.1 wrote. */
  readonly worktree?: string;
  readonly before: Head;
  readonly after: Head;
  readonly refs: readonly RefChange[];
  readonly files: readonly LoggedFile[];
  /** `follow`: files on disk went along with HEAD. `stay`: only HEAD and the index moved (snapshot). */
  readonly workTree: 'follow' | 'stay';
  /** The operation that this one took back. What takes back an undo is a redo. */
  readonly undoes?: string;
};

/** What the caller of `stampOperation` knows; the rest is filled in. */
export type NewOperation = Omit<LoggedOperation, 'id' | 'time' | 'root' | 'worktree'>;

const folderOf = (project: IProject): string => `${project.home}/operations`;

/** Give an operation its id and time. The caller holds the project's lock, so the number is free. */
export async function stampOperation(project: IProject, operation: NewOperation): Promise<LoggedOperation> {
  const last = (await operationIds(project)).at(-1) ?? '0';
  const id = String(Number(last) + 1).padStart(8, '0');
  return { ...operation, id, time: project.clock.now(), root: project.root, worktree: worktreeOf(project) };
}

/** Write a stamped operation; writing the same one again (recovery) changes nothing. */
export async function writeOperation(project: IProject, operation: LoggedOperation): Promise<void> {
  await ensureDirectory(project.files, folderOf(project));
  const bytes = await encodeSealed(operation, text => project.git.hashBlob(text));
  await writeDurable(project.files, `${folderOf(project)}/${operation.id}.json`, bytes);
}

async function operationIds(project: IProject): Promise<readonly string[]> {
  const names = await listNames(project.files, folderOf(project));
  return names.flatMap(name => /^([0-9]{8,})\.json$/.exec(name)?.[1] ?? []);
}

/**
 * Every operation of all work trees, oldest first, and the paths of entries that cannot be read; of these `damaged` are
 * those whose bytes are wrong: what the disk does not give now it may give later.
 */
export async function readAllOperations(project: IProject): Promise<{
  readonly operations: readonly LoggedOperation[];
  readonly unreadable: readonly string[];
  readonly damaged: readonly string[];
}> {
  const operations: LoggedOperation[] = [];
  const unreadable: string[] = [];
  const damaged: string[] = [];
  for (const id of await operationIds(project)) {
    const path = `${folderOf(project)}/${id}.json`;
    let isTrouble = false;
    const operation = await readOperation(project, id, error => (isTrouble = !hasCode(error, 'FORMAT_INVALID')));
    if (isOperation(operation) && operation.id === id) {
      operations.push(operation);
    } else {
      unreadable.push(path);
      damaged.push(...(isTrouble ? [] : [path]));
    }
  }
  return { operations, unreadable, damaged };
}

/** Whether it has what everybody relies on; damage may leave JSON that is something else. */
function isOperation(value: LoggedOperation | null): value is LoggedOperation {
  return (
    typeof value?.root === 'string' &&
    typeof value.description === 'string' &&
    typeof value.time === 'number' &&
    typeof value.before === 'object' &&
    typeof value.after === 'object' &&
    Array.isArray(value.refs) &&
    Array.isArray(value.files)
  );
}

/** null when it is missing or cannot be read. */
async function readOperation(
  project: IProject,
  id: string,
  onFailure: (error: unknown) => void = () => undefined
): Promise<LoggedOperation | null> {
  const path = `${folderOf(project)}/${id}.json`;
  const read = readSealed(project.files, path, text => project.git.hashBlob(text));
  return (await read.catch((error: unknown) => {
    onFailure(error);
    return null;
  })) as LoggedOperation | null;
}

/** The operations of this work tree, newest first. Files that cannot be read are left out. */
async function* newestFirst(project: IProject): AsyncGenerator<LoggedOperation> {
  for (const id of [...(await operationIds(project))].reverse()) {
    const operation = await readOperation(project, id);
    if (operation && isOfThisWorkTree(project, operation)) {
      yield operation;
    }
  }
}

/** The last `limit` operations of this work tree, oldest first. */
export async function readOperations(project: IProject, limit = 100): Promise<readonly LoggedOperation[]> {
  const found: LoggedOperation[] = [];
  for await (const operation of newestFirst(project)) {
    if (found.push(operation) === limit) {
      break;
    }
  }
  return found.reverse();
}

/** Where undo and redo go from here. */
export type NextSteps = {
  /** The operation to take back next. */
  readonly undo: LoggedOperation | null;
  /** The undo to take back next, and the operation that this puts back. */
  readonly redo: { readonly undo: LoggedOperation; readonly operation: LoggedOperation } | null;
};

/**
 * The log read as the two stacks of an editor: undo takes back the newest operation that stands, redo puts back the one
 * taken back last, unless something else was done since.
 */
export async function nextSteps(project: IProject): Promise<NextSteps> {
  const takenBack = new Set<string>();
  let redo: NextSteps['redo'] = null;
  for await (const operation of newestFirst(project)) {
    if (takenBack.has(operation.id)) {
      continue;
    }
    if (operation.undoes === undefined) {
      return { undo: operation, redo };
    }
    takenBack.add(operation.undoes);
    redo ??= await redoOf(project, operation);
  }
  return { undo: null, redo };
}

/** What taking `undo` back puts back; null when it is a redo itself: it takes back an undo. */
async function redoOf(project: IProject, undo: LoggedOperation): Promise<NextSteps['redo']> {
  const operation = undo.undoes === undefined ? null : await readOperation(project, undo.undoes);
  return operation && operation.undoes === undefined ? { undo, operation } : null;
}

/** Ids of operations that were taken back, and whose taking back was not itself taken back. */
export function undoneIds(operations: readonly LoggedOperation[]): ReadonlySet<string> {
  const undone = new Set<string>();
  for (const operation of [...operations].reverse()) {
    if (operation.undoes && !undone.has(operation.id)) {
      undone.add(operation.undoes);
    }
  }
  return undone;
}

/** The plain form for people and programs. */
export function toRecord(operation: LoggedOperation, undone: ReadonlySet<string>): OperationRecord {
  return {
    id: operation.id,
    time: new Date(operation.time).toISOString(),
    description: operation.description,
    verb: operation.verb,
    undone: undone.has(operation.id)
  };
}
