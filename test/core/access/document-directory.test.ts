import { DocumentDirectory } from '../../../src/core/access/document-directory';
import { createMemoryBucket } from '../../../src/node/memory/memory-service';
import { directoryContract } from '../../contract/directory';

directoryContract('documents in a bucket', async () => new DocumentDirectory(createMemoryBucket()));
