/** Compose a project from the real adapters, with the file system of the caller's choice. */
import { randomBytes } from 'node:crypto';
import type { IFileSystem, IProject } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { openGit } from '../../src/node/git/repository';
import { openProcesses } from '../../src/node/process/processes';
import { openStore } from '../../src/node/store/open-store';
import { mergeText } from '../../src/node/text/merge-text';

export type OpenProject = IProject & { close(): Promise<void> };

export async function open(root: string, files: IFileSystem = disk): Promise<OpenProject> {
  const processes = await openProcesses();
  const git = await openGit(root, files, { processes });
  const home = `${git.commonDir}/branchbook`;
  const store = await openStore(home, files, { workerFile: null });
  return {
    root: git.root,
    git,
    files,
    store,
    processes,
    clock: {
      now: () => Date.now(),
      offset: () => -new Date().getTimezoneOffset(),
      sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))
    },
    random: { hex: bytes => randomBytes(bytes).toString('hex') },
    mergeText,
    home,
    close: () => store.close()
  };
}
