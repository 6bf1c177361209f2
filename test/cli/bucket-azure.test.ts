import { bucketSharing } from '../contract/bucket-sharing';
import { startAzurite } from '../support/servers/azurite';

bucketSharing(
  'Azure (Azurite)',
  async () => {
    const server = await startAzurite();
    const connection = server.environment['AZURE_STORAGE_CONNECTION_STRING']!;
    const key = Buffer.from('another key').toString('base64');
    return {
      environment: server.environment,
      wrong: { AZURE_STORAGE_CONNECTION_STRING: connection.replace(/AccountKey=[^;]+/, `AccountKey=${key}`) },
      bucket: async () => `az://${server.account}/${await server.createContainer()}/team`,
      stop: () => server.stop()
    };
  },
  { briefly: true }
);
