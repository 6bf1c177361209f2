// Parts of our own code that are no public API, built and loaded.
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { at } from '../scripts/run.mjs';

/** What `contents`, TypeScript at the root of the project, exports. */
export async function built(name, contents) {
  const outfile = at('node_modules', '.branchbook', `${name}.cjs`);
  await build({
    stdin: { contents, resolveDir: at('.'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['@electric-sql/pglite', 'pg'],
    logLevel: 'error'
  });
  return createRequire(import.meta.url)(outfile);
}
