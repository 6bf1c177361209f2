/** Whether all that the manifests and the project ask for is there, and with `readData` whether every byte is right. */
import { throwIfCancelled } from '../../core/cancel';
import { listNames } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Activity, IFileSystem, StoreCheck, StoreFinding } from '../../core/port';
import type { FileRecord, FileTerm } from './catalog';
import { hashFile } from './hash-file';
import type { ReadTools } from './read-tools';
import { scanXorb } from './xorb-scan';

/** What a crashed session left in `tmp/` is garbage once it is this old, in milliseconds. */
const GARBAGE_AGE = 24 * 60 * 60 * 1000;

const REPAIR_COMMAND = '`branchbook check --repair` looks for good copies, here and at remotes.';

/** What is wrong with a pack. */
export type XorbDamage = {
  readonly code: 'MISSING' | 'CORRUPT' | 'UNREADABLE';
  readonly message: string;
  /** Indices of the damaged chunks; null = all of them must be taken for damaged. */
  readonly chunks: ReadonlySet<number> | null;
};

export async function* checkStore(tools: ReadTools, options: StoreCheck): AsyncGenerator<StoreFinding> {
  const { catalog, layout } = tools;
  await catalog.refresh();
  for (const [name, reason] of catalog.damagedShards) {
    yield error('CORRUPT', layout.shard(name), `A manifest cannot be read: ${reason}`);
  }
  const damage = await findDamagedXorbs(tools, options);
  const lost = await findLostFiles(tools, damage, options.wanted);
  const needed = new Set([...lost.values()].flatMap(records => records.flatMap(({ terms }) => terms.map(t => t.xorb))));
  for (const [number, { code, message }] of damage) {
    const found = error(code, catalog.xorbs[number]!.hash, message);
    yield needed.has(number) ? found : harmless(found);
  }
  for (const [sha256, [record]] of lost) {
    const found = await checkLfsObject(tools, sha256, record!.size, options);
    if (found) {
      yield { ...found, code: 'CORRUPT', message: 'It cannot be restored in full.' };
    }
  }
  yield* checkWanted(tools, lost, options);
  yield* findGarbage(tools);
}

function error(code: StoreFinding['code'], object: string, message: string): StoreFinding {
  return { severity: 'error', code, object, message, repair: REPAIR_COMMAND };
}

/** Nothing that is wanted depends on it. */
function harmless(found: StoreFinding): StoreFinding {
  return { ...found, severity: 'warning', repair: `Everything that is needed from it is elsewhere. ${found.repair}` };
}

/** Damaged packs by number: those that look so and, with `readData`, those whose bytes are wrong. */
export async function findDamagedXorbs(
  tools: ReadTools,
  options: Pick<StoreCheck, 'readData' | 'part'> & Activity
): Promise<ReadonlyMap<number, XorbDamage>> {
  const { catalog } = tools;
  const damage = new Map<number, XorbDamage>();
  const intact: number[] = [];
  for (const number of catalog.named()) {
    throwIfCancelled(options);
    const found = await lookAtXorb(tools, number);
    if (found) {
      damage.set(number, found);
    } else if (options.readData && isInPart(catalog.xorbs[number]!.hash, options.part)) {
      intact.push(number);
    }
  }
  const total = intact.reduce((sum, number) => sum + catalog.xorbs[number]!.storedBytes, 0);
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    options.onProgress?.({ phase: 'Reading stored data', done, total, unit: 'bytes' });
  };
  for (const number of intact) {
    const found = await readXorb(tools, number, { signal: options.signal, onBytes });
    if (found) {
      damage.set(number, found);
    }
  }
  return damage;
}

/** Names are hashes, so their beginnings fall evenly: `t` parts together are everything, whatever comes and goes. */
function isInPart(hash: string, part: StoreCheck['part']): boolean {
  return !part || Number.parseInt(hash.slice(0, 8), 16) % part.of === part.n - 1;
}

async function lookAtXorb({ catalog, files, layout }: ReadTools, number: number): Promise<XorbDamage | null> {
  const { hash, listing, storedBytes } = catalog.xorbs[number]!;
  const stat = await files.lstat(layout.xorb(hash));
  if (!stat) {
    return { code: 'MISSING', message: `The pack ${hash} is missing.`, chunks: null };
  }
  if (!listing) {
    const message = `The pack ${hash} is there, but the manifest that describes it is missing.`;
    return { code: 'MISSING', message, chunks: null };
  }
  if (!catalog.choose(number, stat.size)) {
    const message = `The pack ${hash} has ${stat.size} bytes instead of ${storedBytes}.`;
    return { code: 'CORRUPT', message, chunks: null };
  }
  if (await files.lstat(layout.damaged(hash))) {
    return { code: 'CORRUPT', message: `The pack ${hash} was found damaged earlier.`, chunks: null };
  }
  return null;
}

/** Read every chunk of a xorb; one that is damaged gets its mark. */
async function readXorb(
  tools: ReadTools,
  number: number,
  hooks: Parameters<typeof scanXorb>[2]
): Promise<XorbDamage | null> {
  const { hash } = tools.catalog.xorbs[number]!;
  const chunks = new Set<number>();
  try {
    for await (const { index, chunk } of scanXorb(tools, number, hooks)) {
      if (!chunk) {
        chunks.add(index);
      }
    }
  } catch (failure) {
    const { code, message } = BranchbookError.from(failure);
    if (code === 'CANCELLED') {
      throw failure;
    }
    return { code: 'UNREADABLE', message: `The pack ${hash} cannot be read: ${message}`, chunks: null };
  }
  if (chunks.size === 0) {
    return null;
  }
  await tools.catalog.markDamaged(number);
  const message = `${chunks.size === 1 ? 'A chunk' : `${chunks.size} chunks`} of the pack ${hash} are not what was stored.`;
  return { code: 'CORRUPT', message: message.replace(/^A chunk(.*) are /, 'A chunk$1 is '), chunks };
}

/** Files, among the wanted ones, that no record can restore any more, with those records. */
async function findLostFiles(
  { catalog }: ReadTools,
  damage: ReadonlyMap<number, XorbDamage>,
  wanted: StoreCheck['wanted']
): Promise<ReadonlyMap<Sha256, readonly FileRecord[]>> {
  const lost = new Map<Sha256, readonly FileRecord[]>();
  const isDamaged = ({ xorb, start, end }: FileTerm): boolean => {
    const found = damage.get(xorb);
    return found !== undefined && (!found.chunks || [...found.chunks].some(index => index >= start && index < end));
  };
  for (const records of catalog.files) {
    const { sha256 } = records[0]!;
    if ((!wanted || wanted.has(sha256)) && records.every(({ terms }) => terms.some(isDamaged))) {
      lost.set(sha256, records);
    }
  }
  return lost;
}

/** What the project asks for and no manifest has: git-lfs's cache may have it. */
async function* checkWanted(
  tools: ReadTools,
  lost: ReadonlyMap<Sha256, unknown>,
  options: StoreCheck
): AsyncGenerator<StoreFinding> {
  const { catalog } = tools;
  for (const [sha256, size] of options.wanted ?? []) {
    throwIfCancelled(options);
    const record = (await catalog.file(sha256))?.record;
    if (size === 0 || lost.has(sha256)) {
      continue;
    }
    if (record && record.size !== size) {
      yield error('CORRUPT', sha256, `The store has ${record.size} bytes where ${size} are expected.`);
    } else if (!record) {
      const found = await checkLfsObject(tools, sha256, size, options);
      if (found) {
        yield found;
      }
    }
  }
}

/** null when git-lfs's cache has the content. */
async function checkLfsObject(
  { files, layout }: ReadTools,
  sha256: Sha256,
  size: number,
  options: StoreCheck
): Promise<StoreFinding | null> {
  const path = layout.lfsObject(sha256);
  const stat = await files.lstat(path);
  if (stat?.kind !== 'file') {
    return error('MISSING', sha256, 'Its content is not in the store.');
  }
  if (stat.size !== size) {
    return error('CORRUPT', sha256, `The git-lfs object has ${stat.size} bytes instead of ${size}.`);
  }
  const reads = options.readData && isInPart(sha256, options.part);
  if (reads && (await hashFile(files, path, { signal: options.signal })) !== sha256) {
    return error('CORRUPT', sha256, 'The bytes of the git-lfs object do not match its name.');
  }
  return null;
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
