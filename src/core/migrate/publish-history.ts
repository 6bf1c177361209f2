/** Making a rewritten history visible: all branches, tags and the work tree in one operation that can be undone. */
import type { Head, ObjectId, RefChange } from '../model/git';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IProject } from '../port';
import type { Target } from '../transition/content';
import { changesBetween, moveWorkTree, treeOf } from '../transition/move-work-tree';
import type { RewrittenRef } from './rewrite-history';

/** Contents that lay on disk before although git did not know them: they may stay or go, and undo brings them back. */
export type DiskContents = ReadonlyMap<string, Target | null>;

/** What the branches and tags held stays under this name (and `-2`, `-3` … when that is taken). */
const BEFORE = 'refs/branchbook/before-migrate';

/** WORK_TREE_DIRTY when unsnapshotted files are where assets come; REF_CONFLICT when somebody moved a branch meanwhile. */
export async function publishHistory(
  project: IProject,
  head: Head & { readonly commit: ObjectId },
  refs: readonly RewrittenRef[],
  from: string,
  onDisk: DiskContents,
  activity: Activity
): Promise<readonly string[]> {
  if (refs.length === 0) {
    return [];
  }
  const folder = await freeFolder(project);
  const kept: RefChange[] = refs.map(({ name, from: old }) => ({
    name: `${folder}/${name.replace(/^refs\//, '')}`,
    from: null,
    to: old
  }));
  const after =
    refs.find(({ name }) => head.kind === 'branch' && name === `refs/heads/${head.branch}`)?.to ?? head.commit;
  const changes = await changesBetween(project, await treeOf(project, head.commit), await treeOf(project, after));
  const logged: LoggedFile[] = changes
    .filter(({ path }) => onDisk.has(path))
    .map(({ path }) => ({ path, before: onDisk.get(path) ?? null }));
  const push = await pushNotice(project, refs);
  const { notices } = await moveWorkTree(
    project,
    {
      changes,
      before: head,
      refs: [...refs, ...kept],
      unsnapshotted: 'refuse',
      expected: new Map([...onDisk].filter(([, target]) => target?.content.kind === 'link')),
      logged,
      verb: 'migrate',
      description: `migrate from ${from}`,
      reflog: `migrate: from ${from}`
    },
    activity
  );
  return [...notices, `What the branches were is kept under ${folder}/.`, ...push];
}

async function freeFolder(project: IProject): Promise<string> {
  const taken = await project.git.refs(BEFORE);
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? BEFORE : `${BEFORE}-${number}`;
    if (!taken.some(({ name }) => name.startsWith(`${folder}/`))) {
      return folder;
    }
  }
}

async function pushNotice(project: IProject, refs: readonly RewrittenRef[]): Promise<readonly string[]> {
  const remote = await project.git.refs('refs/remotes/');
  const shared = refs.filter(({ name }) =>
    remote.some(ref => ref.name.endsWith(`/${name.replace('refs/heads/', '')}`))
  );
  return shared.length === 0
    ? []
    : [
        'Remotes still have the old history: push with `git push --force-with-lease`, and let everybody clone again ' +
          '(or `git fetch` and `git reset --hard`) afterwards.'
      ];
}
