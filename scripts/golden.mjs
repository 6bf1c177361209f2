// node scripts/golden.mjs FOLDER: write a golden project in today's formats (see test/compat/write-golden.ts).
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { at, fail } from './run.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  fail(new Error('Usage: node scripts/golden.mjs FOLDER'));
}
const built = mkdtempSync(at('node_modules', '.branchbook-golden-'));
try {
  const outfile = join(built, 'write-golden.cjs');
  const options = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['@napi-rs/blake-hash']
  };
  await build({ entryPoints: [at('test/compat/write-golden.ts')], outfile, logLevel: 'error', ...options });
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  execFileSync(process.execPath, [outfile, resolve(folder)], { stdio: 'inherit', env });
} finally {
  rmSync(built, { recursive: true });
}
