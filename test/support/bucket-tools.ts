import type { FolderTools } from '../../src/node/bucket/folder-writer';
import { disk } from '../../src/node/fs/disk';
import { openProcesses } from '../../src/node/process/processes';
import { clock, random } from '../../src/node/process/time';

/** What buckets are opened with, as this machine has it. */
export const bucketTools = async (): Promise<FolderTools> => ({
  files: disk,
  processes: await openProcesses(),
  clock,
  random
});
