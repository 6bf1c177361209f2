/**
 * Files written anew from packs. Large files are cut into parts, small ones gathered into batches; both are jobs for
 * the writer, which has several under way. Flushing what is written overlaps with writing the rest.
 */
import { throwIfCancelled } from '../../core/cancel';
import { unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Activity, IFileHandle, IFileSystem, Materialization } from '../../core/port';
import { readSource, sourceOf } from './read-file';
import type { Source } from './read-file';
import type { ReadTools } from './read-tools';
import { runsOf } from './run';
import type { FilePart, Gap, IRunWriter } from './run-writer';

/** A job has about this many bytes: progress is told and cancelling noticed after each. */
const JOB_BYTES = 8 * 1024 * 1024;
/** Files of a job are open at the same time, and several jobs are under way; programs may usually have 1024. */
const JOB_FILES = 128;
/**
 * The device is set to work on a large file whenever this many bytes of it were written. Not more often: every flush
 * also waits for what others have written (with 64 MiB, a fifth more CPU time on a busy machine).
 */
const FLUSH_BYTES = 256 * 1024 * 1024;

/** Bytes `[from, to)` of a file, to be written by one job; `large` when others write the rest. */
type Part = {
  readonly source: Source;
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly large: LargeFile | null;
};

/**
 * Write each content to a new file at its destination, verified and flushed. On failure those already written are
 * deleted again.
 */
export async function materializeAll(
  tools: ReadTools,
  items: readonly Materialization[],
  writerFor: (bytes: number) => IRunWriter,
  activity: Activity
): Promise<void> {
  const sources: Source[] = [];
  for (const { sha256 } of items) {
    sources.push(await sourceOf(tools, sha256));
  }
  const total = sources.reduce((sum, source) => sum + source.size, 0);
  await new Materializer(tools, writerFor(total), total, activity).run(items, sources);
}

class Materializer {
  private readonly _created: string[] = [];
  private readonly _large: LargeFile[] = [];
  private _done = 0;

  constructor(
    private readonly _tools: ReadTools,
    private readonly _writer: IRunWriter,
    private readonly _total: number,
    private readonly _activity: Activity
  ) {}

  async run(items: readonly Materialization[], sources: readonly Source[]): Promise<void> {
    const jobs = this._jobs(items, sources);
    // Every lane comes to rest before a failure is told. One that fails ends the generator, and so the others.
    const lanes = Array.from({ length: this._writer.lanes }, () => this._lane(jobs));
    const failure = (await Promise.allSettled(lanes)).find(outcome => outcome.status === 'rejected');
    if (failure) {
      await Promise.all(this._large.map(file => file.abandon()));
      await Promise.all(this._created.map(path => unlinkQuietly(this._tools.files, path)));
      throw BranchbookError.from(failure.reason);
    }
  }

  private async *_jobs(items: readonly Materialization[], sources: readonly Source[]): AsyncGenerator<readonly Part[]> {
    let batch: Part[] = [];
    let bytes = 0;
    for (const [index, { destination: path }] of items.entries()) {
      const source = sources[index]!;
      if (source.record && source.size > JOB_BYTES) {
        yield* this._partsOf(source, path);
        continue;
      }
      batch.push({ source, path, from: 0, to: source.size, large: null });
      bytes += source.size;
      if (bytes >= JOB_BYTES || batch.length === JOB_FILES) {
        yield batch;
        batch = [];
        bytes = 0;
      }
    }
    if (batch.length > 0) {
      yield batch;
    }
  }

  private async *_partsOf(source: Source, path: string): AsyncGenerator<readonly Part[]> {
    const { size } = source;
    const large = await LargeFile.create(this._tools.files, path, size);
    this._created.push(path);
    this._large.push(large);
    for (let from = 0; from < size; from += JOB_BYTES) {
      yield [{ source, path, from, to: Math.min(size, from + JOB_BYTES), large }];
    }
  }

  private async _lane(jobs: AsyncIterable<readonly Part[]>): Promise<void> {
    for await (const parts of jobs) {
      throwIfCancelled(this._activity);
      const job = { home: this._tools.layout.home, files: parts.map(part => this._filePart(part)) };
      const gaps = await this._writer.write(job, this._activity.signal);
      this._created.push(...parts.filter(({ large }) => !large).map(({ path }) => path));
      for (const gap of [...gaps, ...unrecorded(parts)]) {
        await this._fill(parts[gap.file]!, gap);
      }
      for (const part of parts) {
        await part.large?.written(part.to - part.from);
        this._report(part);
      }
    }
  }

  private _filePart({ source, path, from, to, large }: Part): FilePart {
    const runs = source.record ? runsOf(this._tools.catalog, source.record, from, to) : [];
    return { path, whole: !large, runs };
  }

  private _report({ path, from, to }: Part): void {
    this._done += to - from;
    this._activity.onProgress?.({ phase: 'writing', done: this._done, total: this._total, unit: 'bytes', path });
  }

  /** Here is also looked for other copies of what is damaged. */
  private async _fill({ source, path, large }: Part, { from, to }: Gap): Promise<void> {
    const handle = large?.handle ?? (await this._tools.files.open(path, 'write'));
    try {
      let at = from;
      for await (const bytes of readSource(this._tools, source, from, to)) {
        throwIfCancelled(this._activity);
        await handle.write(bytes, at);
        at += bytes.length;
      }
      await (large ? null : handle.sync());
    } finally {
      await (large ? null : handle.close());
    }
  }
}

/** Content that no manifest describes: the writer cannot write it. */
function unrecorded(parts: readonly Part[]): readonly Gap[] {
  return parts.flatMap(({ source, from, to }, file) => (source.record || from === to ? [] : [{ file, from, to }]));
}

/** A new file whose parts are written by several jobs. */
class LargeFile {
  private _left: number;
  private _unflushed = 0;
  private _flushing: Promise<void> | null = null;
  private _failure: unknown = null;

  private constructor(
    readonly handle: IFileHandle,
    size: number
  ) {
    this._left = size;
  }

  static async create(files: IFileSystem, path: string, size: number): Promise<LargeFile> {
    return new LargeFile(await files.open(path, 'create'), size);
  }

  /** So many bytes more are written. With the last of them, the file is flushed and closed. */
  async written(bytes: number): Promise<void> {
    this._left -= bytes;
    this._unflushed += bytes;
    if (this._left === 0) {
      await this._flushing;
      this._flush();
      await this._flushing;
      await this.handle.close();
    } else if (this._unflushed >= FLUSH_BYTES && !this._flushing) {
      this._flush();
    }
    if (this._failure) {
      throw this._failure;
    }
  }

  /** Close it as it is. */
  async abandon(): Promise<void> {
    await this._flushing;
    if (this._left > 0) {
      await this.handle.close().catch(() => undefined);
    }
  }

  /** Never rejects: a failure is told by the next `written`. */
  private _flush(): void {
    this._unflushed = 0;
    this._flushing = this.handle.sync().then(
      () => void (this._flushing = null),
      (error: unknown) => {
        this._flushing = null;
        this._failure = error;
      }
    );
  }
}
