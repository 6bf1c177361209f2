/** SHA-256 of bytes that come piece by piece: of many in a thread, so that whoever brings them goes on meanwhile. */
import { createHash } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { Sha256 } from '../../core/model/asset';
import { errorOf, Thread } from './thread';
import type { WorkerAnswer, WorkerCall } from './worker-protocol';

/** Bytes that go to the thread at once; fewer than that in all are hashed where they come. */
const SLOT_BYTES = 1024 * 1024;
/** Of one digest, on their way or being filled: what it takes in memory. */
const SLOTS = 4;

export interface IDigest {
  /** The bytes may be overwritten afterwards. */
  update(bytes: Uint8Array): Promise<void>;
  /** Of everything that came. Nothing may come any more. */
  hex(): Promise<Sha256>;
  /** Always to be called: ends what was not asked for its result. */
  close(): void;
}

/** Begins digests, which share a thread. */
export class Digests {
  private readonly _thread: Thread | null;
  private readonly _free: Uint8Array[] = [];
  private _next = 1;

  /** `workerFile`: the store's built worker; null = everything in this thread. */
  constructor(workerFile: string | null) {
    this._thread = workerFile === null ? null : new Thread(workerFile);
  }

  begin(): IDigest {
    return this._thread ? new ThreadDigest(this._thread, this._next++, this._free) : new InlineDigest();
  }

  async close(): Promise<void> {
    await this._thread?.stop();
  }
}

class InlineDigest implements IDigest {
  private readonly _hash = createHash('sha256');

  async update(bytes: Uint8Array): Promise<void> {
    this._hash.update(bytes);
  }

  async hex(): Promise<Sha256> {
    return this._hash.digest('hex');
  }

  close(): void {
    // Nothing is held.
  }
}

type Sent = { readonly slot: Uint8Array; readonly done: Promise<unknown> };

class ThreadDigest implements IDigest {
  private _slot: Uint8Array;
  private _filled = 0;
  private readonly _sent: Sent[] = [];
  /** The one that has the first bytes. */
  private _worker: Worker | null = null;

  constructor(
    private readonly _thread: Thread,
    private readonly _stream: number,
    private readonly _free: Uint8Array[]
  ) {
    this._slot = this._newSlot();
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this._filled === SLOT_BYTES) {
        this._send();
        this._slot = await this._nextSlot();
      }
      const count = Math.min(bytes.length - done, SLOT_BYTES - this._filled);
      this._slot.set(bytes.subarray(done, done + count), this._filled);
      this._filled += count;
      done += count;
    }
  }

  async hex(): Promise<Sha256> {
    if (!this._worker) {
      return createHash('sha256').update(this._slot.subarray(0, this._filled)).digest('hex');
    }
    this._send();
    await Promise.all(this._sent.map(({ done }) => done));
    return this._end();
  }

  close(): void {
    if (this._worker) {
      this._end().catch(() => undefined); // Nobody wants to know.
    }
    if (this._free.length < SLOTS) {
      this._free.push(this._slot);
    }
  }

  private _newSlot(): Uint8Array {
    return this._free.pop() ?? new Uint8Array(new SharedArrayBuffer(SLOT_BYTES));
  }

  private _send(): void {
    this._worker ??= this._thread.hold();
    const bytes = this._slot.subarray(0, this._filled);
    const done = this._call({ kind: 'digest', stream: this._stream, bytes });
    done.catch(() => undefined); // Told when the slot is wanted, or at the end.
    this._sent.push({ slot: this._slot, done });
    this._filled = 0;
  }

  private async _nextSlot(): Promise<Uint8Array> {
    if (this._sent.length < SLOTS) {
      return this._newSlot();
    }
    const { slot, done } = this._sent.shift()!;
    await done;
    return slot;
  }

  private async _end(): Promise<Sha256> {
    try {
      const answer = await this._call({ kind: 'digest-end', stream: this._stream });
      if (answer.kind === 'hash') {
        return answer.sha256;
      }
      throw errorOf(answer);
    } finally {
      this._worker = null;
      this._thread.letGo();
    }
  }

  private async _call(call: WorkerCall): Promise<WorkerAnswer> {
    this._thread.mustBe(this._worker!);
    return this._thread.call(call, undefined, () => undefined);
  }
}
