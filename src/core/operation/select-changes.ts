/** Which of the work tree's changes a snapshot takes. */
import { BranchbookError } from '../error';
import { checkPath, foldersAbove, isWithin } from '../model/path';
import type { IProject, Scan, WorkTreeChange } from '../port';
import { snapshotFilter } from '../transition/clean-filter';

/** A new file larger than this becomes an asset. */
const ASSET_THRESHOLD_BYTES = 1024 * 1024;

export type Selection = {
  readonly scan: Scan;
  /** Some may turn out to be as in HEAD: see `snapshotFilter`. */
  readonly changes: readonly WorkTreeChange[];
  /** New large files that no attribute makes an asset yet. */
  readonly oversized: ReadonlySet<string>;
  readonly notices: readonly string[];
};

/** Everything changed, or what changed at `paths` and below. PATH_UNSAFE, PATH_UNKNOWN. */
export async function selectChanges(project: IProject, paths: readonly string[]): Promise<Selection> {
  for (const path of paths.filter(candidate => candidate !== '')) {
    checkPath(path);
    await refuseBehindLink(project, path);
  }
  const everything = paths.length === 0 || paths.includes('');
  const scan = await project.git.scan(snapshotFilter(project), everything ? undefined : paths);
  const changes = scan.changes.filter(
    change => !isSubmodule(change) && (everything || paths.some(path => isWithin(change.path, path)))
  );
  const notices: string[] = [];
  if (!everything) {
    for (const path of paths.filter(candidate => !changes.some(change => isWithin(change.path, candidate)))) {
      const ignored = await findUnlisted(project, scan, path);
      if (ignored) {
        changes.push(ignored);
        notices.push(`${path} is ignored by git; it was snapshotted because you named it.`);
      }
    }
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  const oversized = changes.filter(isOversized).map(change => change.path);
  return { scan, changes, oversized: new Set(oversized), notices };
}

/** A link on the way to a path could lead anywhere. */
async function refuseBehindLink(project: IProject, path: string): Promise<void> {
  for (const folder of foldersAbove(path)) {
    if ((await project.files.lstat(`${project.root}/${folder}`))?.kind === 'symlink') {
      throw new BranchbookError(
        'PATH_UNSAFE',
        `${path} lies behind the symbolic link ${folder}, which may lead outside the project.`,
        { path, reason: `${folder} is a symbolic link` },
        `A snapshot holds the link ${folder} itself; put the file into the project to snapshot it.`
      );
    }
  }
}

/** Which commit of a submodule belongs to a project is plain git's business. */
function isSubmodule(change: WorkTreeChange): boolean {
  return change.head?.mode === '160000' || change.index?.mode === '160000';
}

/** Notebooks stay in git, however large their outputs, so that they can be compared and merged cell by cell. */
function isOversized(change: WorkTreeChange): boolean {
  return (
    !change.asset &&
    !change.head &&
    change.stat?.kind === 'file' &&
    change.stat.size > ASSET_THRESHOLD_BYTES &&
    !change.path.endsWith('.ipynb')
  );
}

/** A named path with no listed change is unchanged, or a file that git ignores, or nothing at all. */
async function findUnlisted(project: IProject, scan: Scan, path: string): Promise<WorkTreeChange | null> {
  const tracked = scan.tree && (await project.git.listTree(scan.tree, path)).length > 0;
  if (tracked) {
    return null;
  }
  const stat = await project.files.lstat(`${project.root}/${path}`);
  if (!stat) {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      `There is no ${path} in the project.`,
      { path },
      'Paths are relative to the project’s root folder.'
    );
  }
  const isFile = stat.kind === 'file' || stat.kind === 'symlink';
  if (!isFile || !(await project.git.isIgnored(path))) {
    return null;
  }
  return { path, kind: 'untracked', head: null, index: null, stat, asset: await project.git.isAsset(path) };
}
