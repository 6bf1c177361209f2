/** The repository's settings that make plain git store and fetch assets through this program. */
import { hasCode } from '../error';
import { shellQuote, shellWords } from '../format/shell-quote';
import type { IProject } from '../port';

type FilterProject = Pick<IProject, 'git' | 'files' | 'program'>;

/** In this repository only. */
export async function setFilters({ git, program }: FilterProject): Promise<void> {
  const command = program.map(shellQuote).join(' ');
  // In these two git replaces %f, by the path quoted for the shell.
  const escaped = command.replaceAll('%', '%%');
  await git.setConfig('filter.lfs.process', `${command} filter-process`);
  await git.setConfig('filter.lfs.clean', `${escaped} filter-clean -- %f`);
  await git.setConfig('filter.lfs.smudge', `${escaped} filter-smudge -- %f`);
  await git.setConfig('filter.lfs.required', 'true');
}

/**
 * Name this program in place of one that is gone: the settings hold absolute paths, and environments move. Another
 * program that exists is left alone, so that two installations do not keep taking the project from each other.
 */
export async function repairFilters(project: FilterProject): Promise<void> {
  const setting = await project.git.config('filter.lfs.process');
  const named = setting ? shellWords(setting).filter(word => /^(\/|[A-Za-z]:[\\/])/.test(word)) : [];
  if (named.every(word => project.program.includes(word)) || !(await isAnyGone(project, named))) {
    return;
  }
  try {
    await setFilters(project);
  } catch (error) {
    // A project we may not write to can still be looked at.
    if (!hasCode(error, 'LOCKED', 'PERMISSION_DENIED', 'DISK_FULL', 'IO')) {
      throw error;
    }
  }
}

async function isAnyGone({ files }: FilterProject, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    try {
      // Unlike lstat, opening follows links: environments are full of them.
      await (await files.open(path, 'read')).close();
    } catch (error) {
      if (hasCode(error, 'PATH_UNKNOWN')) {
        return true;
      }
    }
  }
  return false;
}
