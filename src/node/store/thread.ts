/** One worker thread of the store: started when it is first needed, ended when it is idle. */
import { Worker } from 'node:worker_threads';
import { BranchbookError } from '../../core/error';
import type { WorkerAnswer, WorkerCall, WorkerRequest, WorkerResponse } from './worker-protocol';
import type { SealListener } from './xorb-writer';

/** Threads that had nothing to do for this many milliseconds end: an idle core is small. */
const IDLE = 5000;

type Pending = {
  readonly worker: Worker;
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: BranchbookError) => void;
  readonly onBytes: (bytes: number) => void;
};

export class Thread {
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

/** What an answer that was not expected says. */
export function errorOf(answer: WorkerAnswer): BranchbookError {
  return answer.kind === 'error'
    ? BranchbookError.fromJSON(answer.error)
    : new BranchbookError('INTERNAL', `The store's worker answered with ${answer.kind}.`);
}
