import { Worker } from 'node:worker_threads';
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Activity } from '../../core/port';
import { byteCounter, settle } from './engine';
import type { EngineHooks, IEngine } from './engine';
import type { Ingested, IngestJob } from './ingest';
import type { WorkerCall, WorkerRequest, WorkerResponse } from './worker-protocol';

/** Threads that had nothing to do for this many milliseconds end: an idle core is small. */
const IDLE = 5000;

type Answer = Exclude<WorkerResponse, { kind: 'bytes' }>;
type Pending = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: BranchbookError) => void;
  readonly onBytes: (bytes: number) => void;
};

/** One thread, started when first needed. */
class Thread {
  private _worker: Worker | null = null;
  private _next = 1;
  private _idle: NodeJS.Timeout | undefined;
  private readonly _pending = new Map<number, Pending>();

  constructor(private readonly _workerFile: string) {}

  async call(call: WorkerCall, signal: AbortSignal | undefined, onBytes: (bytes: number) => void): Promise<Answer> {
    signal?.throwIfAborted();
    clearTimeout(this._idle);
    const worker = (this._worker ??= this._start());
    worker.ref();
    const id = this._next++;
    const post = (request: WorkerRequest): void => worker.postMessage(request);
    const cancel = (): void => post({ id, kind: 'cancel' });
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this._pending.set(id, { resolve, reject, onBytes });
        post({ id, kind: 'call', call });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this._pending.delete(id);
      if (this._pending.size === 0) {
        // An idle thread does not keep the process from ending.
        worker.unref();
        this._idle = setTimeout(() => void this.stop(), IDLE).unref();
      }
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this._idle);
    const worker = this._worker;
    this._worker = null;
    await worker?.terminate();
  }

  private _start(): Worker {
    const worker = new Worker(this._workerFile);
    worker.on('message', (response: WorkerResponse) => {
      const pending = this._pending.get(response.id);
      if (response.kind === 'bytes') {
        pending?.onBytes(response.bytes);
      } else {
        pending?.resolve(response);
      }
    });
    const failed = (reason: string): void => {
      this._worker = this._worker === worker ? null : this._worker;
      const error = new BranchbookError('INTERNAL', `The store's worker stopped: ${reason}.`, {}, 'Try again.');
      this._pending.forEach(pending => pending.reject(error));
    };
    worker.on('error', error => failed(error instanceof Error ? error.message : String(error)));
    worker.on('exit', code => failed(`exit code ${code}`));
    return worker;
  }
}

/** Stores in one thread and hashes in another: large files keep the main thread free and use two cores. */
export class WorkerEngine implements IEngine {
  private readonly _store: Thread;
  private readonly _hash: Thread;

  constructor(workerFile: string) {
    this._store = new Thread(workerFile);
    this._hash = new Thread(workerFile);
  }

  async add(job: IngestJob, hooks: EngineHooks): Promise<Ingested & { readonly sha256: Sha256 }> {
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

  async hashFile(path: string, activity: Activity): Promise<Sha256> {
    const call: WorkerCall = { kind: 'hash', path };
    const answer = await this._hash.call(call, activity.signal, byteCounter('hashing', path, activity));
    if (answer.kind === 'hash') {
      return answer.sha256;
    }
    throw errorOf(answer);
  }

  async close(): Promise<void> {
    await Promise.all([this._store.stop(), this._hash.stop()]);
  }

  private async _ingest(job: IngestJob, hooks: EngineHooks): Promise<Ingested> {
    const onBytes = byteCounter('storing', job.path, hooks);
    const answer = await this._store.call({ kind: 'ingest', job }, hooks.signal, onBytes);
    if (answer.kind !== 'ingest') {
      throw errorOf(answer);
    }
    const result = 'result' in answer ? answer.result : BranchbookError.fromJSON(answer.error);
    return settle({ state: answer.state, result }, hooks);
  }
}

function errorOf(answer: Answer): BranchbookError {
  return 'error' in answer
    ? BranchbookError.fromJSON(answer.error)
    : new BranchbookError('INTERNAL', `The store's worker answered with ${answer.kind}.`);
}
