/** Writes files out of packs: what a worker thread does, and this thread for small files and where faults are injected. */
import { throwIfCancelled } from '../../core/cancel';
import { unlinkQuietly } from '../../core/durable';
import type { IHasher } from '../../core/chunk/hash';
import type { Activity, IFileHandle, IFileSystem } from '../../core/port';
import { Layout } from './layout';
import { Buffers } from './read-tools';
import type { Run } from './run';
import { isCorrupt, XorbMaps } from './xorb-map';
import { XorbShelf } from './xorb-reader';

export type WriteJob = {
  /** The store's directory. */
  readonly home: string;
  readonly files: readonly FilePart[];
};

export type FilePart = {
  readonly path: string;
  /** Create the file, and flush it at the end. Otherwise it is there, and others write other parts of it. */
  readonly whole: boolean;
  readonly runs: readonly Run[];
};

/** Bytes `[from, to)` of the job's `file` that were left out, because what is stored is damaged or gone. */
export type Gap = { readonly file: number; readonly from: number; readonly to: number };

/** Does jobs, here or in other threads. */
export interface IRunWriter {
  /** Jobs that should be under way at the same time. */
  readonly lanes: number;
  /** Write and, where the parts are whole files, flush. On failure the files it created are gone. */
  write(job: WriteJob, signal: AbortSignal | undefined): Promise<readonly Gap[]>;
}

type Written = { readonly handles: readonly IFileHandle[]; readonly gaps: readonly Gap[] };

export class RunWriter implements IRunWriter {
  readonly lanes = 1;
  private readonly _maps = new XorbMaps();
  private readonly _buffers = new Buffers();
  private _last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly _files: IFileSystem,
    private readonly _hasher: IHasher
  ) {}

  async write(job: WriteJob, signal: AbortSignal | undefined): Promise<readonly Gap[]> {
    // There is one pair of buffers. The next job may begin while this one waits for the device.
    const turn = this._last.then(() => this._writeAll(job, { signal }));
    this._last = turn.catch(() => undefined);
    const { handles, gaps } = await turn;
    try {
      await flush(handles);
    } catch (error) {
      await this._remove(job.files);
      throw error;
    }
    return gaps;
  }

  private async _writeAll(job: WriteJob, activity: Activity): Promise<Written> {
    const tools = { files: this._files, layout: new Layout(job.home), hasher: this._hasher, maps: this._maps };
    const [input, collected] = [this._buffers.take(), this._buffers.take()];
    const shelf = new XorbShelf(tools, input);
    const handles: IFileHandle[] = [];
    const gaps: Gap[] = [];
    try {
      for (const [file, part] of job.files.entries()) {
        const handle = await this._files.open(part.path, part.whole ? 'create' : 'write');
        handles.push(handle);
        const missing = await this._writePart(shelf, part, new Output(handle, collected, activity));
        gaps.push(...missing.map(gap => ({ ...gap, file })));
      }
    } catch (error) {
      await closeAll(handles).catch(() => undefined);
      await this._remove(job.files.slice(0, handles.length));
      throw error;
    } finally {
      await shelf.close();
      [input, collected].forEach(buffer => this._buffers.give(buffer));
    }
    return { handles: await keepWhole(job.files, handles), gaps };
  }

  private async _writePart(
    shelf: XorbShelf,
    { runs }: FilePart,
    output: Output
  ): Promise<readonly Omit<Gap, 'file'>[]> {
    const gaps: Omit<Gap, 'file'>[] = [];
    for (const run of runs) {
      await output.seek(run.from);
      try {
        for await (const bytes of shelf.read(run)) {
          await output.push(bytes);
        }
      } catch (error) {
        if (!isCorrupt(error)) {
          throw error;
        }
        gaps.push({ from: output.position, to: run.to });
      }
    }
    await output.flush();
    return gaps;
  }

  private async _remove(parts: readonly FilePart[]): Promise<void> {
    for (const { path } of parts.filter(({ whole }) => whole)) {
      await unlinkQuietly(this._files, path);
    }
  }
}

/** Collects bytes for one file into large writes. */
export class Output {
  private _at = 0;
  private _filled = 0;

  constructor(
    private readonly _handle: IFileHandle,
    private readonly _buffer: Uint8Array,
    private readonly _activity: Activity
  ) {}

  /** Where the next byte goes. */
  get position(): number {
    return this._at + this._filled;
  }

  async seek(position: number): Promise<void> {
    if (position !== this.position) {
      await this.flush();
      this._at = position;
    }
  }

  async push(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const count = Math.min(bytes.length - done, this._buffer.length - this._filled);
      this._buffer.set(bytes.subarray(done, done + count), this._filled);
      this._filled += count;
      done += count;
      if (this._filled === this._buffer.length) {
        await this.flush();
      }
    }
  }

  async flush(): Promise<void> {
    if (this._filled > 0) {
      throwIfCancelled(this._activity);
      await this._handle.write(this._buffer.subarray(0, this._filled), this._at);
      this._at += this._filled;
      this._filled = 0;
    }
  }
}

/** Only whole files wait for the device; the others are closed. */
async function keepWhole(parts: readonly FilePart[], handles: readonly IFileHandle[]): Promise<readonly IFileHandle[]> {
  await closeAll(handles.filter((_, index) => !parts[index]!.whole));
  return handles.filter((_, index) => parts[index]!.whole);
}

async function flush(handles: readonly IFileHandle[]): Promise<void> {
  const flushed = await Promise.allSettled(handles.map(handle => handle.sync()));
  await closeAll(handles);
  throwFirst(flushed);
}

async function closeAll(handles: readonly IFileHandle[]): Promise<void> {
  throwFirst(await Promise.allSettled(handles.map(handle => handle.close())));
}

function throwFirst(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const failure = outcomes.find(outcome => outcome.status === 'rejected');
  if (failure) {
    throw failure.reason;
  }
}
