import type { IHasher } from '../chunk/hash';
import type { PutResult, Sha256, StoredFile, XetHash } from '../model/asset';
import type { CollectionReport, Deduplication, Repair, Saving } from '../model/maintenance';
import type { FileStat, SeenFile } from './file-system';
import type { Activity } from './progress';

export type ChunkLocation = {
  readonly hash: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
  readonly xorb: XetHash;
};

/** A content, and the new file that is to hold it. */
export type Materialization = { readonly sha256: Sha256; readonly destination: string };

export type StoreFinding = {
  readonly severity: 'error' | 'warning';
  readonly code: 'MISSING' | 'CORRUPT' | 'UNREADABLE' | 'GARBAGE';
  /** What is damaged: a pack, a shard, a file by its SHA-256 (then the message goes on from its name). */
  readonly object: string;
  readonly message: string;
  readonly repair: string;
};

/** One of `of` parts, counted from 1. */
export type Part = { readonly n: number; readonly of: number };

export type StoreCheck = Activity & {
  /** Read the stored bytes too, and compare them with their hashes. */
  readonly readData: boolean;
  /** Of the data, read only this part. */
  readonly part?: Part | undefined;
  /** What must be there, with its size in bytes. Missing = everything that the manifests name. */
  readonly wanted?: ReadonlyMap<Sha256, number> | undefined;
};

/** A place that may hold a content, or most of it. Nothing from there is believed before its hash is checked. */
export type ContentCopy = {
  /** For people: `data/a.bin in the work tree`. */
  readonly from: string;
  /** A file of this machine that is to have the content; null = only to be read. */
  readonly path: string | null;
  /** Bytes `[start, end)`; fewer where there are no more. */
  read(start: number, end: number): AsyncGenerator<Uint8Array>;
};

/** Places that may hold a content, the likeliest first. */
export type FindCopies = (sha256: Sha256) => AsyncIterable<ContentCopy>;

export type StoreRepair = Activity & {
  readonly readData: boolean;
  readonly part?: Part | undefined;
  readonly wanted: ReadonlyMap<Sha256, number>;
  readonly copies: FindCopies;
};

/** What a content is made of: its chunks, in order. */
export type ContentChunks = {
  readonly sha256: Sha256;
  readonly xetHash: XetHash;
  readonly size: number;
  /** 32 bytes for each chunk. */
  readonly hashes: Uint8Array;
  /** Bytes of each chunk. */
  readonly lengths: Uint32Array;
  /** Bytes of each as it lies in its pack, compressed or not, without the header. */
  readonly stored: Uint32Array;
};

/** One chunk of a content that comes from elsewhere; not yet believed. `bytes`: null when the session knows it. */
export type ArrivingChunk = { readonly hash: Uint8Array; readonly length: number; readonly bytes: Uint8Array | null };

/** Files added together become durable and visible together. */
export interface IStoreSession {
  /**
   * Chunk and store one file in one pass. FILE_CHANGED when its stat signature moved meanwhile;
   * FILE_UNREADABLE when it cannot be read; CANCELLED by the signal.
   */
  add(path: string, activity?: Activity): Promise<PutResult>;
  /**
   * Store many small files, much faster than one by one. null for a file that is not what its stat says any more, is
   * not small, or cannot be read: `add` it, or hear why. The stats are of regular files, and old enough for a change
   * since to show.
   */
  addUnchanged(files: readonly SeenFile[], activity?: Activity): Promise<readonly (PutResult | null)[]>;
  /** True when the chunk is here: it need not come again. */
  knows(hash: Uint8Array): boolean;
  /** DISK_FULL when so many bytes more have no room. */
  reserve(bytes: number): Promise<void>;
  /** List what sessions left that were killed, so that it is known. Reads it all: for large contents only. */
  takeOver(): Promise<void>;
  /**
   * Store a content that comes chunk by chunk, in order. OBJECT_CORRUPT when a chunk is not what its hash says, or all
   * together not what `sha256` says: then the content is not stored.
   */
  receive(sha256: Sha256, chunks: AsyncIterable<ArrivingChunk>, activity?: Activity): Promise<PutResult>;
  /** Make everything added durable, packs before manifests. */
  commit(): Promise<void>;
  /** Forget everything added; what was written becomes garbage. */
  abort(): Promise<void>;
}

export type CollectionRequest = Activity & {
  /** Contents that something refers to. */
  readonly needed: ReadonlySet<Sha256>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What was stored, or stored again, within this many milliseconds is kept although nothing refers to it. */
  readonly grace: number;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Contents that never were here are no damage. */
  readonly ignoreMissing: boolean;
  /** Nor are these, which others keep. */
  readonly elsewhere?: ReadonlySet<Sha256>;
  /** More small packs, or small manifests, than these are put together. */
  readonly smallPacks: number;
  readonly smallManifests: number;
  /** Compress packs that are raw and get smaller by it. */
  readonly compress: boolean;
};

export type TidyRequest = Activity & {
  /** Stop after about so many bytes, or so many packs or manifests put together. */
  readonly bytes: number;
  readonly files: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly smallPacks: number;
  readonly smallManifests: number;
  /** Packs that were looked at before, and are not worth compressing. */
  readonly skip: ReadonlySet<XetHash>;
};

export type TidyReport = {
  readonly repacked: Saving;
  readonly compressed: Saving;
  /** Packs that are not worth compressing: those of the request that are still there, and new ones. */
  readonly skipped: readonly XetHash[];
  /** Nothing is left to do. */
  readonly done: boolean;
};

/** While it is open nobody stores, so that what to keep can be found out. */
export interface ICollection {
  /**
   * Delete what is not needed. OBJECT_CORRUPT or ASSET_MISSING when something needed is not here in full: then nothing
   * is deleted. Can be cancelled, and fails, at any point without harm.
   */
  collect(request: CollectionRequest): Promise<CollectionReport>;
  /**
   * One small step of putting small packs together and compressing, as `collect` does it, but every content stays, and
   * becomes no younger. OBJECT_CORRUPT as there. Can be cancelled, and fails, at any point without harm.
   */
  tidy(request: TidyRequest): Promise<TidyReport>;
  end(): Promise<void>;
}

/** Deduplicated, verified storage of file contents, named by SHA-256. */
export interface IAssetStore {
  /** The fastest there is here. */
  readonly hasher: IHasher;
  /** No collector works until the session ends. LOCKED when one works and does not end within minutes. */
  begin(activity?: Activity): Promise<IStoreSession>;
  /** Keep collectors out until the function given is called: for who stores now and refers to it later. LOCKED. */
  hold(activity?: Activity): Promise<() => Promise<void>>;
  /** LOCKED while another collector is at work, or sessions that do not end within `patience` milliseconds (3 s). */
  beginCollection(activity?: Activity, patience?: number): Promise<ICollection>;
  has(sha256: Sha256): Promise<boolean>;
  /** Those of the contents that are here; every pack is looked at once. */
  hasAll(contents: readonly Sha256[]): Promise<ReadonlySet<Sha256>>;
  info(sha256: Sha256): Promise<StoredFile | null>;
  chunks(sha256: Sha256): Promise<readonly ChunkLocation[]>;
  /** What is here only as a whole file is stored as chunks first. ASSET_MISSING. */
  contentChunks(sha256: Sha256, activity?: Activity): Promise<ContentChunks>;
  /**
   * Chunks `[start, end)` of a content as they are stored, each behind its header, in pieces of at most 1 MiB: what
   * `contentChunks` said, as long as collectors are kept out. Verified. OBJECT_CORRUPT.
   */
  packedChunks(sha256: Sha256, start: number, end: number): AsyncGenerator<Uint8Array>;
  /** How much of a content is stored once for several; `versions` are contents to count together. null when it is not here. */
  deduplication(sha256: Sha256, versions: readonly Sha256[]): Promise<Deduplication | null>;
  /** Bytes that each of the contents has and none before it in the list had; null for those that are not here. */
  addedBytes(contents: readonly Sha256[]): Promise<readonly (number | null)[]>;
  /** Write the content to a new file at `destination`, verified and flushed. ASSET_MISSING, OBJECT_CORRUPT, DISK_FULL. */
  materialize(sha256: Sha256, destination: string, activity?: Activity): Promise<void>;
  /** The same for many, several at a time; on failure those already written are deleted again. */
  materializeAll(items: readonly Materialization[], activity?: Activity): Promise<void>;
  /** Verified bytes of `[start, end)`, in pieces of at most 1 MiB. */
  read(sha256: Sha256, start?: number, end?: number): AsyncGenerator<Uint8Array>;
  /** Verify structure, and with `readData` every byte. */
  check(options: StoreCheck): AsyncGenerator<StoreFinding>;
  /** Put right what can be, from the store itself and from copies. The caller excludes other writers and collectors. */
  repair(options: StoreRepair): AsyncGenerator<Repair>;
  /** SHA-256 of a file's bytes, streamed off the main thread. `stat`: what `lstat` said of it just now. FILE_CHANGED. */
  hashFile(path: string, activity?: Activity, stat?: FileStat): Promise<Sha256>;
  /**
   * The same for many small files, by two threads where there are two; null for one that is not what its stat says any
   * more, or cannot be read. The stats are of regular files, and old enough for a change since to show.
   */
  hashUnchanged(files: readonly SeenFile[]): Promise<readonly (Sha256 | null)[]>;
}
