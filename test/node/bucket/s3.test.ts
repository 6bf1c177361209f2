import { afterAll, beforeAll } from 'vitest';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { disk } from '../../../src/node/fs/disk';
import { openProcesses } from '../../../src/node/process/processes';
import { clock, random } from '../../../src/node/process/time';
import { bucketContract } from '../../contract/bucket';
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

const open = async () => {
  const tools = { files: disk, processes: await openProcesses(), clock, random };
  return openBucket(`s3://${server.createBucket()}/place`, tools);
};

bucketContract('S3 (versitygw)', open, 17 * 1024 * 1024);
