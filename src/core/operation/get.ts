/** `get`: a file with exactly the content of a version, beside the work tree. */
import { parentOf, temporaryName, unlinkQuietly } from '../durable';
import { BranchbookError, hasCode } from '../error';
import type { Commit, TreeEntry } from '../model/git';
import type { GetArgs, GetResult } from '../model/result';
import { factsOf } from '../model/trailer';
import type { Activity, IProject } from '../port';
import { readPointer, targetOf } from '../transition/content';
import { moveWorkTree } from '../transition/move-work-tree';
import { readStandIn } from '../transition/stand-in';
import { requireContent } from '../remote/bring-contents';
import { cacheContent, writeContent } from './content-file';
import { shortId } from './head';
import { lastChange } from './last-change';
import { locate } from './locate';
import type { Operation } from './operation';
import { exclusively } from './run';
import { loggedForms } from './select-assets';

export const getOperation: Operation<'get'> = {
  verb: 'get',
  summary: 'Give a file with the content of a version',
  mutates: false,
  run: get
};

/** PATH_UNKNOWN, REVISION_UNKNOWN, ASSET_MISSING, OBJECT_CORRUPT, DISK_FULL. */
async function get(project: IProject, args: GetArgs, activity: Activity): Promise<GetResult> {
  const { path, commit, entry } = await locate(project, args.address);
  if (!entry || entry.mode === '160000') {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      `${path || args.address} is not a file in ${shortId(commit.oid)}.`,
      { path, revision: commit.oid },
      'List its versions with `branchbook versions PATH`.'
    );
  }
  const made = await lastChange(project, commit, path);
  const file = await provide(project, entry, args, activity);
  return {
    path,
    file,
    size: (await project.files.lstat(file))!.size,
    snapshot: made.oid,
    facts: factsOf(made.message).find(facts => facts.path === path) ?? null,
    trusted: await isOwn(project, made)
  };
}

/** Where it was asked for; in place when only its pointer is there; else beside the work tree. */
async function provide(project: IProject, entry: TreeEntry, args: GetArgs, activity: Activity): Promise<string> {
  if (args.output) {
    return writeTo(project, entry, args.output, activity);
  }
  const unversioned = args.address === entry.path;
  if (!unversioned || !(await isLeftOut(project, entry))) {
    return cacheContent(project, entry, activity);
  }
  await requireContent(project, (await readPointer(project, entry.oid))!, entry.path, activity, 'file');
  return exclusively(project, 'get', activity, () => bringHere(project, entry, activity));
}

/** The version's own pointer stands in for it on disk. */
async function isLeftOut(project: IProject, entry: TreeEntry): Promise<boolean> {
  const stat = await project.files.lstat(`${project.root}/${entry.path}`);
  const here = await readStandIn(project, entry.path, stat);
  return here !== null && here.sha256 === (await readPointer(project, entry.oid))?.sha256;
}

/** Put the content where its pointer stands. WORK_TREE_DIRTY when the pointer was edited meanwhile. */
async function bringHere(project: IProject, entry: TreeEntry, activity: Activity): Promise<string> {
  const changes = [{ path: entry.path, from: entry, entry, to: targetOf(entry) }];
  await moveWorkTree(
    project,
    {
      changes,
      before: await project.git.head(),
      unsnapshotted: 'refuse',
      logged: loggedForms(changes),
      verb: 'get',
      description: `get ${entry.path}`,
      reflog: 'get'
    },
    activity
  );
  return `${project.root}/${entry.path}`;
}

/** Made in this clone, by this user: other people may work in the same clone, and write any name into other commits. */
async function isOwn(project: IProject, commit: Commit): Promise<boolean> {
  try {
    const { email } = await project.git.identity();
    return email === commit.author.email && (await project.git.isMadeHere(commit.oid));
  } catch (error) {
    if (hasCode(error, 'IDENTITY_MISSING')) {
      return false;
    }
    throw error;
  }
}

/** Replaces what is at `output` in one step. */
async function writeTo(project: IProject, entry: TreeEntry, output: string, activity: Activity): Promise<string> {
  const temporary = temporaryName(output);
  try {
    await writeContent(project, entry, temporary, activity);
    await project.files.rename(temporary, output);
  } catch (error) {
    await unlinkQuietly(project.files, temporary);
    throw error;
  }
  await project.files.syncDirectory(parentOf(output));
  return output;
}
