/** What the shards on disk say: which files there are, of which chunks, in which xorbs. */
import { spellHash, toHex } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError, hasCode } from '../../core/error';
import { ensureDirectory, listNames } from '../../core/durable';
import { ChunkList, decodeShard, SHARD_ENTRY_BYTES } from '../../core/format/shard';
import type { Shard, ShardFile } from '../../core/format/shard';
import type { Sha256, XetHash } from '../../core/model/asset';
import type { FileStat, IFileSystem } from '../../core/port';
import { ChunkTable } from './chunk-table';
import type { Layout } from './layout';

/** A directory changed within this many milliseconds may change again without its times showing it. */
const TIME_STEP = 20n * 1_000_000n;

export type XorbRecord = {
  readonly hash: XetHash;
  /** Shard that lists its chunks, the place of the list in it, and their number; null when no shard does. */
  readonly listing: { readonly shard: string; readonly offset: number; readonly chunks: number } | null;
  readonly bytes: number;
  readonly storedBytes: number;
};

/** A run of chunks; `xorb` is a number of the catalog. */
export type FileTerm = {
  readonly xorb: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  /** Bytes of the file before it. */
  readonly at: number;
};

export type FileRecord = {
  readonly sha256: Sha256;
  readonly xetHash: XetHash;
  readonly size: number;
  readonly terms: readonly FileTerm[];
  /** The shard that says so. */
  readonly shard: string;
};

/** Files stored again within this time are not written to another manifest; collectors allow for it. */
export const FRESH_SECONDS = 3600;

/** A shard as it was read. */
export type LoadedShard = {
  readonly name: string;
  readonly bytes: number;
  /** When its files were stored or stored again, seconds since 1970. */
  readonly created: number;
  readonly files: readonly FileRecord[];
  /** The xorbs it lists, by their numbers. */
  readonly xorbs: readonly { readonly number: number; readonly record: XorbRecord }[];
};

/** A listing of a directory that changes meanwhile may miss names; so often it is looked at again. */
const LOOKS = 20;

export class Catalog {
  private readonly _numbers = new Map<XetHash, number>();
  private readonly _xorbs: XorbRecord[] = [];
  private readonly _files = new Map<Sha256, FileRecord[]>();
  private readonly _shards = new Map<string, LoadedShard>();
  private readonly _damagedShards = new Map<string, string>();
  private _generation = 0;
  private _seen: FileStat | null = null;
  private _refreshing: Promise<void> | null = null;
  private _table: { readonly chunks: ChunkTable; readonly usable: readonly boolean[] } | null = null;

  constructor(
    private readonly _fs: IFileSystem,
    private readonly _layout: Layout,
    private readonly _hasher: IHasher
  ) {}

  get xorbs(): readonly XorbRecord[] {
    return this._xorbs;
  }

  get files(): IterableIterator<readonly FileRecord[]> {
    return this._files.values();
  }

  get shards(): ReadonlyMap<string, LoadedShard> {
    return this._shards;
  }

  /** Changes whenever shards disappeared: a collector put others in their place. */
  get generation(): number {
    return this._generation;
  }

  /** Numbers of the xorbs that shards list or files need, in their order. Others were collected. */
  named(): readonly number[] {
    const named = new Set<number>();
    for (const { files, xorbs } of this._shards.values()) {
      xorbs.forEach(xorb => named.add(xorb.number));
      files.forEach(file => file.terms.forEach(term => named.add(term.xorb)));
    }
    return [...named].sort((a, b) => a - b);
  }

  /** Name of every shard that cannot be read, and why. */
  get damagedShards(): ReadonlyMap<string, string> {
    return this._damagedShards;
  }

  /** Take in shards that appeared since, from this process or another, and forget those that disappeared. */
  async refresh(): Promise<void> {
    this._refreshing ??= this._refresh().finally(() => (this._refreshing = null));
    await this._refreshing;
  }

  /** All that is known about a file, the newest record first: the same content may have been stored several times. */
  records(sha256: Sha256): readonly FileRecord[] {
    return this._files.get(sha256) ?? [];
  }

  /** Tells, as of now, whether a file is there in full. Thousands of small files lie in one xorb: it is looked at once. */
  async intactFiles(): Promise<(sha256: Sha256) => Promise<boolean>> {
    await this.refresh();
    const seen = new Map<number, Promise<boolean>>();
    const isUsable = (number: number): Promise<boolean> => {
      const usable = seen.get(number) ?? this.isUsable(number);
      seen.set(number, usable);
      return usable;
    };
    return async sha256 => (await this.file(sha256, isUsable))?.intact === true;
  }

  /** The file's record whose xorbs are all there; else any record; else null. */
  async file(
    sha256: Sha256,
    isUsable = (number: number): Promise<boolean> => this.isUsable(number)
  ): Promise<{ readonly record: FileRecord; readonly intact: boolean } | null> {
    const records = this.records(sha256);
    for (const record of records) {
      const xorbs = new Set(record.terms.map(term => term.xorb));
      const intact = await Promise.all([...xorbs].map(isUsable));
      if (intact.every(Boolean)) {
        return { record, intact: true };
      }
    }
    return records[0] ? { record: records[0], intact: false } : null;
  }

  /**
   * True when the file is there in full and young enough. An older one is written to the next manifest once more when it
   * is stored again: a collector goes by the age, and must not find content old that somebody is about to refer to.
   */
  async isFresh(sha256: Sha256, now: number): Promise<boolean> {
    const found = await this.file(sha256);
    const isYoung = (shard: LoadedShard | undefined): boolean =>
      shard !== undefined && now / 1000 - shard.created < FRESH_SECONDS;
    return found?.intact === true && isYoung(this._shards.get(found.record.shard));
  }

  /** True when the xorb is there in full and nobody found damage in it. */
  async isUsable(number: number): Promise<boolean> {
    const { hash, listing } = this._xorbs[number]!;
    const stat = listing && (await this._fs.lstat(this._layout.xorb(hash)));
    const isWhole = stat !== null && this.choose(number, stat.size);
    return isWhole && (await this._fs.lstat(this._layout.damaged(hash))) === null;
  }

  /**
   * Go by the listing of this xorb that says it has `size` bytes; false when none does. Maintenance compresses xorbs, which
   * changes their size but not their name, and does not look for all shards that list them.
   */
  choose(number: number, size: number): boolean {
    if (this._xorbs[number]!.listing && this._xorbs[number]!.storedBytes === size) {
      return true;
    }
    for (const { xorbs } of this._shards.values()) {
      const fitting = xorbs.find(xorb => xorb.number === number && xorb.record.storedBytes === size);
      if (fitting) {
        this._xorbs[number] = fitting.record;
        return true;
      }
    }
    return false;
  }

  /**
   * Remember, for all processes, that bytes of this xorb are wrong: its chunks are stored anew when they come again.
   * The damage itself is what the caller reports, so a failure here (a read-only store) must not hide it.
   */
  async markDamaged(number: number): Promise<void> {
    const path = this._layout.damaged(this._xorbs[number]!.hash);
    const handle = await this._fs.open(path, 'create').catch(() => null);
    await handle?.close();
  }

  /** The chunks of a xorb. */
  async chunks(number: number): Promise<ChunkList> {
    for (;;) {
      const { generation } = this;
      try {
        return await readChunkList(this._fs, this._layout, this._xorbs[number]!);
      } catch (error) {
        // A collector may have put another shard in the place of this one.
        await this.refresh();
        if (!hasCode(error, 'PATH_UNKNOWN') || generation === this.generation) {
          throw error;
        }
      }
    }
  }

  /** All chunks in usable xorbs, as of now. */
  async table(): Promise<ChunkTable> {
    await this.refresh();
    const usable = await Promise.all(this._xorbs.map((_, number) => this.isUsable(number)));
    const known = this._table?.usable ?? [];
    const unchanged = known.every((was, number) => was === usable[number]);
    const chunks = (unchanged && this._table?.chunks) || new ChunkTable();
    for (let number = unchanged ? known.length : 0; number < usable.length; number++) {
      if (usable[number]) {
        addChunks(chunks, number, await this.chunks(number));
      }
    }
    this._table = { chunks, usable };
    return chunks;
  }

  private async _refresh(): Promise<void> {
    for (let look = 1; ; look++) {
      const now = BigInt(Date.now()) * 1_000_000n;
      const stat = await this._fs.lstat(this._layout.shards);
      if (!stat || (this._seen && isSameTime(stat, this._seen))) {
        return;
      }
      const whole = await this._look();
      const after = await this._fs.lstat(this._layout.shards);
      if ((whole && after && isSameTime(stat, after)) || look === LOOKS) {
        this._seen = now - stat.mtimeNs > TIME_STEP ? stat : null;
        return;
      }
    }
  }

  /** New shards first, then forget those that are gone: in between nothing is missing. False when one vanished. */
  private async _look(): Promise<boolean> {
    const names = (await listNames(this._fs, this._layout.shards)).filter(name => name.endsWith('.mdb'));
    let whole = true;
    for (const name of names) {
      if (!this._shards.has(name) && !this._damagedShards.has(name)) {
        whole = (await this._load(name)) && whole;
      }
    }
    const there = new Set(names);
    const gone = [...this._shards.keys(), ...this._damagedShards.keys()].filter(name => !there.has(name));
    if (gone.length > 0) {
      this._forget(gone);
    }
    return whole;
  }

  /** Numbers stay what they are, since tables of chunks and open sessions hold them. */
  private _forget(names: readonly string[]): void {
    names.forEach(name => this._shards.delete(name) || this._damagedShards.delete(name));
    this._files.clear();
    this._xorbs.forEach(({ hash }, number) => (this._xorbs[number] = unlisted(hash)));
    this._shards.forEach(shard => this._index(shard));
    this._generation += 1;
  }

  /** False when it is gone. */
  private async _load(name: string): Promise<boolean> {
    const path = this._layout.shard(name);
    const [stat, bytes] = [await this._fs.lstat(path), await this._fs.readFile(path)];
    if (!stat || !bytes) {
      return false;
    }
    try {
      if (`${spellHash(this._hasher.hash('chunk', bytes))}.mdb` !== name) {
        throw new BranchbookError('FORMAT_INVALID', 'its bytes do not match its name');
      }
      const decoded = decodeShard(bytes);
      const created = decoded.created || Number(stat.mtimeNs / 1_000_000_000n);
      const shard = this._take(name, bytes.length, { ...decoded, created });
      this._shards.set(name, shard);
      this._index(shard);
    } catch (error) {
      this._damagedShards.set(name, BranchbookError.from(error).message);
    }
    return true;
  }

  private _take(name: string, length: number, { files, xorbs, created }: Shard): LoadedShard {
    return {
      name,
      bytes: length,
      created,
      files: files.flatMap(file => this._record(name, file) ?? []),
      xorbs: xorbs.map(({ hash, bytes, storedBytes, offset, chunks }) => {
        const listing = { shard: name, offset, chunks: chunks.count };
        return {
          number: this.number(spellHash(hash)),
          record: { hash: spellHash(hash), listing, bytes, storedBytes }
        };
      })
    };
  }

  private _index({ files, xorbs }: LoadedShard): void {
    for (const { number, record } of xorbs) {
      const { listing, storedBytes } = this._xorbs[number]!;
      // The smaller one is compressed, and came later.
      this._xorbs[number] = listing && storedBytes < record.storedBytes ? this._xorbs[number]! : record;
    }
    for (const record of files) {
      this._files.set(record.sha256, [record, ...(this._files.get(record.sha256) ?? [])]);
    }
  }

  private _record(shard: string, file: ShardFile): FileRecord | null {
    if (!file.sha256) {
      return null;
    }
    let size = 0;
    const terms = file.terms.map(({ xorb, start, end, bytes }) => {
      const term = { xorb: this.number(spellHash(xorb)), start, end, bytes, at: size };
      size += bytes;
      return term;
    });
    return { sha256: toHex(file.sha256), xetHash: spellHash(file.fileHash), size, terms, shard };
  }

  /** The number of a xorb that a shard lists, or null. */
  listed(hash: XetHash): number | null {
    const number = this._numbers.get(hash);
    return number !== undefined && this._xorbs[number]!.listing ? number : null;
  }

  /** The number of a xorb; a file may name a xorb that another shard describes. */
  number(hash: XetHash): number {
    const known = this._numbers.get(hash);
    if (known !== undefined) {
      return known;
    }
    this._numbers.set(hash, this._xorbs.length);
    this._xorbs.push(unlisted(hash));
    return this._xorbs.length - 1;
  }
}

function unlisted(hash: XetHash): XorbRecord {
  return { hash, listing: null, bytes: 0, storedBytes: 0 };
}

function isSameTime(a: FileStat, b: FileStat): boolean {
  return a.mtimeNs === b.mtimeNs && a.ino === b.ino;
}

/** What a user can do about damage. */
export const REPAIR =
  'Snapshot a good copy of the file again, or fetch it from a remote that has it; `branchbook check --read-data` lists all damage.';

/** The chunks of a xorb, from the shard that lists them. OBJECT_CORRUPT when none does. */
export async function readChunkList(
  files: IFileSystem,
  layout: Layout,
  { hash, listing }: XorbRecord
): Promise<ChunkList> {
  if (!listing) {
    const message = `No manifest describes the pack ${hash}.`;
    throw new BranchbookError('OBJECT_CORRUPT', message, { xorb: hash, repair: REPAIR }, REPAIR);
  }
  const entries = new Uint8Array(listing.chunks * SHARD_ENTRY_BYTES);
  const handle = await files.open(layout.shard(listing.shard), 'read');
  try {
    let done = 0;
    for (let count = -1; count !== 0 && done < entries.length; done += count) {
      count = await handle.read(entries.subarray(done), listing.offset + done);
    }
  } finally {
    await handle.close();
  }
  return new ChunkList(entries);
}

function addChunks(table: ChunkTable, xorb: number, chunks: ChunkList): void {
  for (let index = 0; index < chunks.count; index++) {
    table.add(chunks.hash(index), { xorb, index }, chunks.length(index));
  }
}

/** Create the directories of a store. */
export async function createLayout(files: IFileSystem, layout: Layout): Promise<void> {
  for (const directory of [layout.xorbs, layout.shards, layout.temporary]) {
    await ensureDirectory(files, directory);
  }
}
