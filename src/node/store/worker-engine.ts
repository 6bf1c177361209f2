import { Worker } from 'node:worker_threads';
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Activity } from '../../core/port';
import { byteCounter } from './engine';
import type { EngineHooks, IEngine } from './engine';
import type { IngestJob } from './ingest';
import type { Ingested } from './recipe';
import type { Gap, IRunWriter, WriteJob } from './run-writer';
import type { WorkerAnswer, WorkerCall, WorkerRequest, WorkerResponse } from './worker-protocol';
import type { SealListener, SessionState } from './xorb-writer';

/** Threads that had nothing to do for this many milliseconds end: an idle core is small. */
const IDLE = 5000;

type Pending = {
  readonly worker: Worker;
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: BranchbookError) => void;
  readonly onBytes: (bytes: number) => void;
};

/** One thread, started when first needed. */
class Thread {
  private _worker: Worker | null = null;
  private _next = 1;
  private _held = 0;
  private _idle: NodeJS.Timeout | undefined;
  private readonly _pending = new Map<number, Pending>();

  constructor(
    private readonly _workerFile: string,
    private readonly _onSealed: SealListener = () => undefined
  ) {}

  /** Calls under way. */
  get load(): number {
    return this._pending.size;
  }

  async call(
    call: WorkerCall,
    signal: AbortSignal | undefined,
    onBytes: (bytes: number) => void
  ): Promise<WorkerAnswer> {
    signal?.throwIfAborted();
    clearTimeout(this._idle);
    const worker = (this._worker ??= this._start());
    worker.ref();
    const id = this._next++;
    const post = (request: WorkerRequest): void => worker.postMessage(request);
    const cancel = (): void => post({ id, kind: 'cancel' });
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise<WorkerAnswer>((resolve, reject) => {
        this._pending.set(id, { worker, resolve, reject, onBytes });
        post({ id, kind: 'call', call });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this._pending.delete(id);
      this._rest();
    }
  }

  /** Keep the worker, though it has nothing to do, until `letGo`: it holds what cannot be had elsewhere. */
  hold(): Worker {
    this._held += 1;
    clearTimeout(this._idle);
    return (this._worker ??= this._start());
  }

  letGo(): void {
    this._held -= 1;
    this._rest();
  }

  /** INTERNAL when another worker has taken the place of this one. */
  mustBe(worker: Worker): void {
    if (this._worker !== worker) {
      throw stopped('what it held is lost');
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this._idle);
    const worker = this._worker;
    this._worker = null;
    await worker?.terminate();
  }

  private _rest(): void {
    if (this._pending.size > 0) {
      return;
    }
    // An idle thread does not keep the process from ending.
    this._worker?.unref();
    if (this._held === 0) {
      clearTimeout(this._idle);
      this._idle = setTimeout(() => void this.stop(), IDLE).unref();
    }
  }

  private _start(): Worker {
    const worker = new Worker(this._workerFile);
    worker.on('message', (response: WorkerResponse) => {
      if (response.kind === 'sealed') {
        this._onSealed(response.state);
      } else if (response.kind === 'bytes') {
        this._pending.get(response.id)?.onBytes(response.bytes);
      } else {
        this._pending.get(response.id)?.resolve(response);
      }
    });
    const failed = (reason: string): void => {
      this._worker = this._worker === worker ? null : this._worker;
      // One that was idle may end after the next one was started.
      const lost = [...this._pending.values()].filter(pending => pending.worker === worker);
      lost.forEach(pending => pending.reject(stopped(reason)));
    };
    worker.on('error', error => failed(error instanceof Error ? error.message : String(error)));
    worker.on('exit', code => failed(`exit code ${code}`));
    return worker;
  }
}

function stopped(reason: string): BranchbookError {
  return new BranchbookError('INTERNAL', `The store's worker stopped: ${reason}.`, {}, 'Try again.');
}

/** What a thread has of a session is gone when its worker is. */
type Held = { readonly onSealed: SealListener; readonly worker: Worker };

/** Stores in one thread and hashes in another: large files keep the main thread free and use two cores. */
export class WorkerEngine implements IEngine, IRunWriter {
  /** In each thread one job is written while another waits for the device. */
  readonly lanes = 4;
  private readonly _store: Thread;
  private readonly _hash: Thread;
  /** The sessions that the store's thread holds, by the prefix of their files. */
  private readonly _sessions = new Map<string, Held>();

  constructor(workerFile: string) {
    this._store = new Thread(workerFile, state => this._sessions.get(state.prefix)?.onSealed(state));
    this._hash = new Thread(workerFile);
  }

  async add(job: IngestJob, hooks: EngineHooks): Promise<Ingested & { readonly sha256: Sha256 }> {
    this._hold(job.state.prefix, hooks.onSealed);
    const [stored, hashed] = await Promise.allSettled([
      this._ingest(job, hooks),
      this.hashFile(job.path, { signal: hooks.signal })
    ]);
    if (stored.status === 'rejected') {
      throw stored.reason;
    }
    if (hashed.status === 'rejected') {
      throw hashed.reason;
    }
    return { ...stored.value, sha256: hashed.value };
  }

  async release(state: SessionState): Promise<SessionState> {
    const held = this._sessions.get(state.prefix);
    if (!held) {
      return state;
    }
    try {
      this._store.mustBe(held.worker);
      const answer = await this._store.call({ kind: 'release', state }, undefined, () => undefined);
      if (answer.kind === 'release') {
        return answer.state;
      }
      throw errorOf(answer);
    } finally {
      this._sessions.delete(state.prefix);
      this._store.letGo();
    }
  }

  async hashFile(path: string, activity: Activity): Promise<Sha256> {
    const call: WorkerCall = { kind: 'hash', path };
    const answer = await this._hash.call(call, activity.signal, byteCounter('hashing', path, activity));
    if (answer.kind === 'hash') {
      return answer.sha256;
    }
    throw errorOf(answer);
  }

  async write(job: WriteJob, signal: AbortSignal | undefined): Promise<readonly Gap[]> {
    const thread = this._hash.load < this._store.load ? this._hash : this._store;
    const answer = await thread.call({ kind: 'write', job }, signal, () => undefined);
    if (answer.kind === 'write') {
      return answer.gaps;
    }
    throw errorOf(answer);
  }

  async close(): Promise<void> {
    await Promise.all([this._store.stop(), this._hash.stop()]);
  }

  private _hold(prefix: string, onSealed: SealListener): void {
    const held = this._sessions.get(prefix);
    if (held) {
      this._store.mustBe(held.worker);
    } else {
      this._sessions.set(prefix, { onSealed, worker: this._store.hold() });
    }
  }

  private async _ingest(job: IngestJob, hooks: EngineHooks): Promise<Ingested> {
    const onBytes = byteCounter('storing', job.path, hooks);
    const answer = await this._store.call({ kind: 'ingest', job }, hooks.signal, onBytes);
    if (answer.kind === 'ingest') {
      return answer.result;
    }
    throw errorOf(answer);
  }
}

function errorOf(answer: WorkerAnswer): BranchbookError {
  return answer.kind === 'error'
    ? BranchbookError.fromJSON(answer.error)
    : new BranchbookError('INTERNAL', `The store's worker answered with ${answer.kind}.`);
}
