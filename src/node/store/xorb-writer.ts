import type { IFileHandle, IFileSystem } from '../../core/port';
import { CHUNK_HEADER_BYTES, encodeChunkHeader, XORB_MAX_BYTES } from '../../core/format/xorb';
import { ChunkTable } from './chunk-table';
import type { ChunkPlace, ChunkTableMemory } from './chunk-table';

/** Larger writes were measured five times slower. */
const WRITE_BYTES = 1024 * 1024;
/**
 * Packs grow with the session, to a sixteenth of it: what is lost when it is killed, a pack being filled and one being
 * flushed, is a small part of what was done. Bytes of the smallest one.
 */
const XORB_MIN_BYTES = 16 * 1024 * 1024;
const XORB_SHARE = 16;
/** Chunks a xorb may have, as in the reference implementation. */
const XORB_MAX_CHUNKS = 8 * 1024;

/** What a session has written so far. Plain data and shared memory, so that any thread can continue. */
export type SessionState = {
  /** Xorbs are written to `<prefix>-<ordinal>.xorb`. */
  readonly prefix: string;
  /** Serialized bytes of each xorb; the last one is open. */
  readonly xorbs: readonly number[];
  /** Chunks of this session, in the order written; their xorb is an ordinal. */
  readonly table: ChunkTableMemory;
};

/** Told when the last xorb but one of a session has become durable. */
export type SealListener = (state: SessionState) => void;

export function xorbPath(state: SessionState, ordinal: number): string {
  return `${state.prefix}-${ordinal}.xorb`;
}

export async function syncFile(files: IFileSystem, path: string): Promise<void> {
  const handle = await files.open(path, 'write');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Appends chunks to the session's xorbs. Chunks are copied, and written while the next ones are being found. */
export class XorbWriter {
  readonly table: ChunkTable;
  private readonly _sizes: number[];
  private _total: number;
  private _staging = new Uint8Array(WRITE_BYTES);
  private _written = new Uint8Array(WRITE_BYTES);
  private _staged = 0;
  private _handle: IFileHandle | null = null;
  private _writing: Promise<void> = Promise.resolve();
  private _flushing: Promise<void> = Promise.resolve();
  private _place: { xorb: number; index: number };

  constructor(
    private readonly _files: IFileSystem,
    private readonly _state: SessionState,
    private readonly _onSealed: SealListener
  ) {
    this.table = new ChunkTable(_state.table);
    this._sizes = [..._state.xorbs];
    this._total = this._sizes.reduce((sum, size) => sum + size, 0);
    const last = this.table.count - 1;
    this._place = last < 0 ? { xorb: -1, index: 0 } : this.table.place(last);
  }

  /** True when a chunk of so many bytes can be appended at once. */
  hasRoom(length: number): boolean {
    const bytes = CHUNK_HEADER_BYTES + length;
    return this._staged + bytes <= this._staging.length && this._fits(bytes);
  }

  async makeRoom(length: number): Promise<void> {
    if (!this._fits(CHUNK_HEADER_BYTES + length)) {
      await this._seal();
      this._sizes.push(0);
    } else {
      await this._write();
    }
  }

  /** Append a chunk there is room for. */
  append(hash: Uint8Array, chunk: Uint8Array): ChunkPlace {
    encodeChunkHeader(this._staging, this._staged, chunk.length);
    this._staging.set(chunk, this._staged + CHUNK_HEADER_BYTES);
    this._staged += CHUNK_HEADER_BYTES + chunk.length;
    const xorb = this._sizes.length - 1;
    this._place = { xorb, index: this._place.xorb === xorb ? this._place.index + 1 : 0 };
    this.table.add(hash, this._place, chunk.length);
    return this._place;
  }

  /** Everything appended is in the files afterwards; more may be appended. */
  async settle(): Promise<void> {
    await this._write();
    await this._writing;
  }

  /** Everything appended is in the files afterwards, and all xorbs but the open one are on the device. */
  async close(): Promise<SessionState> {
    try {
      await this.settle();
    } finally {
      await this._handle?.close();
      this._handle = null;
      await this._flushing;
    }
    return this._now();
  }

  private _now(): SessionState {
    return { prefix: this._state.prefix, xorbs: [...this._sizes], table: this.table.memory };
  }

  private _fits(bytes: number): boolean {
    const ordinal = this._sizes.length - 1;
    if (ordinal < 0 || (this._place.xorb === ordinal && this._place.index + 1 >= XORB_MAX_CHUNKS)) {
      return false;
    }
    const limit = Math.min(Math.max(XORB_MIN_BYTES, this._total / XORB_SHARE), XORB_MAX_BYTES);
    return this._sizes[ordinal]! + this._staged + bytes <= limit;
  }

  /** Start to write what is staged; the next chunks are staged meanwhile. */
  private async _write(): Promise<void> {
    if (this._staged === 0) {
      return;
    }
    await this._writing;
    const ordinal = this._sizes.length - 1;
    const size = this._sizes[ordinal]!;
    this._handle ??= await this._files.open(xorbPath(this._state, ordinal), size === 0 ? 'create' : 'write');
    this._writing = this._handle.write(this._staging.subarray(0, this._staged), size);
    this._writing.catch(() => undefined); // Awaited before the next write, or in `close`.
    [this._staging, this._written] = [this._written, this._staging];
    this._sizes[ordinal] = size + this._staged;
    this._total += this._staged;
    this._staged = 0;
  }

  /** The open xorb is full: flush it while the next one is being filled. */
  private async _seal(): Promise<void> {
    if (this._sizes.length === 0) {
      return;
    }
    await this.settle();
    await this._flushing;
    const handle = this._handle ?? (await this._files.open(xorbPath(this._state, this._sizes.length - 1), 'write'));
    this._handle = null;
    const sealed = { ...this._now(), xorbs: [...this._sizes, 0] };
    this._flushing = this._flush(handle, sealed);
    this._flushing.catch(() => undefined); // Awaited before the next flush, or in `close`.
  }

  private async _flush(handle: IFileHandle, sealed: SessionState): Promise<void> {
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    this._onSealed(sealed);
  }
}
