import { fromHex, parseHash, spellHash } from '../../core/chunk/hash';
import { listNames, unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { throwIfCancelled } from '../../core/cancel';
import type { NewShardFile, Term } from '../../core/format/shard';
import type { PutResult, Sha256 } from '../../core/model/asset';
import type { Release } from '../../core/owner-file';
import type { Activity, ArrivingChunk, IStoreSession, SeenFile } from '../../core/port';
import { requireSpace } from '../../core/space';
import { adoptOrphans } from './adopt-orphans';
import type { Catalog } from './catalog';
import { ChunkTable } from './chunk-table';
import type { ChunkTableMemory } from './chunk-table';
import type { Digests } from './digest';
import { isAboutFile } from './engine';
import type { IEngine, InlineEngine } from './engine';
import type { HashedFile } from './ingest';
import { Publisher } from './publisher';
import { READ_AHEAD_BYTES } from './read-ahead';
import { receive } from './receive';
import type { IngestedTerm } from './recipe';
import { SessionChunks } from './session-chunks';
import type { XorbTools } from './xorb-reader';
import { syncFile, xorbPath } from './xorb-writer';
import type { SessionState, XorbWriter } from './xorb-writer';

/** What is published is listed whenever it has become so many bytes or files: bounds memory and repeated work. */
export type Portion = { readonly bytes: number; readonly files: number };
export const PORTION: Portion = { bytes: 1024 * 1024 * 1024, files: 20_000 };
/** Sessions that wrote less, in bytes, leave nothing behind when they are aborted. */
const WORTH_KEEPING = 16 * 1024 * 1024;
/** From this size on, in bytes, a file is worth a look at what killed sessions left. */
const WORTH_ADOPTING = 64 * 1024 * 1024;

/** Up to so many bytes a file is small: read whole, together with others. */
const SMALL_FILE = 128 * 1024;

export type SessionTools = XorbTools & {
  readonly catalog: Catalog;
  /** Lets collectors in again. */
  readonly endLease: Release;
  /** The engine for a file of so many bytes. */
  readonly engineFor: (size: number) => IEngine;
  /** What comes from elsewhere is appended here. */
  readonly inline: InlineEngine;
  readonly digests: Digests;
  readonly portion: Portion;
};

function toPut({ sha256, fileHash, size, chunks, newBytes }: HashedFile): PutResult {
  return { sha256, xetHash: spellHash(fileHash), size, chunks, newBytes };
}

/** Positions of the small ones among the files, as many at a time as are read at once. */
function* portionsOf(files: readonly SeenFile[]): Generator<readonly number[]> {
  let positions: number[] = [];
  let bytes = 0;
  for (const [position, { stat }] of files.entries()) {
    if (stat.size > SMALL_FILE) {
      continue;
    }
    if (bytes + stat.size > READ_AHEAD_BYTES) {
      yield positions;
      positions = [];
      bytes = 0;
    }
    positions.push(position);
    bytes += stat.size;
  }
  if (positions.length > 0) {
    yield positions;
  }
}

/** True when the session goes on after a failure. */
type Harmless = (error: unknown) => boolean;

/**
 * Files that become durable together. Xorbs first, then the shards that name them. Xorbs are published as soon as they
 * are full, so that the next session finds what this one did, however it ends.
 */
export class StoreSession implements IStoreSession {
  /** Files that no shard lists yet. */
  private readonly _added = new Map<Sha256, HashedFile>();
  private readonly _publisher: Publisher;
  private _state: SessionState;
  /** Who holds the session's open xorb at present. */
  private _engine: IEngine | null = null;
  /** Where contents that arrive are appended, while the inline engine holds the open xorb. */
  private _writer: XorbWriter | null = null;
  private _last: Promise<unknown> = Promise.resolve();
  private _publishing: Promise<void> = Promise.resolve();
  private _listAt: number;
  private _adopted = false;
  /** True when what was written may be incomplete. */
  private _broken = false;
  private _over: BranchbookError | null = null;

  /** `known` are the chunks of the store when the session began. */
  constructor(
    private readonly _tools: SessionTools,
    private _known: ChunkTable,
    name: string
  ) {
    const prefix = `${_tools.layout.temporary}/${name}`;
    this._state = { prefix, xorbs: [], table: new ChunkTable().memory };
    this._publisher = new Publisher(_tools);
    this._listAt = _tools.portion.files;
  }

  async add(path: string, activity: Activity = {}): Promise<PutResult> {
    return toPut(await this._inTurn(activity, isAboutFile, () => this._add(path, activity)));
  }

  async addUnchanged(files: readonly SeenFile[], activity: Activity = {}): Promise<readonly (PutResult | null)[]> {
    const stored = new Array<PutResult | null>(files.length).fill(null);
    for (const positions of portionsOf(files)) {
      const some = positions.map(position => files[position]!);
      const added = await this._inTurn(
        activity,
        () => false,
        () => this._addSmall(some)
      );
      positions.forEach((position, at) => (stored[position] = added[at] ? toPut(added[at]) : null));
    }
    return stored;
  }

  knows(hash: Uint8Array): boolean {
    return this._known.find(hash) >= 0 || new ChunkTable(this._tableNow()).find(hash) >= 0;
  }

  reserve(bytes: number): Promise<void> {
    return requireSpace(this._tools.files, this._tools.layout.home, bytes);
  }

  takeOver(): Promise<void> {
    return this._adopt();
  }

  async receive(sha256: Sha256, chunks: AsyncIterable<ArrivingChunk>, activity: Activity = {}): Promise<PutResult> {
    // Whatever ended it came from elsewhere, or shows again when the packs are closed.
    const isHarmless = (): boolean => true;
    return toPut(await this._inTurn(activity, isHarmless, () => this._receive(sha256, chunks, activity)));
  }

  async commit(): Promise<void> {
    await this._last;
    this._check();
    this._end('committed');
    try {
      await this._publishAll();
      await this._list();
    } catch (error) {
      await this._removeTemporaries();
      throw error;
    } finally {
      await this._tools.endLease();
    }
  }

  async abort(): Promise<void> {
    this._end('aborted');
    await this._last;
    await this._keepWork().catch(() => undefined);
    await this._removeTemporaries();
    await this._tools.endLease();
  }

  /** Publish what the next session can use, without the files. */
  private async _keepWork(): Promise<void> {
    await this._release();
    const written = this._state.xorbs.reduce((sum, bytes) => sum + bytes, 0);
    if (!this._broken && written >= WORTH_KEEPING) {
      this._added.clear();
      await this._publishAll();
      await this._list();
    }
  }

  private async _removeTemporaries(): Promise<void> {
    const { files, layout } = this._tools;
    await this._publishing.catch(() => undefined);
    for (const name of await listNames(files, layout.temporary)) {
      const path = `${layout.temporary}/${name}`;
      if (path.startsWith(`${this._state.prefix}-`) || path === `${this._state.prefix}.mdb`) {
        await unlinkQuietly(files, path);
      }
    }
  }

  /** One after the other: all of them append to the same xorb. */
  private _inTurn<T>(activity: Activity, isHarmless: Harmless, work: () => Promise<T>): Promise<T> {
    const result = this._last.then(() => this._take(activity, isHarmless, work));
    this._last = result.catch(() => undefined);
    return result;
  }

  private async _take<T>(activity: Activity, isHarmless: Harmless, work: () => Promise<T>): Promise<T> {
    this._check();
    throwIfCancelled(activity);
    try {
      await this._publishing;
      const result = await work();
      if (this._added.size >= this._listAt) {
        await this._publishing;
        await this._list();
      }
      return result;
    } catch (error) {
      const failure = BranchbookError.from(error);
      if (!isHarmless(failure)) {
        this._broken = true;
        this._over ??= failure;
      }
      throw failure;
    }
  }

  private _note<T extends HashedFile | null>(added: T): T {
    if (added) {
      this._added.set(added.sha256, added);
    }
    return added;
  }

  private async _addSmall(files: readonly SeenFile[]): Promise<readonly (HashedFile | null)[]> {
    const { inline } = this._tools;
    await this._use(inline);
    const job = { files, state: this._state, known: this._known.memory };
    return (await inline.addSmall(job, this._onSealed)).map(added => this._note(added));
  }

  private async _add(path: string, activity: Activity): Promise<HashedFile> {
    const stat = await this._tools.files.lstat(path);
    const size = stat?.size ?? 0;
    if (size >= WORTH_ADOPTING) {
      await this._adopt();
    }
    const engine = this._tools.engineFor(size);
    await this._use(engine);
    const job = { path, stat, state: this._state, known: this._known.memory };
    return this._note(await engine.add(job, { ...activity, onSealed: this._onSealed }));
  }

  private async _receive(
    sha256: Sha256,
    chunks: AsyncIterable<ArrivingChunk>,
    activity: Activity
  ): Promise<HashedFile> {
    await this._use(this._tools.inline);
    const writer = this._tools.inline.writer(this._state, this._onSealed);
    this._writer = writer;
    const source = new SessionChunks(this._tools, writer, ordinal => this._pathOf(ordinal));
    const { hasher, digests } = this._tools;
    const tools = { hasher, digests, known: this._known, writer, source };
    try {
      return this._note({ ...(await receive(tools, sha256, chunks, activity)), sha256 });
    } finally {
      await source.close();
    }
  }

  private async _use(engine: IEngine): Promise<void> {
    if (engine !== this._engine) {
      await this._release();
      this._engine = engine;
    }
  }

  /** Chunks of this session, also those that were just appended. */
  private _tableNow(): ChunkTableMemory {
    return this._writer?.table.memory ?? this._state.table;
  }

  private async _pathOf(ordinal: number): Promise<string> {
    await this._publishing;
    const isPublished = ordinal < this._publisher.count;
    return isPublished
      ? this._tools.layout.xorb(spellHash(this._publisher.name(ordinal)))
      : xorbPath(this._state, ordinal);
  }

  private async _adopt(): Promise<void> {
    if (this._adopted) {
      return;
    }
    this._adopted = true;
    const adopted = await adoptOrphans(this._tools, `${this._state.prefix}-adopted.mdb`);
    if (adopted > 0) {
      this._known = await this._tools.catalog.table();
    }
  }

  private async _release(): Promise<void> {
    const engine = this._engine;
    this._engine = null;
    this._writer = null;
    this._state = (await engine?.release(this._state)) ?? this._state;
  }

  private _check(): void {
    if (this._over) {
      throw this._over;
    }
  }

  private _end(how: string): void {
    this._over = new BranchbookError('INTERNAL', `This store session was ${how} already.`);
  }

  /** All xorbs but the last are on the device. */
  private readonly _onSealed = (state: SessionState): void => {
    this._publishing = this._publishing.then(async () => {
      await this._publisher.publish(state, state.xorbs.length - 1);
      if (this._publisher.unlistedBytes >= this._tools.portion.bytes) {
        await this._list();
      }
    });
    this._publishing.catch(() => undefined); // Seen by the next `add` or the commit.
  };

  private async _publishAll(): Promise<void> {
    await this._release();
    await this._publishing;
    const { xorbs } = this._state;
    if (this._publisher.count < xorbs.length) {
      await syncFile(this._tools.files, xorbPath(this._state, xorbs.length - 1));
    }
    await this._publisher.publish(this._state, xorbs.length);
  }

  /** Write a shard of what is published, and of the files that need nothing else. */
  private async _list(): Promise<void> {
    const ready = [...this._added.values()].filter(file => file.terms.every(term => this._isPublished(term)));
    ready.forEach(file => this._added.delete(file.sha256));
    this._listAt = this._added.size + this._tools.portion.files;
    await this._publisher.list(await this._newFiles(ready), `${this._state.prefix}.mdb`);
  }

  private _isPublished({ origin, xorb }: IngestedTerm): boolean {
    return origin === 'store' || xorb < this._publisher.count;
  }

  private async _newFiles(added: readonly HashedFile[]): Promise<readonly NewShardFile[]> {
    const { catalog } = this._tools;
    const files: NewShardFile[] = [];
    for (const { sha256, fileHash, terms } of added) {
      if (terms.length === 0 || (await catalog.isFresh(sha256, Date.now()))) {
        continue;
      }
      files.push({
        fileHash,
        sha256: fromHex(sha256),
        terms: terms.map(term => this._term(term)),
        verification: terms.map(term => term.verification)
      });
    }
    return files;
  }

  private _term({ origin, xorb, start, end, bytes }: IngestedTerm): Term {
    const { catalog } = this._tools;
    const hash = origin === 'session' ? this._publisher.name(xorb) : parseHash(catalog.xorbs[xorb]!.hash);
    return { xorb: hash, start, end, bytes };
  }
}
