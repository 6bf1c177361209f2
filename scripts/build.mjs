// node scripts/build.mjs [core|lab|all]
//   core  src/service/main.ts → branchbook/_core/branchbook.cjs (and its worker threads beside it)
//   lab   src/**            → lib/ (type-checked) → branchbook/labextension/ (the prebuilt JupyterLab extension)
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { at, fail, root, run, step } from './run.mjs';

const version = JSON.parse(readFileSync(at('package.json'), 'utf8')).version;

async function buildCore() {
  await build({
    entryPoints: {
      branchbook: at('src/service/main.ts'),
      'store-worker': at('src/node/store/worker.ts'),
      'glance-worker': at('src/node/fs/glance-worker.ts')
    },
    outdir: at('branchbook', '_core'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    keepNames: true,
    legalComments: 'linked',
    sourcemap: false,
    // Native: used where it is installed. BLAKE3 is replaced by WebAssembly where not; tables need DuckDB.
    external: ['@napi-rs/blake-hash', '@duckdb/node-api'],
    define: { 'process.env.BRANCHBOOK_VERSION': JSON.stringify(version) },
    logLevel: 'warning'
  });
}

async function buildLab() {
  await run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-b', at('tsconfig.json')]);
  await run(process.execPath, [
    at('node_modules/@jupyter/builder/lib/build-labextension.js'),
    '--core-package-file',
    at('node_modules/@jupyterlab/core-meta/core.package.json'),
    root
  ]);
}

const what = process.argv[2] ?? 'all';
try {
  if (what === 'core' || what === 'all') {
    await step('Building the core', buildCore);
  }
  if (what === 'lab' || what === 'all') {
    await step('Building the JupyterLab extension', buildLab);
  }
} catch (error) {
  fail(error);
}
