/** `restore`: bring files back as they were in a version; HEAD and branches stay. */
import { BranchbookError } from '../error';
import type { ObjectId, TreeEntry } from '../model/git';
import type { RestoreArgs, RestoreResult } from '../model/result';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IProject } from '../port';
import { readPointer, targetOf } from '../transition/content';
import { moveWorkTree, treeOf } from '../transition/move-work-tree';
import type { PathChange } from '../transition/path-change';
import { afterwards } from './afterwards';
import { headName, refuseInProgress, shortId } from './head';
import { locate } from './locate';
import type { Operation } from './operation';

export const restoreOperation: Operation<'restore'> = {
  verb: 'restore',
  summary: 'Bring files back as they were in a version',
  mutates: true,
  run: restore
};

/** One path wanted from one commit; null where that version has no such file. */
type Wanted = { readonly path: string; readonly commit: ObjectId; readonly entry: TreeEntry | null };

/** PATH_UNKNOWN, REVISION_UNKNOWN, ADDRESS_INVALID. What is overwritten is kept: `undo` brings it back. */
async function restore(project: IProject, args: RestoreArgs, activity: Activity): Promise<RestoreResult> {
  if (args.addresses.length === 0) {
    throw new BranchbookError('USAGE', 'Nothing to restore was named.', { argument: 'addresses', reason: 'empty' });
  }
  await refuseInProgress(project);
  const before = await project.git.head();
  const tree = await treeOf(project, before.commit);
  const wanted = new Map<string, Wanted>();
  for (const address of args.addresses) {
    for (const item of await expand(project, address, args.revision ?? 'HEAD', tree)) {
      wanted.set(item.path, item);
    }
  }
  const items = [...wanted.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const changes = await toChanges(project, items, tree);
  const { notices } = await moveWorkTree(
    project,
    {
      changes,
      before,
      unsnapshotted: 'save',
      logged: changes.map(toLogged),
      verb: 'restore',
      description: describe(items, headName(before)),
      reflog: 'restore'
    },
    activity
  );
  return afterwards('The files are restored', async () => ({
    restored: await Promise.all(items.map(item => toRestored(project, item))),
    notices
  }));
}

/** All files at and below an address. Files that HEAD has there and the version has not are removed, as git does. */
async function expand(
  project: IProject,
  address: string,
  revision: string,
  tree: ObjectId | null
): Promise<readonly Wanted[]> {
  const located = await locate(project, address, revision);
  const below = located.path === '' ? undefined : located.path;
  const files = await project.git.listTree(located.commit.tree, below);
  const present = tree ? await project.git.listTree(tree, below) : [];
  const commit = located.commit.oid;
  const wanted = new Set(files.map(file => file.path));
  const gone = present.filter(file => !wanted.has(file.path));
  return [
    ...files.map(entry => ({ path: entry.path, commit, entry })),
    ...gone.map(file => ({ path: file.path, commit, entry: null }))
  ];
}

/** The index stays as it is: a restored file shows as modified until it is snapshotted. */
async function toChanges(
  project: IProject,
  items: readonly Wanted[],
  tree: ObjectId | null
): Promise<readonly PathChange[]> {
  const changes: PathChange[] = [];
  for (const { path, entry } of items) {
    const from = tree ? await project.git.entry(tree, path) : null;
    changes.push({ path, from, entry: from, to: entry && targetOf(entry) });
  }
  return changes;
}

/** No commit tells that the work tree left HEAD's content; the log does. */
function toLogged({ path, from, to }: PathChange): LoggedFile {
  return { path, before: from && targetOf(from), after: to };
}

function describe(items: readonly Wanted[], branch: string): string {
  const [first] = items;
  const what = items.length === 1 ? first!.path : `${items.length} files`;
  return `restore ${what} from ${shortId(first!.commit)} on ${branch}`;
}

async function toRestored(project: IProject, item: Wanted): Promise<RestoreResult['restored'][number]> {
  return { path: item.path, from: item.commit, size: item.entry && (await sizeOf(project, item.entry)) };
}

async function sizeOf(project: IProject, entry: TreeEntry): Promise<number> {
  const pointer = entry.mode === '120000' ? null : await readPointer(project, entry.oid);
  return pointer ? pointer.size : (await project.git.readBlob(entry.oid)).length;
}
