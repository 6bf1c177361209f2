import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { unlinkQuietly } from '../../core/durable';
import { throwIfCancelled } from '../../core/cancel';
import { BranchbookError } from '../../core/error';
import type { Sha256, StoredFile } from '../../core/model/asset';
import type { Activity, ChunkLocation, IAssetStore, IFileSystem, IStoreSession, StoreFinding } from '../../core/port';
import { disk } from '../fs/disk';
import { Catalog, createLayout, REPAIR } from './catalog';
import type { FileRecord } from './catalog';
import { checkStore, oldTemporaries } from './check-store';
import { InlineEngine } from './engine';
import type { IEngine } from './engine';
import { createHasher } from './hasher';
import { Layout } from './layout';
import { PIECE_BYTES, readLfsObject, readStored } from './read-file';
import type { ReadRequest, ReadTools } from './read-file';
import { PORTION, StoreSession } from './session';
import type { Portion } from './session';
import { WorkerEngine } from './worker-engine';

/** Files from this size on, in bytes, are stored by worker threads: starting one takes longer than a smaller file. */
const LARGE_FILE = 1024 * 1024;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const EMPTY_XET = '0'.repeat(64);

export type StoreOptions = {
  /** The built worker; null = do everything in this thread. Default: the one beside the bundle, if there. */
  readonly workerFile?: string | null;
  /** What a session writes before it lists it in a shard; for tests. */
  readonly portion?: Portion;
};

/** The store of a project; `close` ends its threads. */
export interface IOpenStore extends IAssetStore {
  close(): Promise<void>;
}

/**
 * Open the store below `home` (`<common git directory>/branchbook`). Nothing is created before the first session.
 * Worker threads read and write the real disk, so with another `files` pass `workerFile: null`.
 */
export async function openStore(home: string, files: IFileSystem, options: StoreOptions = {}): Promise<IOpenStore> {
  const workerFile = options.workerFile === undefined ? await bundledWorker() : options.workerFile;
  const large = workerFile === null ? null : new WorkerEngine(workerFile);
  return new AssetStore(files, new Layout(home), await createHasher(), large, options.portion ?? PORTION);
}

/** The build puts the worker beside the main file; running from source there is none. */
async function bundledWorker(): Promise<string | null> {
  const path = join(__dirname, 'store-worker.cjs');
  return (await disk.lstat(path)) ? path : null;
}

class AssetStore implements IOpenStore {
  private readonly _tools: ReadTools;
  private readonly _small: InlineEngine;

  constructor(
    files: IFileSystem,
    layout: Layout,
    hasher: IHasher,
    private readonly _large: WorkerEngine | null,
    private readonly _portion: Portion
  ) {
    this._tools = { files, layout, hasher, catalog: new Catalog(files, layout, hasher) };
    this._small = new InlineEngine(files);
  }

  async begin(): Promise<IStoreSession> {
    const { files, layout, catalog } = this._tools;
    await createLayout(files, layout);
    for (const path of await oldTemporaries(files, layout.temporary)) {
      await unlinkQuietly(files, path);
    }
    const engineFor = (size: number): IEngine => this._engineFor(size);
    const name = `${process.pid}-${randomBytes(8).toString('hex')}`;
    return new StoreSession({ ...this._tools, engineFor, portion: this._portion }, await catalog.table(), name);
  }

  async has(sha256: Sha256): Promise<boolean> {
    if (sha256 === EMPTY_SHA256) {
      return true;
    }
    const found = await this._find(sha256);
    return found?.intact === true || (await this._lfsSize(sha256)) !== null;
  }

  async info(sha256: Sha256): Promise<StoredFile | null> {
    if (sha256 === EMPTY_SHA256) {
      return { sha256, xetHash: EMPTY_XET, size: 0, chunks: 0 };
    }
    const record = (await this._find(sha256))?.record;
    if (!record) {
      return null;
    }
    const chunks = record.terms.reduce((sum, term) => sum + term.end - term.start, 0);
    return { sha256, xetHash: record.xetHash, size: record.size, chunks };
  }

  async chunks(sha256: Sha256): Promise<readonly ChunkLocation[]> {
    const locations: ChunkLocation[] = [];
    let offset = 0;
    for (const term of (await this._find(sha256))?.record.terms ?? []) {
      const list = await this._tools.catalog.chunks(term.xorb);
      const xorb = this._tools.catalog.xorbs[term.xorb]!.hash;
      for (let index = term.start; index < term.end; index++) {
        const length = list.length(index);
        locations.push({ hash: spellHash(list.hash(index)), offset, length, xorb });
        offset += length;
      }
    }
    return locations;
  }

  async materialize(sha256: Sha256, destination: string, activity: Activity = {}): Promise<void> {
    const { files } = this._tools;
    // Two buffers: one is being written while the other is being filled.
    const buffers = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)];
    const buffer = (): Uint8Array => buffers.reverse()[0]!;
    const source = await this._source(sha256);
    const handle = await files.open(destination, 'create');
    let writing: Promise<void> = Promise.resolve();
    try {
      let done = 0;
      for await (const piece of source.read({ start: 0, end: source.size, buffer })) {
        throwIfCancelled(activity);
        await writing;
        writing = handle.write(piece, done);
        writing.catch(() => undefined); // Awaited before the next write.
        done += piece.length;
        activity.onProgress?.({ phase: 'writing', done, total: source.size, unit: 'bytes', path: destination });
      }
      await writing;
      await handle.sync();
      await handle.close();
    } catch (error) {
      await writing.catch(() => undefined);
      await handle.close().catch(() => undefined);
      await unlinkQuietly(files, destination);
      throw BranchbookError.from(error);
    }
  }

  async *read(sha256: Sha256, start = 0, end = Infinity): AsyncGenerator<Uint8Array> {
    const source = await this._source(sha256);
    const buffer = (): Uint8Array => new Uint8Array(PIECE_BYTES);
    yield* source.read({ start: Math.max(0, start), end: Math.min(end, source.size), buffer });
  }

  check(options: { readonly readData: boolean } & Activity): AsyncGenerator<StoreFinding> {
    return checkStore(this._tools, options);
  }

  async hashFile(path: string, activity: Activity = {}): Promise<Sha256> {
    const stat = await this._tools.files.lstat(path);
    try {
      return await this._engineFor(stat?.size ?? 0).hashFile(path, activity);
    } catch (error) {
      throw BranchbookError.from(error);
    }
  }

  async close(): Promise<void> {
    await this._large?.close();
  }

  private _engineFor(size: number): IEngine {
    return size >= LARGE_FILE && this._large ? this._large : this._small;
  }

  private async _find(sha256: Sha256): Promise<{ readonly record: FileRecord; readonly intact: boolean } | null> {
    await this._tools.catalog.refresh();
    return this._tools.catalog.file(sha256);
  }

  /** Bytes of the file in git-lfs's cache, or null. */
  private async _lfsSize(sha256: Sha256): Promise<number | null> {
    const stat = await this._tools.files.lstat(this._tools.layout.lfsObject(sha256));
    return stat?.kind === 'file' ? stat.size : null;
  }

  /** Where the content comes from: our store, git-lfs's cache, or a damaged record that may still have this range. */
  private async _source(sha256: Sha256): Promise<Source> {
    if (sha256 === EMPTY_SHA256) {
      return { size: 0, read: async function* () {} };
    }
    const found = await this._find(sha256);
    const lfsSize = found?.intact ? null : await this._lfsSize(sha256);
    if (lfsSize !== null) {
      return { size: lfsSize, read: request => readLfsObject(this._tools, sha256, request) };
    }
    if (found) {
      const { record } = found;
      return { size: record.size, read: request => readStored(this._tools, record, request) };
    }
    throw this._missing(sha256);
  }

  private _missing(sha256: Sha256): BranchbookError {
    const [damaged] = this._tools.catalog.damagedShards;
    if (damaged) {
      const message = `The content ${sha256} is not in the store, but a manifest is damaged: ${damaged[0]}.`;
      return new BranchbookError('OBJECT_CORRUPT', message, { sha256, shard: damaged[0], repair: REPAIR }, REPAIR);
    }
    const hint = 'Fetch it from a remote that has it, or snapshot the file again.';
    return new BranchbookError('ASSET_MISSING', `The content ${sha256} is not in the store.`, { sha256 }, hint);
  }
}

type Source = { readonly size: number; readonly read: (request: ReadRequest) => AsyncGenerator<Uint8Array> };
