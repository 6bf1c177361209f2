import { join } from 'node:path';
import { spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Sha256, StoredFile } from '../../core/model/asset';
import type { Deduplication, Repair } from '../../core/model/maintenance';
import type { Release } from '../../core/owner-file';
import type {
  Activity,
  ChunkLocation,
  ContentChunks,
  FileStat,
  IAssetStore,
  ICollection,
  IFileSystem,
  IProcesses,
  IStoreSession,
  Materialization,
  StoreCheck,
  StoreFinding,
  StoreRepair,
  SeenFile
} from '../../core/port';
import { disk } from '../fs/disk';
import { openProcesses } from '../process/processes';
import { clock, random } from '../process/time';
import { Catalog, createLayout } from './catalog';
import type { FileRecord } from './catalog';
import { checkStore, oldTemporaries } from './check-store';
import { collectStore } from './collect';
import { addedBytes, deduplicationOf } from './deduplication';
import { Digests } from './digest';
import { InlineEngine } from './engine';
import type { IEngine } from './engine';
import { hashUnchanged } from './hash-file';
import { createHasher } from './hasher';
import { Layout } from './layout';
import { Leases } from './lease';
import { materializeAll } from './materialize';
import { inPieces, isEmptyFile, missing, readSource, sourceOf } from './read-file';
import { contentChunks, packedChunks } from './packed-chunks';
import { Buffers } from './read-tools';
import type { ReadTools } from './read-tools';
import { repairStore } from './repair-store';
import { RunWriter } from './run-writer';
import type { IRunWriter } from './run-writer';
import { PORTION, StoreSession } from './session';
import type { Portion } from './session';
import { tidyStore } from './tidy';
import { WorkerEngine } from './worker-engine';
import { findWhole } from './whole-file';
import { XorbMaps } from './xorb-map';

/** Files from this size on, in bytes, are stored by worker threads: starting one takes longer than a smaller file. */
const LARGE_FILE = 1024 * 1024;
/** So many small files are hashed by two threads. */
const WORTH_A_THREAD = 512;
/** From so many bytes on, files are written by worker threads. */
const LARGE_WRITE = 4 * 1024 * 1024;
const EMPTY_XET = '0'.repeat(64);

export type StoreOptions = {
  /** The built worker; null = do everything in this thread. Default: the one beside the bundle, if there. */
  readonly workerFile?: string | null;
  /** What a session writes before it lists it in a shard; for tests. */
  readonly portion?: Portion;
  /** Default: those of this machine. */
  readonly processes?: IProcesses;
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
  const layout = new Layout(home);
  const processes = options.processes ?? (await openProcesses());
  const leases = new Leases({ files, processes, clock, random }, layout);
  const digests = new Digests(workerFile);
  return new AssetStore(files, layout, await createHasher(), leases, { large, digests }, options.portion ?? PORTION);
}

/** The build puts the worker beside the main file; running from source there is none. */
export async function bundledWorker(): Promise<string | null> {
  const path = join(__dirname, 'store-worker.cjs');
  return (await disk.lstat(path)) ? path : null;
}

/** `large`: null = everything in this thread. */
type Threads = { readonly large: WorkerEngine | null; readonly digests: Digests };

class AssetStore implements IOpenStore {
  private _tools: ReadTools;
  private readonly _small: InlineEngine;
  private readonly _writer: RunWriter;

  constructor(
    files: IFileSystem,
    layout: Layout,
    hasher: IHasher,
    private readonly _leases: Leases,
    private readonly _threads: Threads,
    private readonly _portion: Portion
  ) {
    const catalog = new Catalog(files, layout, hasher);
    this._tools = { files, layout, hasher, catalog, maps: new XorbMaps(), buffers: new Buffers() };
    this._small = new InlineEngine(files);
    this._writer = new RunWriter(files, hasher);
  }

  get hasher(): IHasher {
    return this._tools.hasher;
  }

  async begin(activity: Activity = {}): Promise<IStoreSession> {
    const { files, layout, catalog } = this._tools;
    await createLayout(files, layout);
    const endLease = await this._leases.hold(activity);
    try {
      for (const path of await oldTemporaries(files, layout.temporary)) {
        await unlinkQuietly(files, path);
      }
      const engineFor = (size: number): IEngine => this._engineFor(size);
      const name = `${process.pid}-${random.hex(8)}`;
      return new StoreSession(
        {
          ...this._tools,
          endLease,
          engineFor,
          inline: this._small,
          digests: this._threads.digests,
          portion: this._portion
        },
        await catalog.table(),
        name
      );
    } catch (error) {
      await endLease();
      throw error;
    }
  }

  hold(activity: Activity = {}): Promise<Release> {
    return this._leases.hold(activity);
  }

  async beginCollection(activity: Activity = {}, patience?: number): Promise<ICollection> {
    await createLayout(this._tools.files, this._tools.layout);
    const end = await this._leases.exclude(activity, patience);
    const prefix = `${this._tools.layout.temporary}/gc-${random.hex(8)}`;
    return {
      collect: request => collectStore(this._tools, prefix, request),
      tidy: request => tidyStore(this._tools, prefix, request),
      end
    };
  }

  async has(sha256: Sha256): Promise<boolean> {
    return (await this.hasAll([sha256])).has(sha256);
  }

  async hasAll(contents: readonly Sha256[]): Promise<ReadonlySet<Sha256>> {
    const here = new Set<Sha256>();
    const isStored = await this._tools.catalog.intactFiles();
    for (const sha256 of contents) {
      if (isEmptyFile(sha256) || (await isStored(sha256)) || (await this._lfsSize(sha256)) !== null) {
        here.add(sha256);
      }
    }
    return here;
  }

  async info(sha256: Sha256): Promise<StoredFile | null> {
    if (isEmptyFile(sha256)) {
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

  async contentChunks(sha256: Sha256, activity: Activity = {}): Promise<ContentChunks> {
    return contentChunks(this._tools, await this._record(sha256, activity));
  }

  async *packedChunks(sha256: Sha256, start: number, end: number): AsyncGenerator<Uint8Array> {
    yield* packedChunks(this._tools, await this._record(sha256, {}), start, end);
  }

  deduplication(sha256: Sha256, versions: readonly Sha256[]): Promise<Deduplication | null> {
    return deduplicationOf(this._tools.catalog, sha256, versions);
  }

  addedBytes(contents: readonly Sha256[]): Promise<readonly (number | null)[]> {
    return addedBytes(this._tools.catalog, contents);
  }

  materialize(sha256: Sha256, destination: string, activity: Activity = {}): Promise<void> {
    return this.materializeAll([{ sha256, destination }], activity);
  }

  async materializeAll(items: readonly Materialization[], activity: Activity = {}): Promise<void> {
    await materializeAll(this._tools, items, bytes => this._writerFor(bytes), activity);
  }

  async *read(sha256: Sha256, start = 0, end = Infinity): AsyncGenerator<Uint8Array> {
    const source = await sourceOf(this._tools, sha256);
    const [from, to] = [Math.max(0, start), Math.min(end, source.size)];
    yield* inPieces(readSource(this._tools, source, from, to), Math.max(0, to - from));
  }

  check(options: StoreCheck): AsyncGenerator<StoreFinding> {
    return checkStore(this._fresh(), options);
  }

  async *repair(options: StoreRepair): AsyncGenerator<Repair> {
    this._tools = this._fresh();
    try {
      yield* repairStore(this._tools, () => this.begin(), options);
    } finally {
      this._tools = this._fresh();
    }
  }

  async hashFile(path: string, activity: Activity = {}, known?: FileStat): Promise<Sha256> {
    const stat = known ?? (await this._tools.files.lstat(path));
    try {
      return await this._engineFor(stat?.size ?? 0).hashFile(path, activity, stat);
    } catch (error) {
      throw BranchbookError.from(error);
    }
  }

  async hashUnchanged(files: readonly SeenFile[]): Promise<readonly (Sha256 | null)[]> {
    const { large } = this._threads;
    const middle = large && files.length >= WORTH_A_THREAD ? Math.floor(files.length / 2) : 0;
    // The thread begins before this one, which does not give way, is busy itself.
    const [theirs, ours] = await Promise.all([
      middle > 0 ? large!.hashUnchanged(files.slice(0, middle)) : [],
      hashUnchanged(this._tools.files, files.slice(middle))
    ]);
    return [...theirs, ...ours];
  }

  async close(): Promise<void> {
    await Promise.all([this._threads.large?.close(), this._threads.digests.close()]);
  }

  /** What the disk says now, whatever was read before. */
  private _fresh(): ReadTools {
    const { files, layout, hasher, buffers } = this._tools;
    return { files, layout, hasher, buffers, catalog: new Catalog(files, layout, hasher), maps: new XorbMaps() };
  }

  private _engineFor(size: number): IEngine {
    return (size >= LARGE_FILE && this._threads.large) || this._small;
  }

  private _writerFor(bytes: number): IRunWriter {
    return (bytes >= LARGE_WRITE && this._threads.large) || this._writer;
  }

  private async _find(sha256: Sha256): Promise<{ readonly record: FileRecord; readonly intact: boolean } | null> {
    await this._tools.catalog.refresh();
    return this._tools.catalog.file(sha256);
  }

  /** How a content is stored; one that only a whole file holds is stored first. ASSET_MISSING. */
  private async _record(sha256: Sha256, activity: Activity): Promise<FileRecord> {
    const known = (await this._find(sha256))?.record;
    if (known) {
      return known;
    }
    const whole = await findWhole(this._tools, sha256);
    const session = whole && (await this.begin(activity));
    const stored = await session?.add(whole!.path, activity);
    await session?.commit();
    const record = stored?.sha256 === sha256 && (await this._find(sha256))?.record;
    if (!record) {
      throw missing(this._tools, sha256);
    }
    return record;
  }

  /** Bytes of the file in git-lfs's cache, or null. */
  private async _lfsSize(sha256: Sha256): Promise<number | null> {
    const stat = await this._tools.files.lstat(this._tools.layout.lfsObject(sha256));
    return stat?.kind === 'file' ? stat.size : null;
  }
}
