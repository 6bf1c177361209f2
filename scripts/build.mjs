// node scripts/build.mjs [core|lab|all]
//   core  src/service/main.ts → branchbook/_core/branchbook.cjs (beside it its worker threads, and parts that few need)
//   lab   src/**            → lib/ (type-checked) → branchbook/labextension/ (the prebuilt JupyterLab extension)
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at, fail, fingerprint, once, root, run, step } from './run.mjs';

const version = JSON.parse(readFileSync(at('package.json'), 'utf8')).version;

/** What the core loads only when it is used: files of their own, so that it starts no slower for them. */
const parts = { buckets: at('src/node/bucket/cloud.ts'), hub: at('src/service/hub/main.ts') };

/** Dynamic imports of a part become imports of its file. */
const separateParts = {
  name: 'separate-parts',
  setup: builder =>
    builder.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
      const file = join(resolveDir, `${path}.ts`);
      const part = kind === 'dynamic-import' && Object.keys(parts).find(name => parts[name] === file);
      return part ? { path: `./${part}.cjs`, external: true } : null;
    })
};

/** What the hub's embedded database reads beside its bundle; and `database.gz`, a new database. */
const databaseFiles = ['pglite.wasm', 'pglite.data'];
const databaseImage = at('node_modules', '.branchbook', 'database.gz');

/** Made once for each version of PGlite. */
function makeDatabaseImage() {
  const made = fingerprint([at('node_modules/@electric-sql/pglite/package.json'), at('scripts/database-image.mjs')]);
  return once('database-image', made, 'Making a new database', async () => {
    mkdirSync(dirname(databaseImage), { recursive: true });
    await (await import('./database-image.mjs')).makeDatabaseImage(databaseImage);
  });
}

async function buildCore() {
  mkdirSync(at('branchbook', '_core'), { recursive: true });
  for (const file of databaseFiles) {
    copyFileSync(at('node_modules/@electric-sql/pglite/dist', file), at('branchbook', '_core', file));
  }
  copyFileSync(databaseImage, at('branchbook', '_core', 'database.gz'));
  await build({
    entryPoints: {
      branchbook: at('src/service/main.ts'),
      'store-worker': at('src/node/store/worker.ts'),
      'glance-worker': at('src/node/fs/glance-worker.ts'),
      'git-starter': at('src/node/git/git-starter-process.ts'),
      ...parts
    },
    plugins: [separateParts],
    // As CommonJS they look for their files beside the bundle.
    alias: {
      '@electric-sql/pglite': at('node_modules/@electric-sql/pglite/dist/index.cjs'),
      '@azure/storage-common': at('node_modules/@azure/storage-common/dist/commonjs/index.js')
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
    external: ['@napi-rs/blake-hash', '@duckdb/node-api', 'pg-native'],
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
    await makeDatabaseImage();
    await step('Building the core', buildCore);
  }
  if (what === 'lab' || what === 'all') {
    await step('Building the JupyterLab extension', buildLab);
  }
} catch (error) {
  fail(error);
}
