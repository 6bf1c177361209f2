/**
 * Shards: the manifest of what a session added — which chunks make up which file, and which chunks lie in which xorb.
 * Xet protocol v1.1.0, https://huggingface.co/docs/xet/shard, with the lookup tables and totals that the reference
 * implementation keeps in the footer's reserved space.
 */
import { HASH_BYTES, toHex } from '../chunk/hash';
import type { HashedChunk } from '../chunk/hash';
import { BranchbookError } from '../error';

/** A run of chunks of one xorb. */
export type Term = {
  readonly xorb: Uint8Array;
  /** Bytes of the run, uncompressed. */
  readonly bytes: number;
  /** Indices of the first chunk and of the one after the last. */
  readonly start: number;
  readonly end: number;
};

export type ShardFile = {
  readonly fileHash: Uint8Array;
  /** null in shards that come from elsewhere without it. */
  readonly sha256: Uint8Array | null;
  readonly terms: readonly Term[];
};

/** A file to be written; every term has the range hash of its chunks. */
export type NewShardFile = ShardFile & { readonly sha256: Uint8Array; readonly verification: readonly Uint8Array[] };

/** A chunk of a xorb; `stored`: its bytes there, without the header, when it is compressed and they are to be told. */
export type ShardChunk = HashedChunk & { readonly stored?: number };

export type NewShardXorb = {
  readonly hash: Uint8Array;
  /** Bytes of the xorb as serialized. */
  readonly storedBytes: number;
  readonly chunks: readonly ShardChunk[];
};

export type ShardXorb = {
  readonly hash: Uint8Array;
  readonly bytes: number;
  readonly storedBytes: number;
  /** Where the chunk entries stand in the shard, in bytes from its start. */
  readonly offset: number;
  readonly chunks: ChunkList;
};

export type Shard = {
  readonly files: readonly ShardFile[];
  readonly xorbs: readonly ShardXorb[];
  /** Seconds since 1970; 0 when it has no footer. */
  readonly created: number;
};

const tag = Uint8Array.of(
  ...new TextEncoder().encode('HFRepoMetaData'),
  ...[0, 85, 105, 103, 69, 106, 123, 129, 87, 131, 165, 189, 217, 92, 205, 209, 74, 169]
);
/** Bytes of every entry: headers, terms, chunks. */
export const SHARD_ENTRY_BYTES = 48;

const HEADER_VERSION = 2;
const FOOTER_VERSION = 1;
const HEADER_BYTES = 48;
const FOOTER_BYTES = 200;
/** Of the time of creation in the footer: version, eight offsets and counts, key. */
const CREATED_OFFSET = 8 + 8 * 8 + HASH_BYTES;
const WITH_VERIFICATION = 0x80000000;
const WITH_METADATA = 0x40000000;
const bookend = new Uint8Array(HASH_BYTES).fill(0xff);

/** The chunks of a xorb, read where they stand in the shard: a shard of a large file lists tens of thousands. */
export class ChunkList {
  private readonly _view: DataView;

  /** `entries` holds 48 bytes per chunk. */
  constructor(private readonly _entries: Uint8Array) {
    this._view = new DataView(_entries.buffer, _entries.byteOffset, _entries.byteLength);
  }

  get count(): number {
    return this._entries.length / SHARD_ENTRY_BYTES;
  }

  /** Bytes of memory. */
  get weight(): number {
    return this._entries.byteLength;
  }

  hash(index: number): Uint8Array {
    return this._entries.subarray(index * SHARD_ENTRY_BYTES, index * SHARD_ENTRY_BYTES + HASH_BYTES);
  }

  /** Bytes, uncompressed, of all chunks before this one. */
  start(index: number): number {
    return this._view.getUint32(index * SHARD_ENTRY_BYTES + HASH_BYTES, true);
  }

  length(index: number): number {
    return this._view.getUint32(index * SHARD_ENTRY_BYTES + HASH_BYTES + 4, true);
  }

  /** Bytes of the chunk in its pack, without the header, as far as the shard tells; else its length. */
  stored(index: number): number {
    return this._view.getUint32(index * SHARD_ENTRY_BYTES + HASH_BYTES + 12, true) || this.length(index);
  }
}

// ------------------------------------------------------------------------------------------------ write

class Writer {
  at = 0;
  readonly bytes: Uint8Array;
  private readonly _view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this._view = new DataView(this.bytes.buffer);
  }

  u32(value: number): void {
    this._view.setUint32(this.at, value, true);
    this.at += 4;
  }

  u64(value: number | bigint): void {
    this._view.setBigUint64(this.at, BigInt(value), true);
    this.at += 8;
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  entry(hash: Uint8Array, ...numbers: readonly number[]): void {
    this.raw(hash);
    numbers.forEach(number => this.u32(number));
    this.skip(SHARD_ENTRY_BYTES - HASH_BYTES - 4 * numbers.length);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const bytesOf = (chunks: readonly HashedChunk[]): number => sum(chunks.map(chunk => chunk.length));

/** Hashes sort as four little-endian 64-bit numbers; lookup tables hold the first of them. */
function sortKey(hash: Uint8Array, group = 0): bigint {
  return new DataView(hash.buffer, hash.byteOffset, hash.length).getBigUint64(8 * group, true);
}

function compareHashes(a: Uint8Array, b: Uint8Array): number {
  const group = [0, 1, 2, 3].find(each => sortKey(a, each) !== sortKey(b, each));
  return group === undefined ? 0 : sortKey(a, group) < sortKey(b, group) ? -1 : 1;
}

function byHash<T>(items: readonly T[], hash: (item: T) => Uint8Array): readonly T[] {
  const keyed = items.map(item => ({ item, key: sortKey(hash(item)) }));
  keyed.sort((a, b) => (a.key === b.key ? compareHashes(hash(a.item), hash(b.item)) : a.key < b.key ? -1 : 1));
  return keyed.map(({ item }) => item);
}

type Lookup = { readonly key: bigint; readonly values: readonly number[] };

function writeFiles(writer: Writer, files: readonly NewShardFile[]): readonly Lookup[] {
  let index = 0;
  const lookup = files.map(file => {
    const entry = { key: sortKey(file.fileHash), values: [index] };
    writer.entry(file.fileHash, WITH_VERIFICATION + WITH_METADATA, file.terms.length);
    file.terms.forEach(term => writer.entry(term.xorb, 0, term.bytes, term.start, term.end));
    file.verification.forEach(hash => writer.entry(hash));
    writer.entry(file.sha256);
    index += 2 + 2 * file.terms.length;
    return entry;
  });
  writer.entry(bookend);
  return lookup;
}

function writeXorbs(
  writer: Writer,
  xorbs: readonly NewShardXorb[]
): { xorbs: readonly Lookup[]; chunks: readonly Lookup[] } {
  let index = 0;
  const chunks: Lookup[] = [];
  const lookup = xorbs.map(xorb => {
    const entry = { key: sortKey(xorb.hash), values: [index] };
    writer.entry(xorb.hash, 0, xorb.chunks.length, bytesOf(xorb.chunks), xorb.storedBytes);
    let start = 0;
    xorb.chunks.forEach((chunk, i) => {
      writer.entry(chunk.hash, start, chunk.length, 0, packedLength(chunk));
      chunks.push({ key: sortKey(chunk.hash), values: [index, i] });
      start += chunk.length;
    });
    index += 1 + xorb.chunks.length;
    return entry;
  });
  writer.entry(bookend);
  chunks.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { xorbs: lookup, chunks };
}

/** 0 when it is the chunk's length, as in every shard that does not tell. */
function packedLength({ length, stored = length }: ShardChunk): number {
  return stored === length ? 0 : stored;
}

/** Write one lookup table; gives its place for the footer. */
function writeLookup(writer: Writer, table: readonly Lookup[]): { readonly offset: number; readonly count: number } {
  const offset = writer.at;
  for (const { key, values } of table) {
    writer.u64(key);
    values.forEach(value => writer.u32(value));
  }
  return { offset, count: table.length };
}

function encodedSize(files: readonly NewShardFile[], xorbs: readonly NewShardXorb[]): number {
  const chunks = sum(xorbs.map(xorb => xorb.chunks.length));
  const entries = sum(files.map(file => 2 + 2 * file.terms.length)) + xorbs.length + chunks + 2;
  return HEADER_BYTES + entries * SHARD_ENTRY_BYTES + 12 * (files.length + xorbs.length) + 16 * chunks + FOOTER_BYTES;
}

/** `created` is in seconds since 1970. */
export function encodeShard(
  content: { readonly files: readonly NewShardFile[]; readonly xorbs: readonly NewShardXorb[] },
  created: number
): Uint8Array {
  const files = byHash(content.files, file => file.fileHash);
  const xorbs = byHash(content.xorbs, xorb => xorb.hash);
  const writer = new Writer(encodedSize(files, xorbs));
  writer.raw(tag);
  writer.u64(HEADER_VERSION);
  writer.u64(FOOTER_BYTES);
  const fileOffset = writer.at;
  const fileLookup = writeFiles(writer, files);
  const xorbOffset = writer.at;
  const lookup = writeXorbs(writer, xorbs);
  const tables = [fileLookup, lookup.xorbs, lookup.chunks].map(table => writeLookup(writer, table));
  const footerOffset = writer.at;
  writer.u64(FOOTER_VERSION);
  writer.u64(fileOffset);
  writer.u64(xorbOffset);
  for (const { offset, count } of tables) {
    writer.u64(offset);
    writer.u64(count);
  }
  writer.skip(HASH_BYTES); // No key: chunk hashes are not disguised.
  writer.u64(created);
  writer.u64(0xffffffffffffffffn); // Never expires.
  writer.skip(48);
  writer.u64(sum(xorbs.map(xorb => xorb.storedBytes)));
  writer.u64(sum(files.flatMap(file => file.terms.map(term => term.bytes))));
  writer.u64(sum(xorbs.map(xorb => bytesOf(xorb.chunks))));
  writer.u64(footerOffset);
  return writer.bytes;
}

// ------------------------------------------------------------------------------------------------ read

function invalid(reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', `A manifest is damaged: ${reason}.`, { format: 'shard', reason });
}

class EntryReader {
  private _at = HEADER_BYTES;
  private readonly _view: DataView;

  constructor(private readonly _bytes: Uint8Array) {
    this._view = new DataView(_bytes.buffer, _bytes.byteOffset, _bytes.byteLength);
  }

  get offset(): number {
    return this._at;
  }

  /** The next `count` entries of 48 bytes, as they stand. */
  take(count: number): Uint8Array {
    const start = this._at;
    this._at += count * SHARD_ENTRY_BYTES;
    if (this._at > this._bytes.length) {
      throw invalid('it ends too early');
    }
    return this._bytes.subarray(start, this._at);
  }

  /** The next entry: its hash and the four numbers behind it. */
  entry(): { readonly hash: Uint8Array; readonly numbers: readonly [number, number, number, number] } {
    const at = this._at + HASH_BYTES;
    const hash = this.take(1).subarray(0, HASH_BYTES);
    const number = (i: number): number => this._view.getUint32(at + 4 * i, true);
    return { hash, numbers: [number(0), number(1), number(2), number(3)] };
  }
}

const isBookend = (hash: Uint8Array): boolean => hash.every(byte => byte === 0xff);

function readFiles(reader: EntryReader): readonly ShardFile[] {
  const files: ShardFile[] = [];
  for (let header = reader.entry(); !isBookend(header.hash); header = reader.entry()) {
    const [flags, count] = header.numbers;
    const terms: Term[] = [];
    for (let i = 0; i < count; i++) {
      const { hash, numbers } = reader.entry();
      terms.push({ xorb: hash, bytes: numbers[1], start: numbers[2], end: numbers[3] });
    }
    if ((flags & WITH_VERIFICATION) !== 0) {
      reader.take(count);
    }
    const sha256 = (flags & WITH_METADATA) !== 0 ? reader.entry().hash : null;
    files.push({ fileHash: header.hash, sha256, terms });
  }
  return files;
}

function readXorbs(reader: EntryReader): readonly ShardXorb[] {
  const xorbs: ShardXorb[] = [];
  for (let header = reader.entry(); !isBookend(header.hash); header = reader.entry()) {
    const [, count, bytes, storedBytes] = header.numbers;
    const { offset } = reader;
    xorbs.push({ hash: header.hash, bytes, storedBytes, offset, chunks: new ChunkList(reader.take(count)) });
  }
  return xorbs;
}

/** Views of `bytes`; with or without footer. FORMAT_INVALID or FORMAT_TOO_NEW when it cannot be read. */
export function decodeShard(bytes: Uint8Array): Shard {
  if (bytes.length < HEADER_BYTES || !tag.every((byte, i) => bytes[i] === byte)) {
    throw invalid(`it does not start with ${toHex(tag.subarray(0, 4))}…`);
  }
  const version = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(HASH_BYTES, true));
  if (version !== HEADER_VERSION) {
    const data = { found: version, supported: HEADER_VERSION };
    throw new BranchbookError(
      'FORMAT_TOO_NEW',
      `A manifest has format version ${version}.`,
      data,
      'Update Branchbook.'
    );
  }
  const reader = new EntryReader(bytes);
  return { files: readFiles(reader), xorbs: readXorbs(reader), created: readCreated(bytes) };
}

/** The header says how long the footer is; shards on their way to a server have none. */
function readCreated(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasFooter = view.getBigUint64(HASH_BYTES + 8, true) === BigInt(FOOTER_BYTES);
  const at = bytes.length - FOOTER_BYTES + CREATED_OFFSET;
  return hasFooter && at > HEADER_BYTES ? Number(view.getBigUint64(at, true)) : 0;
}
