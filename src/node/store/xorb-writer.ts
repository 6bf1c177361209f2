import type { IFileHandle, IFileSystem } from '../../core/port';
import { CHUNK_HEADER_BYTES, encodeChunkHeader, XORB_MAX_BYTES } from '../../core/format/xorb';
import { ChunkTable } from './chunk-table';
import type { ChunkPlace, ChunkTableMemory } from './chunk-table';

/** Larger writes were measured five times slower. */
export const WRITE_BYTES = 1024 * 1024;

/** What a session has written so far. Plain data and shared memory, so that any thread can continue. */
export type SessionState = {
  /** Xorbs are written to `<prefix>-<ordinal>.xorb`. */
  readonly prefix: string;
  /** Serialized bytes of each xorb; the last one is open. */
  readonly xorbs: readonly number[];
  /** Chunks of this session, in the order written; their xorb is an ordinal. */
  readonly table: ChunkTableMemory;
};

export function xorbPath(state: SessionState, ordinal: number): string {
  return `${state.prefix}-${ordinal}.xorb`;
}

/** Appends chunks to the session's xorbs. */
export class XorbWriter {
  readonly table: ChunkTable;
  private readonly _sizes: number[];
  private readonly _flushes: Promise<void>[] = [];
  private _handle: IFileHandle | null = null;
  private _staged = 0;

  /** `staging` collects what is written next: WRITE_BYTES, reused from file to file. */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _state: SessionState,
    private readonly _staging: Uint8Array
  ) {
    this.table = new ChunkTable(_state.table);
    this._sizes = [..._state.xorbs];
  }

  get state(): SessionState {
    return { prefix: this._state.prefix, xorbs: this._sizes, table: this.table.memory };
  }

  async append(hash: Uint8Array, chunk: Uint8Array): Promise<ChunkPlace> {
    const bytes = CHUNK_HEADER_BYTES + chunk.length;
    if (this._sizes.length === 0 || this._sizes.at(-1)! + this._staged + bytes > XORB_MAX_BYTES) {
      await this._seal();
      this._sizes.push(0);
    }
    if (this._staged + bytes > this._staging.length) {
      await this._write();
    }
    encodeChunkHeader(this._staging, this._staged, chunk.length);
    this._staging.set(chunk, this._staged + CHUNK_HEADER_BYTES);
    this._staged += bytes;
    const place = this._nextPlace();
    this.table.add(hash, place, chunk.length);
    return place;
  }

  /** Everything appended is in the files afterwards, and all xorbs but the open one are on the device. */
  async close(): Promise<void> {
    try {
      await this._write();
    } finally {
      await this._handle?.close();
      this._handle = null;
      await Promise.all(this._flushes);
    }
  }

  private _nextPlace(): ChunkPlace {
    const xorb = this._sizes.length - 1;
    const last = this.table.count === 0 ? null : this.table.place(this.table.count - 1);
    return { xorb, index: last?.xorb === xorb ? last.index + 1 : 0 };
  }

  private async _write(): Promise<void> {
    if (this._staged === 0) {
      return;
    }
    const ordinal = this._sizes.length - 1;
    const size = this._sizes[ordinal]!;
    this._handle ??= await this._files.open(xorbPath(this._state, ordinal), size === 0 ? 'create' : 'write');
    await this._handle.write(this._staging.subarray(0, this._staged), size);
    this._sizes[ordinal] = size + this._staged;
    this._staged = 0;
  }

  /** The open xorb is full: flush it while the next one is being filled. */
  private async _seal(): Promise<void> {
    if (this._sizes.length === 0) {
      return;
    }
    await this._write();
    const handle = this._handle ?? (await this._files.open(xorbPath(this._state, this._sizes.length - 1), 'write'));
    this._handle = null;
    const flush = handle.sync().finally(() => handle.close());
    // Awaited in `close`; until then its failure is not unhandled.
    flush.catch(() => undefined);
    this._flushes.push(flush);
  }
}
