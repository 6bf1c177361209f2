/**
 * Which assets a work tree holds as files: all, or those that match patterns. The choice belongs to the work tree and
 * is kept in `branchbook/only.json` of its git directory. It speaks of files that come because a branch changed;
 * whatever is asked for by name comes all the same.
 */
import { ensureDirectory, parentOf, readJson, writeDurable } from '../durable';
import { globMatcher } from '../format/glob';
import { foldersAbove } from '../model/path';
import type { IProject } from '../port';
import { readPointer, standInOf } from './content';
import type { PathChange } from './path-change';

/** Patterns as in .gitattributes, or null for everything. A pattern that matches a folder takes all that is in it. */
export type Selection = readonly string[] | null;

type Stored = { readonly version: 1; readonly only: readonly string[] };

const fileOfSelection = (project: IProject): string => `${project.git.gitDir}/branchbook/only.json`;

export async function readSelection(project: IProject): Promise<Selection> {
  return ((await readJson(project.files, fileOfSelection(project))) as Stored | null)?.only ?? null;
}

/** Durable on return. */
export async function writeSelection(project: IProject, selection: Selection): Promise<void> {
  const file = fileOfSelection(project);
  if (selection === null) {
    if (await project.files.lstat(file)) {
      await project.files.unlink(file);
      await project.files.syncDirectory(parentOf(file));
    }
    return;
  }
  const stored: Stored = { version: 1, only: selection };
  await ensureDirectory(project.files, parentOf(file));
  await writeDurable(project.files, file, new TextEncoder().encode(JSON.stringify(stored)));
}

/** Tells for a project path whether the selection takes it. */
export function selects(selection: Selection): (path: string) => boolean {
  if (selection === null) {
    return () => true;
  }
  const matchers = selection.map(pattern => globMatcher(pattern.replace(/\/+$/, ''), false));
  const matches = (path: string): boolean =>
    matchers.some(matcher => matcher(path, path.slice(path.lastIndexOf('/') + 1)));
  return path => [path, ...foldersAbove(path)].some(matches);
}

/** The changes with assets that the selection leaves out as their pointers. */
export async function applySelection(
  project: IProject,
  selection: Selection,
  changes: readonly PathChange[]
): Promise<readonly PathChange[]> {
  if (selection === null) {
    return changes;
  }
  const isSelected = selects(selection);
  const applied: PathChange[] = [];
  for (const change of changes) {
    const { from, entry, to, path } = change;
    const content = from?.oid !== entry?.oid && to?.mode !== '120000' ? to?.content : undefined;
    const leftOut = content?.kind === 'git' && !isSelected(path) && (await readPointer(project, content.oid)) !== null;
    applied.push(leftOut ? { ...change, to: standInOf(to!) } : change);
  }
  return applied;
}
