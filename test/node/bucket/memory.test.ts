import { createMemoryBucket } from '../../../src/node/memory/memory-service';
import { bucketContract } from '../../contract/bucket';

bucketContract('memory', async () => createMemoryBucket(), 300_000);
