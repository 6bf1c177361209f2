/** What a diff compares: two snapshots, or a snapshot and the work tree; of one file, a folder or everything. */
import { hasCode } from '../error';
import { addressReadings } from '../model/address';
import type { DiffArgs } from '../model/diff';
import type { Commit } from '../model/git';
import { checkPath } from '../model/path';
import type { IProject } from '../port';
import { locate } from './locate';

export type Side = {
  readonly name: string;
  /** null: the work tree. */
  readonly commit: Commit | null;
  /** Project path; empty for everything. */
  readonly path: string;
};

export const WORK_TREE = 'work tree';

/**
 * `from` is a revision, an address or a bare path (then HEAD is meant); so is `to`, which without a revision means the
 * work tree. A path given on one side counts for the other too. REVISION_UNKNOWN, PATH_UNKNOWN, UNBORN_HEAD, PATH_UNSAFE.
 */
export async function findSides(project: IProject, args: DiffArgs): Promise<readonly [Side, Side]> {
  const from = await readSide(project, args.from ?? 'HEAD', 'HEAD');
  const to = args.to === undefined ? workTree('') : await readSide(project, args.to, null);
  const path = args.path?.replace(/\/+$/, '');
  if (path) {
    checkPath(path);
  }
  return [
    { ...from, path: from.path || path || to.path },
    { ...to, path: to.path || path || from.path }
  ];
}

function workTree(path: string): Side {
  return { name: WORK_TREE, commit: null, path };
}

/** `bare`: the revision of a path that names none; null = the work tree. A revision wins over a file of that name. */
async function readSide(project: IProject, text: string, bare: string | null): Promise<Side> {
  const revision = text.replace(/^@(?=[^@{~^])/, '');
  const commit = await project.git.resolve(revision).catch(error => {
    if (hasCode(error, 'REVISION_UNKNOWN')) {
      return null;
    }
    throw error;
  });
  if (commit) {
    return { name: revision, commit: await project.git.readCommit(commit), path: '' };
  }
  if (bare === null && (await isInWorkTree(project, text))) {
    return workTree(text);
  }
  return readAddress(project, text, revision);
}

async function isInWorkTree(project: IProject, path: string): Promise<boolean> {
  try {
    checkPath(path);
  } catch {
    return false;
  }
  return (await project.files.lstat(`${project.root}/${path}`)) !== null;
}

async function readAddress(project: IProject, text: string, revision: string): Promise<Side> {
  const atRevision = addressReadings(text).some(reading => reading.revision !== null);
  try {
    const { path, commit } = await locate(project, text);
    return { name: atRevision && path !== text ? text.slice(path.length + 1) : 'HEAD', commit, path };
  } catch (error) {
    if (hasCode(error, 'PATH_UNKNOWN') && (await isInWorkTree(project, text))) {
      return { name: 'HEAD', commit: await project.git.readCommit(await project.git.resolve('HEAD')), path: text };
    }
    // Neither: what was most likely meant is a revision.
    if (!atRevision && hasCode(error, 'PATH_UNKNOWN', 'PATH_UNSAFE')) {
      await project.git.resolve(revision);
    }
    throw error;
  }
}
