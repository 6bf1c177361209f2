import { FolderBucket } from '../../../src/node/bucket/folder-bucket';
import { disk } from '../../../src/node/fs/disk';
import { openProcesses } from '../../../src/node/process/processes';
import { clock, random } from '../../../src/node/process/time';
import { bucketContract } from '../../contract/bucket';
import { temporaryDirectory } from '../../support/temporary-directory';

const tools = async () => ({ files: disk, processes: await openProcesses(), clock, random });

bucketContract('folder', async () => FolderBucket.open(await tools(), temporaryDirectory()), 3_000_000);
