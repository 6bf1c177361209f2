import { createHash } from 'node:crypto';
import { createChunker } from '../../core/chunk/chunker';
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Activity, IFileSystem } from '../../core/port';
import { createHasher } from './hasher';
import { hashFile } from './hash-file';
import { ingest, INGEST_BUFFER } from './ingest';
import type { Ingested, IngestHooks, IngestJob, IngestOutcome, IngestTools } from './ingest';
import { WRITE_BYTES } from './xorb-writer';
import type { SessionState } from './xorb-writer';

/** Does the heavy work, here or in a thread of its own. */
export interface IEngine {
  /** Store one file and hash it. `onState` is told how the session goes on, also when the file could not be added. */
  add(job: IngestJob, hooks: EngineHooks): Promise<Ingested & { readonly sha256: Sha256 }>;
  hashFile(path: string, activity: Activity): Promise<Sha256>;
}

export type EngineHooks = Activity & { readonly onState: (state: SessionState) => void };

/** Give what could not be added its error, after the session's state was saved. */
export function settle(outcome: IngestOutcome, hooks: EngineHooks): Ingested {
  hooks.onState(outcome.state);
  if (outcome.result instanceof BranchbookError) {
    throw outcome.result;
  }
  return outcome.result;
}

/** Counts bytes for a progress listener. */
export function byteCounter(phase: string, path: string, activity: Activity): (bytes: number) => void {
  let done = 0;
  return bytes => {
    done += bytes;
    activity.onProgress?.({ phase, done, total: null, unit: 'bytes', path });
  };
}

/** Works in the calling thread, one file at a time. Starts at once: the right place for small files. */
export class InlineEngine implements IEngine {
  private _tools: Promise<IngestTools> | null = null;
  private _last: Promise<unknown> = Promise.resolve();

  constructor(private readonly _files: IFileSystem) {}

  async add(job: IngestJob, hooks: EngineHooks): Promise<Ingested & { readonly sha256: Sha256 }> {
    const hash = createHash('sha256');
    const count = byteCounter('storing', job.path, hooks);
    const onBytes = (bytes: Uint8Array): void => {
      hash.update(bytes);
      count(bytes.length);
    };
    const outcome = await this.ingest(job, { signal: hooks.signal, onBytes });
    return { ...settle(outcome, hooks), sha256: hash.digest('hex') };
  }

  hashFile(path: string, activity: Activity): Promise<Sha256> {
    const count = byteCounter('hashing', path, activity);
    return hashFile(this._files, path, { signal: activity.signal, onBytes: bytes => count(bytes.length) });
  }

  /** Store one file without hashing it as a whole. */
  ingest(job: IngestJob, hooks: IngestHooks): Promise<IngestOutcome> {
    // There is one buffer: the next job waits for the last one.
    const result = this._last.then(async () => ingest(await this._prepare(), job, hooks));
    this._last = result.catch(() => undefined);
    return result;
  }

  private _prepare(): Promise<IngestTools> {
    this._tools ??= createHasher().then(hasher => ({
      files: this._files,
      chunker: createChunker(INGEST_BUFFER),
      hasher,
      staging: new Uint8Array(WRITE_BYTES)
    }));
    return this._tools;
  }
}
