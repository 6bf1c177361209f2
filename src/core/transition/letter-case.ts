/** Work trees on file systems that take `Data.csv` and `data.csv` for the same file. */
import { BranchbookError } from '../error';
import { foldersAbove } from '../model/path';
import type { IProject } from '../port';
import type { PathChange } from './path-change';

/** git tried the file system out when it made the repository. */
export async function ignoresCase(project: IProject): Promise<boolean> {
  return /^(true|yes|on|1)$/i.test((await project.git.config('core.ignorecase')) ?? '');
}

/** What such a file system compares instead of a name; those that ignore case ignore how accents are composed as well. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** Files that are found under the name of a coming one of other case although they are on their way out. */
export function renamedInCase(changes: readonly PathChange[]): ReadonlySet<string> {
  const leaving = new Set(changes.filter(change => change.from && !change.to).map(change => fold(change.path)));
  const coming = changes.filter(change => !change.from && change.to && leaving.has(fold(change.path)));
  return new Set(coming.map(change => change.path));
}

/** CASE_COLLISION when the files that will be there, `indexed` as changed by `changes`, could not all be held. */
export function refuseCollisions(indexed: Iterable<string>, changes: readonly PathChange[]): void {
  const paths = new Set(indexed);
  changes.forEach(({ path, to }) => (to ? paths.add(path) : paths.delete(path)));
  const sorted = [...paths].sort();
  const files = new Map(sorted.map(path => [fold(path), path]));
  const coming = new Set(changes.filter(change => change.to).map(change => change.path));
  for (const path of sorted) {
    // A file collides with another file, or with a folder above one.
    const others = [path, ...foldersAbove(path)].map(name => files.get(fold(name)));
    const other = others.find(found => found !== undefined && found !== path);
    if (other !== undefined && (coming.has(path) || coming.has(other))) {
      throw new BranchbookError(
        'CASE_COLLISION',
        `${path} and ${other} differ only in upper and lower case, and this file system cannot hold both.`,
        { paths: [path, other] },
        'Rename one of them on that branch, on a system that tells them apart; nothing was changed.'
      );
    }
  }
}
