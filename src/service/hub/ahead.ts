import type { TemporaryFile } from './temporary-file';

/** Bytes that are in memory between who makes and who takes; more goes through a file, in blocks of at most this size. */
const IN_MEMORY = 1024 * 1024;
const BLOCK = 256 * 1024;

export type AheadOptions = {
  readonly create: () => Promise<TemporaryFile>;
  /** False: whoever makes it waits until something was taken. */
  readonly hasRoom: () => Promise<boolean>;
  /** Aborted when nobody takes it any more. */
  readonly signal: AbortSignal;
};

/** What is made goes on while whoever takes it is slower: through memory, and when there is too much of it through a file. */
export class Ahead {
  /** All is made, or failed to be, which the taker is told. Never fails. */
  readonly made: Promise<void>;
  /** Older than all in the file. */
  private readonly _queue: Uint8Array[] = [];
  /** Bytes of these. */
  private _queued = 0;
  private _file: TemporaryFile | null = null;
  /** What of the file is not taken yet. */
  private _start = 0;
  private _end = 0;
  private _ended = false;
  private _failure: { readonly cause: unknown } | null = null;
  private _waiting: (() => void)[] = [];

  constructor(
    made: AsyncIterable<Uint8Array>,
    private readonly _options: AheadOptions
  ) {
    _options.signal.addEventListener('abort', () => this._changed(), { once: true });
    this.made = this._fill(made);
  }

  /** Once. Fails with what making it failed with, after all that came before. */
  async *take(): AsyncGenerator<Uint8Array> {
    for (let piece = await this._next(); piece; piece = await this._next()) {
      yield piece;
    }
    if (this._failure) {
      throw this._failure.cause;
    }
  }

  async dispose(): Promise<void> {
    await this.made;
    await this._file?.dispose();
  }

  private async _fill(made: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const piece of made) {
        await this._keep(piece);
      }
    } catch (cause) {
      this._failure = { cause };
    } finally {
      this._ended = true;
      this._changed();
    }
  }

  private async _keep(piece: Uint8Array): Promise<void> {
    for (;;) {
      this._options.signal.throwIfAborted();
      if (this._start === this._end && this._queued < IN_MEMORY) {
        this._queue.push(piece);
        this._queued += piece.length;
        return this._changed();
      }
      if (await this._options.hasRoom()) {
        return this._write(piece);
      }
      await this._change();
    }
  }

  private async _write(piece: Uint8Array): Promise<void> {
    this._file ??= await this._options.create();
    if (this._start === this._end) {
      this._start = 0;
      this._end = 0;
    }
    await this._file.handle.write(piece, this._end);
    this._end += piece.length;
    this._changed();
  }

  /** null at the end. */
  private async _next(): Promise<Uint8Array | null> {
    for (;;) {
      const piece = this._queue.shift();
      if (piece) {
        this._queued -= piece.length;
        this._changed();
        return piece;
      }
      if (this._start < this._end) {
        return this._read();
      }
      if (this._ended) {
        return null;
      }
      await this._change();
    }
  }

  private async _read(): Promise<Uint8Array> {
    const block = new Uint8Array(Math.min(BLOCK, this._end - this._start));
    const length = await this._file!.handle.read(block, this._start);
    this._start += length;
    this._changed();
    return block.subarray(0, length);
  }

  private _change(): Promise<void> {
    return new Promise(resolve => this._waiting.push(resolve));
  }

  private _changed(): void {
    const waiting = this._waiting;
    this._waiting = [];
    waiting.forEach(go => go());
  }
}
