import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './server';
import type { Server } from './server';

export type S3Server = Server & {
  /** What finds it, as AWS's tools read it. */
  readonly environment: Readonly<Record<string, string>>;
  /** A new, empty bucket; gives its name. */
  createBucket(): string;
};

/** A real S3 server over a temporary folder. Stopped by `stop`. */
export async function startVersitygw(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'branchbook-s3-'));
  const access = 'test-access';
  const secret = 'test-secret-key';
  const server = await startServer('versitygw', port => ({
    argv: ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', folder],
    env: { ROOT_ACCESS_KEY_ID: access, ROOT_SECRET_ACCESS_KEY: secret }
  }));
  let count = 0;
  return {
    ...server,
    environment: {
      AWS_ACCESS_KEY_ID: access,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: server.url
    },
    createBucket: () => {
      const name = `bucket-${(count += 1)}`;
      mkdirSync(join(folder, name));
      return name;
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
