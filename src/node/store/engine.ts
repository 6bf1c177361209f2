import { createHash } from 'node:crypto';
import { createChunker } from '../../core/chunk/chunker';
import { BranchbookError, hasCode } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Activity, FileStat, IFileSystem } from '../../core/port';
import { createHasher } from './hasher';
import { hashFile } from './hash-file';
import { ingest, ingestSmall } from './ingest';
import type { HashedFile, IngestJob, IngestTools, SmallFilesJob } from './ingest';
import { READ_AHEAD_BYTES } from './read-ahead';
import type { ReadHooks } from './read-ahead';
import type { Ingested } from './recipe';
import { XorbWriter } from './xorb-writer';
import type { SealListener, SessionState } from './xorb-writer';

/** Does the heavy work, here or in a thread of its own. Between `add` and `release` it holds what the session writes. */
export interface IEngine {
  /** Store one file and hash it. After a failure that is not about the file itself the session is over. */
  add(job: IngestJob, hooks: EngineHooks): Promise<HashedFile>;
  /** Everything that was added is in the session's files afterwards, and all xorbs but the open one on the device. */
  release(state: SessionState): Promise<SessionState>;
  /** `stat`: what `lstat` said of it just now. */
  hashFile(path: string, activity: Activity, stat?: FileStat | null): Promise<Sha256>;
}

export type EngineHooks = Activity & { readonly onSealed: SealListener };

/** True when a file could not be added but the session goes on. */
export function isAboutFile(error: unknown): boolean {
  return hasCode(error, 'FILE_CHANGED', 'FILE_UNREADABLE', 'CANCELLED');
}

/** Counts bytes for a progress listener. */
export function byteCounter(phase: string, path: string, activity: Activity): (bytes: number) => void {
  let done = 0;
  return bytes => {
    done += bytes;
    activity.onProgress?.({ phase, done, total: null, unit: 'bytes', path });
  };
}

type Work<T> = (tools: IngestTools, writer: XorbWriter) => Promise<T>;

/** Works in the calling thread, one file at a time. Starts at once: the right place for small files. */
export class InlineEngine implements IEngine {
  private _tools: Promise<IngestTools> | null = null;
  private _last: Promise<unknown> = Promise.resolve();
  private readonly _writers = new Map<string, XorbWriter>();

  constructor(private readonly _files: IFileSystem) {}

  async add(job: IngestJob, hooks: EngineHooks): Promise<HashedFile> {
    const hash = createHash('sha256');
    const count = byteCounter('storing', job.path, hooks);
    const onBytes = (bytes: Uint8Array): void => {
      hash.update(bytes);
      count(bytes.length);
    };
    const ingested = await this.ingest(job, { signal: hooks.signal, onBytes }, hooks.onSealed);
    return { ...ingested, sha256: hash.digest('hex') };
  }

  hashFile(path: string, activity: Activity, stat?: FileStat | null): Promise<Sha256> {
    const count = byteCounter('hashing', path, activity);
    return hashFile(this._files, path, { signal: activity.signal, onBytes: bytes => count(bytes.length) }, stat);
  }

  /** Store one file without hashing it as a whole. `onSealed` of the session's first job here is told until the release. */
  ingest(job: IngestJob, hooks: ReadHooks, onSealed: SealListener): Promise<Ingested> {
    return this._inTurn(job.state, onSealed, (tools, writer) => ingest(tools, job, writer, hooks));
  }

  /** Small files that have room in the buffer, all of them; null for one that is not what its stat says. */
  addSmall(job: SmallFilesJob, onSealed: SealListener): Promise<readonly (HashedFile | null)[]> {
    return this._inTurn(job.state, onSealed, (tools, writer) => ingestSmall(tools, job, writer));
  }

  async release(state: SessionState): Promise<SessionState> {
    const writer = this._writers.get(state.prefix);
    this._writers.delete(state.prefix);
    return writer ? writer.close() : state;
  }

  /** What the session of `state` appends to. */
  writer(state: SessionState, onSealed: SealListener): XorbWriter {
    const writer = this._writers.get(state.prefix) ?? new XorbWriter(this._files, state, onSealed);
    this._writers.set(state.prefix, writer);
    return writer;
  }

  /** There is one buffer: the next job waits for the last one. */
  private _inTurn<T>(state: SessionState, onSealed: SealListener, work: Work<T>): Promise<T> {
    const result = this._last.then(() => this._work(state, onSealed, work));
    this._last = result.catch(() => undefined);
    return result;
  }

  private async _work<T>(state: SessionState, onSealed: SealListener, work: Work<T>): Promise<T> {
    const writer = this.writer(state, onSealed);
    try {
      return await work(await this._prepare(), writer);
    } catch (error) {
      const failure = BranchbookError.from(error);
      if (!isAboutFile(failure)) {
        await this.release(state).catch(() => undefined);
      }
      throw failure;
    }
  }

  private _prepare(): Promise<IngestTools> {
    this._tools ??= createHasher().then(hasher => ({
      files: this._files,
      chunker: createChunker(READ_AHEAD_BYTES),
      hasher
    }));
    return this._tools;
  }
}
