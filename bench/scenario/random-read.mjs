// 64 KiB from anywhere in a 1 GiB version that is not on disk as a file.
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { at } from '../../scripts/run.mjs';
import { writeRandomFile } from '../data.mjs';
import { GiB, KiB, median, output, timed } from '../measure.mjs';
import { atMost } from '../row.mjs';
import { bring, newProject } from './project.mjs';

const PIECE = 64 * KiB;
const READS = 500;

export async function randomRead({ folder, scale, present }) {
  const [peer] = present('Branchbook');
  const source = join(folder, 'big.bin');
  writeRandomFile(source, GiB * scale, 'read');
  const project = await newProject(peer, folder);
  const path = bring(project, source);
  await peer.add(project, [path], 'first');
  const pointer = output('git', ['cat-file', 'blob', `HEAD:${path}`], project);
  const [, sha256, size] = /oid sha256:(\w+)\nsize (\d+)/.exec(pointer);
  const { openStore, disk } = await builtStore();
  const store = await openStore(join(project, '.git', 'branchbook'), disk, { workerFile: null });
  try {
    const read = start => timed(() => take(store.read(sha256, start, start + PIECE)));
    const first = await read(0);
    const times = [];
    for (let index = 0; index < READS; index++) {
      times.push(await read(Math.floor((Number(size) - PIECE) * ((index * 0.618034) % 1))));
    }
    return [
      {
        what: 'random read of 64 KiB from a 1 GiB version without materialising',
        value: median(times),
        unit: 'ms',
        must: atMost(10),
        aim: atMost(2),
        note: `verified; median of ${READS}, through \`IAssetStore.read\`; the first, which loads the manifest, ${first.toFixed(1)} ms`
      }
    ];
  } finally {
    await store.close();
  }
}

async function take(pieces) {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
  }
  if (bytes !== PIECE) {
    throw new Error(`read ${bytes} bytes`);
  }
}

/** The store's own code, built: it is no public API, and needs no running core. */
async function builtStore() {
  // In node_modules, where it finds the native hash that npm installed.
  const outfile = at('node_modules', '.branchbook', 'bench-store.cjs');
  const contents = "export { openStore } from './open-store'; export { disk } from '../fs/disk';";
  await build({
    stdin: { contents, resolveDir: at('src', 'node', 'store'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@napi-rs/blake-hash'],
    logLevel: 'warning'
  });
  return createRequire(import.meta.url)(outfile);
}
