import { MAX_CHUNK } from '../../core/chunk/chunker';
import { CHUNK_HEADER_BYTES } from '../../core/format/xorb';
import type { UnchangingFile } from './unchanging-file';

/** Bytes asked for at once. */
export const READ_BYTES = 1024 * 1024;
/** Before each piece there is room for what is not taken yet of the last one: less than a chunk and its header. */
const REST_BYTES = MAX_CHUNK + CHUNK_HEADER_BYTES;
const SLOT_BYTES = REST_BYTES + READ_BYTES;

/** What a buffer for reading ahead must hold, in bytes: one piece is worked on while the next is being read. */
export const READ_AHEAD_BYTES = 2 * SLOT_BYTES;

export type ReadHooks = {
  readonly signal?: AbortSignal | undefined;
  /** Called with every piece read, in order. */
  readonly onBytes?: (bytes: Uint8Array) => void;
};

/** Reads a file from its start to its end, piece by piece, one piece ahead. */
export class ReadAhead {
  private _start = 0;
  private _end = 0;
  private _slot = 0;
  /** Bytes that have arrived. */
  private _position = 0;
  private _reading: Promise<number> | null = null;

  constructor(
    private readonly _file: UnchangingFile,
    private readonly _buffer: Uint8Array,
    private readonly _hooks: ReadHooks
  ) {}

  /** Where in the buffer the bytes stand that have arrived and are not taken yet. */
  get start(): number {
    return this._start;
  }

  get end(): number {
    return this._end;
  }

  /** True once the last byte of the file has arrived. */
  get isLast(): boolean {
    return this._position === this._file.size;
  }

  /** Wait for the next piece; false when there is none. At most REST_BYTES may be left of the last one. */
  async advance(): Promise<boolean> {
    this._hooks.signal?.throwIfAborted();
    if (this.isLast) {
      return false;
    }
    const count = await (this._reading ?? this._read());
    const piece = this._slot * SLOT_BYTES + REST_BYTES;
    this._buffer.copyWithin(piece - (this._end - this._start), this._start, this._end);
    this._start = piece - (this._end - this._start);
    this._end = piece + count;
    this._position += count;
    this._slot = 1 - this._slot;
    this._reading = this.isLast ? null : this._read();
    this._reading?.catch(() => undefined); // Awaited next time, or in `settle`.
    this._hooks.onBytes?.(this._buffer.subarray(piece, this._end));
    return true;
  }

  /** The next bytes, valid until `advance`. */
  take(length: number): Uint8Array {
    this._start += length;
    return this._buffer.subarray(this._start - length, this._start);
  }

  /** Nothing is read into the buffer any more. */
  async settle(): Promise<void> {
    await this._reading?.catch(() => undefined);
  }

  private _read(): Promise<number> {
    const at = this._slot * SLOT_BYTES + REST_BYTES;
    const wanted = Math.min(READ_BYTES, this._file.size - this._position);
    return this._file.read(this._buffer.subarray(at, at + wanted), this._position);
  }
}
