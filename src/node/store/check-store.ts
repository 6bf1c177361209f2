import { throwIfCancelled } from '../../core/cancel';
import { BranchbookError } from '../../core/error';
import { listNames } from '../../core/durable';
import type { Activity, IFileSystem, StoreFinding } from '../../core/port';
import { REPAIR } from './catalog';
import type { FileRecord } from './catalog';
import type { ReadTools } from './read-tools';
import { SHELF_BYTES, XorbReader } from './xorb-reader';

/** What a crashed session left in `tmp/` is garbage once it is this old, in milliseconds. */
const GARBAGE_AGE = 24 * 60 * 60 * 1000;

type Options = { readonly readData: boolean } & Activity;

/** Verify that all that the manifests promise is there, and with `readData` that every byte is right. */
export async function* checkStore(tools: ReadTools, options: Options): AsyncGenerator<StoreFinding> {
  const { catalog, layout } = tools;
  await catalog.refresh();
  for (const [name, reason] of catalog.damagedShards) {
    yield finding('CORRUPT', layout.shard(name), `A manifest cannot be read: ${reason}`);
  }
  const damaged = new Set<number>();
  const numbers = catalog.named();
  for (const [index, number] of numbers.entries()) {
    throwIfCancelled(options);
    const found =
      (await checkXorb(tools, number)) ?? (options.readData ? await readXorb(tools, number, options) : null);
    if (found) {
      damaged.add(number);
      yield found;
    }
    options.onProgress?.({ phase: 'checking', done: index + 1, total: numbers.length, unit: 'files' });
  }
  yield* checkFiles(tools, damaged);
  yield* findGarbage(tools);
}

function finding(code: StoreFinding['code'], object: string, message: string): StoreFinding {
  return { severity: 'error', code, object, message, repair: REPAIR };
}

async function checkXorb({ catalog, files, layout }: ReadTools, number: number): Promise<StoreFinding | null> {
  const { hash, listing, storedBytes } = catalog.xorbs[number]!;
  const stat = await files.lstat(layout.xorb(hash));
  if (!stat) {
    return finding('MISSING', hash, `The pack ${hash} is missing.`);
  }
  if (!listing) {
    return finding('MISSING', hash, `The pack ${hash} is there, but the manifest that describes it is missing.`);
  }
  if (stat.size !== storedBytes) {
    return finding('CORRUPT', hash, `The pack ${hash} has ${stat.size} bytes instead of ${storedBytes}.`);
  }
  if (await files.lstat(layout.damaged(hash))) {
    return finding('CORRUPT', hash, `The pack ${hash} was found damaged earlier.`);
  }
  return null;
}

/** Read every chunk of a xorb. */
async function readXorb(tools: ReadTools, number: number, options: Options): Promise<StoreFinding | null> {
  const { hash } = tools.catalog.xorbs[number]!;
  try {
    const buffer = new Uint8Array(SHELF_BYTES);
    const reader = await XorbReader.open(tools, tools.catalog.xorbs[number]!);
    try {
      for (let index = 0; index < reader.map.count;) {
        throwIfCancelled(options);
        for (const next = await reader.load(index, reader.map.count, buffer); index < next; index++) {
          reader.chunk(index, buffer);
        }
      }
    } finally {
      await reader.close();
    }
    return null;
  } catch (error) {
    const { code, message } = BranchbookError.from(error);
    if (code === 'CANCELLED') {
      throw error;
    }
    if (code === 'OBJECT_CORRUPT') {
      await tools.catalog.markDamaged(number);
    }
    return finding(code === 'OBJECT_CORRUPT' ? 'CORRUPT' : 'UNREADABLE', hash, message);
  }
}

/** Files that no record can restore any more. */
function* checkFiles({ catalog }: ReadTools, damaged: ReadonlySet<number>): Generator<StoreFinding> {
  const isLost = (record: FileRecord): boolean => record.terms.some(term => damaged.has(term.xorb));
  for (const records of catalog.files) {
    if (records.every(isLost)) {
      const { sha256 } = records[0]!;
      yield finding('CORRUPT', sha256, `The file with SHA-256 ${sha256} cannot be restored in full.`);
    }
  }
}

async function* findGarbage({ files, layout, catalog }: ReadTools): AsyncGenerator<StoreFinding> {
  const named = new Set(catalog.named().map(number => catalog.xorbs[number]!.hash));
  const unnamed: string[] = [];
  for (const directory of await listNames(files, layout.xorbs)) {
    const names = await listNames(files, `${layout.xorbs}/${directory}`);
    unnamed.push(...names.filter(name => !named.has(name.replace(/\.damaged$/, ''))));
  }
  const paths = [...unnamed.map(name => layout.xorb(name)), ...(await oldTemporaries(files, layout.temporary))];
  for (const path of paths) {
    const message = `${path} belongs to nothing: a session that did not finish left it.`;
    yield { severity: 'warning', code: 'GARBAGE', object: path, message, repair: 'It is harmless and can be deleted.' };
  }
}

/** Files in `tmp/` that no session can still be writing. */
export async function oldTemporaries(files: IFileSystem, directory: string): Promise<readonly string[]> {
  const old: string[] = [];
  for (const name of await listNames(files, directory)) {
    const path = `${directory}/${name}`;
    const stat = await files.lstat(path);
    if (stat && Date.now() - Number(stat.mtimeNs / 1_000_000n) > GARBAGE_AGE) {
      old.push(path);
    }
  }
  return old;
}
