import { BlobServiceClient } from '@azure/storage-blob';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './server';
import type { Server } from './server';

export type AzureServer = Server & {
  readonly account: string;
  /** What finds it, as Azure's tools read it. */
  readonly environment: Readonly<Record<string, string>>;
  /** A new, empty container; gives its name. */
  createContainer(): Promise<string>;
};

const account = 'devaccount';
const key = Buffer.from('a key for tests only').toString('base64');

/** Microsoft's emulator of Azure Blob Storage over a temporary folder. Stopped by `stop`. */
export async function startAzurite(): Promise<AzureServer> {
  const folder = mkdtempSync(join(tmpdir(), 'branchbook-azure-'));
  const quiet = ['--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const server = await startServer('azurite-blob', port => ({
    argv: ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder, ...quiet],
    env: { AZURITE_ACCOUNTS: `${account}:${key}` }
  }));
  const endpoint = `BlobEndpoint=${server.url}/${account};`;
  const connection = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};${endpoint}`;
  let count = 0;
  return {
    ...server,
    account,
    environment: { AZURE_STORAGE_CONNECTION_STRING: connection },
    createContainer: async () => {
      const name = `container-${(count += 1)}`;
      await BlobServiceClient.fromConnectionString(connection).createContainer(name);
      return name;
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
