/** Changing which assets a work tree holds as files (`switch --only`, `switch --all`). */
import { BranchbookError } from '../error';
import type { Pointer } from '../model/asset';
import type { ObjectId, TreeEntry } from '../model/git';
import type { SwitchArgs } from '../model/result';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IProject } from '../port';
import { bringContents, problemsOf } from '../remote/bring-contents';
import { fileOf, readPointer, standInOf, targetOf } from '../transition/content';
import type { PathChange } from '../transition/path-change';
import { selects } from '../transition/selection';
import type { Selection } from '../transition/selection';
import { describeStandIns, isStandIn } from '../transition/stand-in';
import { checkPattern } from './track';

/** What the arguments choose; undefined when they leave it as it is. USAGE. */
export function chosenSelection({ only, all }: SwitchArgs): Selection | undefined {
  if (only && all) {
    const reason = 'they exclude each other';
    throw new BranchbookError('USAGE', 'Only some assets, or all: not both.', { argument: 'only', reason });
  }
  only?.forEach(checkPattern);
  return all ? null : only;
}

/**
 * The assets of a tree that the selection wants in the other form than the one on disk: real files that become their
 * pointers, and pointers whose content is here or at a remote. `settled` paths are left alone.
 */
export async function changesOfForm(
  project: IProject,
  tree: ObjectId | null,
  selection: Selection,
  settled: ReadonlySet<string>,
  activity: Activity
): Promise<Reformed> {
  const isSelected = selects(selection);
  const misshapen = await misshapenAssets(project, tree, isSelected, settled);
  const wanted = misshapen.filter(({ entry }) => isSelected(entry.path));
  const brought = await bringContents(
    project,
    wanted.map(({ pointer }) => pointer),
    activity,
    'file'
  );
  const missing = new Set(brought.missing.map(({ sha256 }) => sha256));
  const absent = wanted.filter(({ pointer }) => missing.has(pointer.sha256));
  const changes = misshapen
    .filter(asset => !absent.includes(asset))
    .map(({ entry }) => {
      const target = targetOf(entry);
      return { path: entry.path, from: entry, entry, to: isSelected(entry.path) ? target : standInOf(target) };
    });
  const standIns = absent.map(({ entry, pointer }) => ({ path: entry.path, pointer, stored: false }));
  return { changes, notices: [...describeStandIns(standIns), ...problemsOf(brought)] };
}

/** `notices`: assets that stay pointers although they are wanted, and why. */
export type Reformed = { readonly changes: readonly PathChange[]; readonly notices: readonly string[] };

/** Assets that lie as a file where a pointer is wanted, or the other way round. */
async function misshapenAssets(
  project: IProject,
  tree: ObjectId | null,
  isSelected: (path: string) => boolean,
  settled: ReadonlySet<string>
): Promise<readonly { readonly entry: TreeEntry; readonly pointer: Pointer }[]> {
  const isAsset = project.git.assetRules();
  const found: { entry: TreeEntry; pointer: Pointer }[] = [];
  for (const entry of tree ? await project.git.listTree(tree) : []) {
    const candidate = entry.mode.startsWith('100') && !settled.has(entry.path);
    if (!candidate || !(await isAsset(entry.path))) {
      continue;
    }
    const pointer = await readPointer(project, entry.oid);
    const stat = await project.files.lstat(`${project.root}/${entry.path}`);
    if (pointer && (await isStandIn(project, entry.path, stat)) === isSelected(entry.path)) {
      found.push({ entry, pointer });
    }
  }
  return found;
}

/** No commit tells in which form an asset lay on disk; the operation log does. */
export function loggedForms(changes: readonly PathChange[]): readonly LoggedFile[] {
  return changes.map(({ path, to }) => {
    const after = to!;
    const before = after.content.kind === 'pointer' ? fileOf(after) : standInOf(after);
    return { path, before, after };
  });
}
