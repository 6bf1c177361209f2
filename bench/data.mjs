// Files to measure with: the same bytes for the same seed, on every machine.
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MiB } from './measure.mjs';

/** Incompressible bytes, quickly: an AES-CTR key stream. */
export function randomStream(seed) {
  const key = createHash('sha256').update(String(seed)).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  return bytes => cipher.update(Buffer.alloc(bytes));
}

function fill(file, bytes, next, position) {
  for (let done = 0; done < bytes; done += MiB) {
    const piece = next(Math.min(MiB, bytes - done));
    writeSync(file, piece, 0, piece.length, position === undefined ? null : position + done);
  }
}

export function writeRandomFile(path, bytes, seed) {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  fill(file, bytes, randomStream(seed));
  closeSync(file);
}

/** New bytes in place of old ones. */
export function overwrite(path, offset, bytes, seed) {
  const file = openSync(path, 'r+');
  fill(file, bytes, randomStream(seed), offset);
  closeSync(file);
}

const LAYERS = 32;

/** A model of 32 layers of half precision numbers, as the safetensors format lays it out. Returns where they begin. */
export function writeSafetensors(path, bytes, seed) {
  const layer = Math.floor(bytes / LAYERS / 2) * 2;
  const tensors = Array.from({ length: LAYERS }, (_, index) => [
    `model.layers.${index}.weight`,
    { dtype: 'F16', shape: [layer / 2], data_offsets: [index * layer, (index + 1) * layer] }
  ]);
  const json = JSON.stringify(Object.fromEntries(tensors));
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([length, header]));
  fill(file, layer * LAYERS, randomStream(seed));
  closeSync(file);
  return { start: 8 + header.length, layer };
}

/** Replace one layer's numbers, as fine-tuning does. */
export const fineTune = (path, { start, layer }, index, seed) => overwrite(path, start + index * layer, layer, seed);

/** Files of one size below `folder`, 1,000 in each of its folders. */
export function writeSmallFiles(folder, count, bytes, seed) {
  const next = randomStream(seed);
  for (let index = 0; index < count; index++) {
    const parent = join(folder, `part-${String(Math.floor(index / 1000)).padStart(4, '0')}`);
    if (index % 1000 === 0) {
      mkdirSync(parent, { recursive: true });
    }
    writeFileSync(join(parent, `item-${String(index).padStart(6, '0')}.dat`), next(bytes));
  }
}

/** Code, and one notebook for every nine modules. `every` says which of them to write, `text` what differs in them. */
export function writeCode(folder, count, { every = 1, text = 'value' } = {}) {
  for (let index = 0; index < count; index += every) {
    const parent = join(folder, `package-${String(Math.floor(index / 100)).padStart(3, '0')}`);
    mkdirSync(parent, { recursive: true });
    const code = `${text} = ${index}\n`.repeat(20);
    const isNotebook = index % 10 === 9;
    writeFileSync(
      join(parent, isNotebook ? `notebook-${index}.ipynb` : `module-${index}.py`),
      isNotebook ? notebook(code) : code
    );
  }
}

export function notebook(...sources) {
  const cells = sources.map((source, index) => ({
    cell_type: source.startsWith('#') ? 'markdown' : 'code',
    id: `cell-${index}`,
    metadata: {},
    source,
    ...(source.startsWith('#') ? {} : { execution_count: null, outputs: [] })
  }));
  const kernelspec = { display_name: 'Python 3', language: 'python', name: 'python3' };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1);
}
