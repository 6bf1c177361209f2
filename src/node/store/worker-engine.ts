import type { Worker } from 'node:worker_threads';
import type { Sha256 } from '../../core/model/asset';
import type { Activity, SeenFile } from '../../core/port';
import { byteCounter } from './engine';
import type { EngineHooks, IEngine } from './engine';
import type { IngestJob } from './ingest';
import type { Ingested } from './recipe';
import type { Gap, IRunWriter, WriteJob } from './run-writer';
import { errorOf, Thread } from './thread';
import type { WorkerCall } from './worker-protocol';
import type { SealListener, SessionState } from './xorb-writer';

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

  async hashUnchanged(files: readonly SeenFile[]): Promise<readonly (Sha256 | null)[]> {
    const answer = await this._hash.call({ kind: 'hash-unchanged', files }, undefined, () => undefined);
    if (answer.kind === 'hash-unchanged') {
      return answer.hashes;
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
