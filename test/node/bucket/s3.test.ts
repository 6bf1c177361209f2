import { afterAll, beforeAll } from 'vitest';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { bucketContract } from '../../contract/bucket';
import { bucketTools } from '../../support/bucket-tools';
import { startVersitygw } from '../../support/servers/versitygw';
import type { S3Server } from '../../support/servers/versitygw';

let server: S3Server;
const saved = { ...process.env };

beforeAll(async () => {
  server = await startVersitygw();
  // The library reads credentials from the environment of the process.
  Object.assign(process.env, server.environment);
});

afterAll(async () => {
  process.env = saved;
  await server.stop();
});

const open = async () => openBucket(`s3://${server.createBucket()}/place`, await bucketTools());

bucketContract('S3 (versitygw)', open, 17 * 1024 * 1024);
