/**
 * Manifests that are damaged or lost, made again: which chunks a pack holds is read from the pack itself; which chunks a
 * file is made of, from what is left of a damaged manifest. Nothing is believed before it was read and hashed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { rangeHash, spellHash, toHex } from '../../core/chunk/hash';
import { ensureDirectory, parentOf } from '../../core/durable';
import { decodeShard } from '../../core/format/shard';
import type { NewShardFile, ShardFile } from '../../core/format/shard';
import type { Repair } from '../../core/model/maintenance';
import type { StoreRepair } from '../../core/port';
import { adoptOrphans } from './adopt-orphans';
import type { FileRecord, FileTerm } from './catalog';
import { publishShard } from './publisher';
import type { ReadTools } from './read-tools';
import { runsOf } from './run';
import { isCorrupt } from './xorb-map';
import { XorbShelf } from './xorb-reader';

/** Describe packs that no readable manifest describes, and take over what damaged manifests still say of files. */
export async function* rebuildShards(tools: ReadTools, options: StoreRepair): AsyncGenerator<Repair> {
  const { catalog, layout } = tools;
  const isWhole = catalog.damagedShards.size === 0 && catalog.named().every(number => catalog.xorbs[number]!.listing);
  if (isWhole && (await hasAll(tools, options.wanted.keys()))) {
    return;
  }
  const adopted = await adoptOrphans(tools, newTemporary(tools));
  if (adopted > 0) {
    await catalog.refresh();
    const message = `${adopted === 1 ? 'A pack has' : `${adopted} packs have`} a manifest again.`;
    yield { object: layout.shards, message, from: 'the packs themselves' };
  }
  for (const name of catalog.damagedShards.keys()) {
    const files = await salvageFiles(tools, name);
    if (files.length > 0) {
      await publishShard(tools, { files, xorbs: [] }, newTemporary(tools));
      await catalog.refresh();
    }
    const aside = await setAside(tools, layout.shard(name));
    const message = `The damaged manifest was moved to ${aside}; ${files.length} of its files were taken over.`;
    yield { object: layout.shard(name), message, from: 'what is left of it' };
  }
}

async function hasAll({ catalog }: ReadTools, wanted: Iterable<string>): Promise<boolean> {
  for (const sha256 of wanted) {
    if (!(await catalog.file(sha256))) {
      return false;
    }
  }
  return true;
}

export function newTemporary({ layout }: Pick<ReadTools, 'layout'>): string {
  return `${layout.temporary}/${process.pid}-${randomBytes(8).toString('hex')}.mdb`;
}

/** The files of a damaged manifest whose content, read through it, has the SHA-256 that it says. */
async function salvageFiles(tools: ReadTools, shard: string): Promise<readonly NewShardFile[]> {
  const bytes = await tools.files.readFile(tools.layout.shard(shard));
  const salvaged: NewShardFile[] = [];
  for (const file of bytes ? decodeFiles(bytes) : []) {
    const known = file.sha256 && (await tools.catalog.file(toHex(file.sha256)));
    const record = known?.intact ? null : await toRecord(tools, shard, file);
    if (record && (await isReadable(tools, record))) {
      const verification = await Promise.all(record.terms.map(term => verify(tools, term)));
      salvaged.push({ ...file, sha256: file.sha256!, verification });
    }
  }
  return salvaged;
}

function decodeFiles(bytes: Uint8Array): readonly ShardFile[] {
  try {
    return decodeShard(bytes).files;
  } catch {
    return [];
  }
}

/** null when it names a pack or chunks that are not there. */
async function toRecord({ catalog }: ReadTools, shard: string, file: ShardFile): Promise<FileRecord | null> {
  const terms: FileTerm[] = [];
  let size = 0;
  for (const { xorb, start, end, bytes } of file.terms) {
    const number = catalog.xorbs.findIndex(({ hash }) => hash === spellHash(xorb));
    if (number < 0 || start >= end || end > (catalog.xorbs[number]!.listing?.chunks ?? 0)) {
      return null;
    }
    terms.push({ xorb: number, start, end, bytes, at: size });
    size += bytes;
  }
  return file.sha256 && { sha256: toHex(file.sha256), xetHash: spellHash(file.fileHash), size, terms, shard };
}

/** By its own chunks: no second copy may stand in for what the record says. */
async function isReadable(tools: ReadTools, record: FileRecord): Promise<boolean> {
  const hash = createHash('sha256');
  const buffer = tools.buffers.take();
  const shelf = new XorbShelf(tools, buffer);
  try {
    for (const run of runsOf(tools.catalog, record, 0, record.size)) {
      for await (const piece of shelf.read(run)) {
        hash.update(piece);
      }
    }
  } catch (error) {
    if (isCorrupt(error)) {
      return false;
    }
    throw error;
  } finally {
    await shelf.close();
    tools.buffers.give(buffer);
  }
  return hash.digest('hex') === record.sha256;
}

async function verify({ catalog, hasher }: ReadTools, term: FileTerm): Promise<Uint8Array> {
  const chunks = await catalog.chunks(term.xorb);
  const hashes = Array.from({ length: term.end - term.start }, (_, i) => chunks.hash(term.start + i));
  return rangeHash(hasher, hashes);
}

/** Out of the way, but kept: `<home>/rescued/<name>-<random>`. */
async function setAside({ files, layout }: ReadTools, path: string): Promise<string> {
  const folder = `${layout.home}/rescued`;
  await ensureDirectory(files, folder);
  const target = `${folder}/${path.slice(path.lastIndexOf('/') + 1)}-${randomBytes(4).toString('hex')}`;
  await files.rename(path, target);
  await files.syncDirectory(folder);
  await files.syncDirectory(parentOf(path));
  return target;
}
