import type { IFileSystem } from '../../core/port';
import { runGit } from './runner';

/** Longest time to wait for git-lfs to bring the contents of a whole history. */
const MILLISECONDS = 24 * 60 * 60 * 1000;

/** Fetch what the pointers of all refs name. IO when it fails, REPOSITORY_UNSUPPORTED when there is no git. */
export async function fetchLfs(files: IFileSystem, root: string, signal: AbortSignal | undefined): Promise<void> {
  await runGit({ files, cwd: root, command: ['lfs', 'fetch', '--all'], operands: null, signal, timeout: MILLISECONDS });
}
