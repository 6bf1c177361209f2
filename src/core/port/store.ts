import type { PutResult, Sha256, StoredFile, XetHash } from '../model/asset';
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
  /** What is damaged: a pack, a shard, a file by its sha256. */
  readonly object: string;
  readonly message: string;
  readonly repair: string;
};

/** Files added together become durable and visible together. */
export interface IStoreSession {
  /**
   * Chunk and store one file in one pass. FILE_CHANGED when its stat signature moved meanwhile;
   * FILE_UNREADABLE when it cannot be read; CANCELLED by the signal.
   */
  add(path: string, activity?: Activity): Promise<PutResult>;
  /** Make everything added durable, packs before manifests. */
  commit(): Promise<void>;
  /** Forget everything added; what was written becomes garbage. */
  abort(): Promise<void>;
}

/** Deduplicated, verified storage of file contents, named by SHA-256. */
export interface IAssetStore {
  begin(): Promise<IStoreSession>;
  has(sha256: Sha256): Promise<boolean>;
  info(sha256: Sha256): Promise<StoredFile | null>;
  chunks(sha256: Sha256): Promise<readonly ChunkLocation[]>;
  /** Write the content to a new file at `destination`, verified and flushed. ASSET_MISSING, OBJECT_CORRUPT, DISK_FULL. */
  materialize(sha256: Sha256, destination: string, activity?: Activity): Promise<void>;
  /** The same for many, several at a time; on failure those already written are deleted again. */
  materializeAll(items: readonly Materialization[], activity?: Activity): Promise<void>;
  /** Verified bytes of `[start, end)`, in pieces of at most 1 MiB. */
  read(sha256: Sha256, start?: number, end?: number): AsyncGenerator<Uint8Array>;
  /** Verify structure, and with `readData` every byte. */
  check(options: { readonly readData: boolean } & Activity): AsyncGenerator<StoreFinding>;
  /** SHA-256 of a file's bytes, streamed off the main thread. */
  hashFile(path: string, activity?: Activity): Promise<Sha256>;
}
