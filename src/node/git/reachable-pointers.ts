/** Which contents a bare repository's refs lead to: git walks, and what is small enough is read as a pointer. */
import { BranchbookError, hasCode } from '../../core/error';
import { decodePointer, POINTER_MAX_BYTES } from '../../core/format/pointer';
import type { Pointer } from '../../core/model/asset';
import type { ObjectId } from '../../core/model/git';
import type { IFileSystem, RefUpdate } from '../../core/port';
import { ObjectDatabase } from './objects';
import { runGit } from './runner';

/** Milliseconds, and bytes of what git says: ten million objects. */
const TIMEOUT = 30 * 60_000;
const MAX_OUTPUT = 450 * 1024 * 1024;
const SMALL_BLOB = /^([0-9a-f]{40}) blob (\d{1,4})$/;

type Walk = {
  readonly files: IFileSystem;
  /** Absolute path of the repository. */
  readonly gitDir: string;
  /** Where git keeps what a push brought; missing = nothing is being pushed. */
  readonly quarantine?: string;
  readonly signal: AbortSignal;
};

/** Of all refs; null when there is none. PROJECT_DAMAGED when something on the way cannot be read. */
export async function allPointers(walk: Walk): Promise<readonly Pointer[] | null> {
  try {
    const refs = await inRepository(walk, ['for-each-ref', '--count=1']);
    return refs === '' ? null : await found(walk, await inRepository(walk, [...listing, '--all']));
  } catch (error) {
    if (hasCode(error, 'CANCELLED')) {
      throw error;
    }
    const reason = BranchbookError.from(error).message;
    throw new BranchbookError(
      'PROJECT_DAMAGED',
      `Nothing was deleted, since the history cannot be read: ${reason}`,
      { reason },
      'Push it again from a clone that has all of it.'
    );
  }
}

/** Of what a push makes refs lead to and their old values did not: those whose objects it did not bring itself. */
export async function pointersBehind(walk: Walk, updates: readonly RefUpdate[]): Promise<readonly Pointer[]> {
  const tips = updates.flatMap(({ to }) => to ?? []);
  if (tips.length === 0) {
    return [];
  }
  const known = updates.flatMap(({ from }) => (from === null ? [] : [`^${from}`]));
  return found(walk, await inRepository(walk, [...listing, '--stdin'], [...tips, ...known]));
}

const listing = ['rev-list', '--objects', '--no-object-names', `--filter=blob:limit=${POINTER_MAX_BYTES + 1}`];

async function found(walk: Walk, objects: string): Promise<readonly Pointer[]> {
  const described = await inRepository(walk, ['cat-file', '--batch-check'], objects.split('\n').filter(Boolean));
  if (/ missing$/m.test(described)) {
    throw new BranchbookError('OBJECT_CORRUPT', 'A git object that refs lead to is missing.', { reason: 'missing' });
  }
  const database = await ObjectDatabase.open(walk.files, walk.gitDir);
  const pointers: Pointer[] = [];
  for (const line of described.split('\n')) {
    const [, oid, size] = SMALL_BLOB.exec(line) ?? [];
    if (oid !== undefined && Number(size) <= POINTER_MAX_BYTES && (await isOld(walk, database, oid))) {
      walk.signal.throwIfAborted();
      const pointer = decodePointer(await database.readTyped(oid, 'blob'));
      pointers.push(...(pointer && pointer.size > 0 ? [pointer] : []));
    }
  }
  return pointers;
}

async function isOld({ quarantine }: Walk, database: ObjectDatabase, oid: ObjectId): Promise<boolean> {
  return quarantine === undefined || (await database.has(oid));
}

function inRepository(
  { files, gitDir, quarantine, signal }: Walk,
  command: readonly string[],
  input?: readonly string[]
): Promise<string> {
  return runGit({
    files,
    cwd: gitDir,
    command: ['-c', `safe.directory=${gitDir}`, `--git-dir=${gitDir}`, ...command],
    operands: null,
    signal,
    timeout: TIMEOUT,
    maxOutput: MAX_OUTPUT,
    variables: {
      GIT_NO_REPLACE_OBJECTS: '1',
      ...(quarantine !== undefined && {
        GIT_OBJECT_DIRECTORY: quarantine,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: `${gitDir}/objects`
      })
    },
    ...(input && { input: input.map(line => `${line}\n`).join('') })
  });
}
