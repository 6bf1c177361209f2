/** Changing which assets a work tree holds as files (`switch --only`, `switch --all`). */
import { BranchbookError } from '../error';
import type { ObjectId } from '../model/git';
import type { SwitchArgs } from '../model/result';
import type { LoggedFile } from '../oplog/operation-log';
import type { IProject } from '../port';
import { fileOf, readPointer, standInOf, targetOf } from '../transition/content';
import type { PathChange } from '../transition/plan';
import { selects } from '../transition/selection';
import type { Selection } from '../transition/selection';
import { isStandIn } from '../transition/stand-in';
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
 * pointers, and pointers whose content the store has. `settled` paths are left alone.
 */
export async function changesOfForm(
  project: IProject,
  tree: ObjectId | null,
  selection: Selection,
  settled: ReadonlySet<string>
): Promise<readonly PathChange[]> {
  const isSelected = selects(selection);
  const isAsset = project.git.assetRules();
  const changes: PathChange[] = [];
  for (const entry of tree ? await project.git.listTree(tree) : []) {
    const candidate = entry.mode.startsWith('100') && !settled.has(entry.path);
    if (!candidate || !(await isAsset(entry.path))) {
      continue;
    }
    const pointer = await readPointer(project, entry.oid);
    const stat = await project.files.lstat(`${project.root}/${entry.path}`);
    const wanted = isSelected(entry.path);
    const standIn = await isStandIn(project, entry.path, stat);
    if (pointer && standIn === wanted && (!wanted || (await project.store.has(pointer.sha256)))) {
      const target = targetOf(entry);
      changes.push({ path: entry.path, from: entry, entry, to: wanted ? target : standInOf(target) });
    }
  }
  return changes;
}

/** No commit tells in which form an asset lay on disk; the operation log does. */
export function loggedForms(changes: readonly PathChange[]): readonly LoggedFile[] {
  return changes.map(({ path, to }) => {
    const after = to!;
    const before = after.content.kind === 'pointer' ? fileOf(after) : standInOf(after);
    return { path, before, after };
  });
}
