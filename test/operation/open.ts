/** Compose a project from the real adapters, with the file system of the caller's choice. */
import { randomBytes } from 'node:crypto';
import type { IFileSystem, IProject } from '../../src/core/port';
import { createTableEngine } from '../../src/node/duckdb/engine';
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
  const tables = createTableEngine({ spill: `${home}/spill`, files, processes });
  // What the verbs tested with it need.
  const project: Partial<OpenProject> = {
    root: git.root,
    git,
    files,
    store,
    tables,
    processes,
    clock: {
      now: () => Date.now(),
      offset: () => -new Date().getTimezoneOffset(),
      sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))
    },
    random: { hex: bytes => randomBytes(bytes).toString('hex') },
    mergeText,
    portion: 3,
    home,
    close: async () => {
      await tables.close();
      await store.close();
    }
  };
  return project as OpenProject;
}
