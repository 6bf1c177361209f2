import { bucketSharing } from '../contract/bucket-sharing';
import { startVersitygw } from '../support/servers/versitygw';

bucketSharing('S3 (versitygw)', async () => {
  const server = await startVersitygw();
  return {
    environment: server.environment,
    wrong: { AWS_SECRET_ACCESS_KEY: 'another-secret-key' },
    bucket: async () => `s3://${server.createBucket()}/team`,
    stop: () => server.stop()
  };
});
