import type { IFileSystem } from '../../core/port';

/** Files in the git directory that say what plain git is in the middle of. */
const states: readonly (readonly [file: string, state: string])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect']
];

export async function stateInProgress(files: IFileSystem, gitDir: string): Promise<string | null> {
  for (const [file, state] of states) {
    if (await files.lstat(`${gitDir}/${file}`)) {
      return state;
    }
  }
  return null;
}
