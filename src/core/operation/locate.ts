/** From an address to the commit and the file it names. */
import { BranchbookError, hasCode } from '../error';
import { addressReadings, parseAddress } from '../model/address';
import type { Address } from '../model/address';
import type { Commit, TreeEntry } from '../model/git';
import { checkPath } from '../model/path';
import type { IProject } from '../port';

export type Located = {
  /** Project path; empty for a whole snapshot. */
  readonly path: string;
  readonly commit: Commit;
  /** null for a whole snapshot and for a folder. */
  readonly entry: TreeEntry | null;
};

/**
 * Find what an address names; a path alone is meant as of HEAD (or `revision`). A path that holds an `@` itself is
 * found as well. ADDRESS_INVALID, PATH_UNSAFE, REVISION_UNKNOWN, REVISION_AMBIGUOUS, UNBORN_HEAD, PATH_UNKNOWN.
 */
export async function locate(project: IProject, text: string, revision = 'HEAD'): Promise<Located> {
  for (const reading of addressReadings(text)) {
    const located = await locateReading(project, reading, revision).catch(error => {
      if (hasCode(error, 'REVISION_UNKNOWN', 'PATH_UNSAFE', 'UNBORN_HEAD')) {
        return null;
      }
      throw error;
    });
    if (located) {
      return located;
    }
  }
  const address = parseAddress(text);
  const located = await locateReading(project, address, revision);
  if (located) {
    return located;
  }
  const at = address.revision ?? revision;
  throw new BranchbookError(
    'PATH_UNKNOWN',
    `There is no ${address.path} in ${at === 'HEAD' ? 'the current snapshot' : at}.`,
    { path: address.path, revision: at },
    `\`branchbook versions ${address.path}\` lists where it exists.`
  );
}

async function locateReading(project: IProject, address: Address, fallback: string): Promise<Located | null> {
  const path = address.path.replace(/\/+$/, '');
  if (path !== '') {
    checkPath(path);
  }
  const commit = await project.git.readCommit(await project.git.resolve(address.revision ?? fallback));
  if (path === '') {
    return { path, commit, entry: null };
  }
  const entry = await project.git.entry(commit.tree, path);
  if (entry) {
    return { path, commit, entry };
  }
  const below = await project.git.listTree(commit.tree, path);
  return below.length > 0 ? { path, commit, entry: null } : null;
}
