import { FolderBucket } from '../../../src/node/bucket/folder-bucket';
import { bucketContract } from '../../contract/bucket';
import { bucketTools } from '../../support/bucket-tools';
import { temporaryDirectory } from '../../support/temporary-directory';

bucketContract('folder', async () => FolderBucket.open(await bucketTools(), temporaryDirectory()), 3_000_000);
