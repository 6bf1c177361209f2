import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** Bundle one of our modules for Node as the build does; deleted after the test file. */
export async function bundle(source: string): Promise<string> {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  // Below the project, so that optional packages are found.
  const directory = mkdtempSync(join(root, 'node_modules', '.branchbook-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const outfile = join(directory, 'module.cjs');
  await build({
    entryPoints: [join(root, source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['@napi-rs/blake-hash', '@duckdb/node-api'],
    logLevel: 'error'
  });
  return outfile;
}

export const bundleStoreWorker = (): Promise<string> => bundle('src/node/store/worker.ts');
