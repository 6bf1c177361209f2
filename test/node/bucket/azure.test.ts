import { afterAll, beforeAll } from 'vitest';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { bucketContract } from '../../contract/bucket';
import { bucketTools } from '../../support/bucket-tools';
import { startAzurite } from '../../support/servers/azurite';
import type { AzureServer } from '../../support/servers/azurite';

let server: AzureServer;

beforeAll(async () => {
  server = await startAzurite();
});

afterAll(() => server.stop());

const open = async () => {
  const address = `az://${server.account}/${await server.createContainer()}/place`;
  return openBucket(address, await bucketTools(), { environment: server.environment });
};

bucketContract('Azure (Azurite)', open, 17 * 1024 * 1024);
