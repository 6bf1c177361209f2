import { fromHex, parseHash, spellHash, xorbHash } from '../../core/chunk/hash';
import type { HashedChunk, IHasher } from '../../core/chunk/hash';
import { ensureDirectory, listNames, parentOf, unlinkQuietly, writeSynced } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { throwIfCancelled } from '../../core/cancel';
import { encodeShard } from '../../core/format/shard';
import type { NewShardFile, NewShardXorb, Term } from '../../core/format/shard';
import type { PutResult, Sha256 } from '../../core/model/asset';
import type { Activity, IFileSystem, IStoreSession } from '../../core/port';
import type { Catalog } from './catalog';
import { ChunkTable } from './chunk-table';
import { isAboutFile } from './engine';
import type { IEngine } from './engine';
import type { Ingested, IngestedTerm } from './ingest';
import type { Layout } from './layout';
import { xorbPath } from './xorb-writer';
import type { SessionState } from './xorb-writer';

export type SessionTools = {
  readonly files: IFileSystem;
  readonly layout: Layout;
  readonly catalog: Catalog;
  readonly hasher: IHasher;
  /** The engine for a file of so many bytes. */
  readonly engineFor: (size: number) => IEngine;
};

type Added = Ingested & { readonly sha256: Sha256 };

/** Files that become durable and visible together. Xorbs first, then the shard that names them. */
export class StoreSession implements IStoreSession {
  private readonly _added = new Map<Sha256, Added>();
  private _state: SessionState;
  /** Who holds the session's open xorb at present. */
  private _engine: IEngine | null = null;
  private _last: Promise<unknown> = Promise.resolve();
  private _over: BranchbookError | null = null;

  /** `known` are the chunks of the store when the session began. */
  constructor(
    private readonly _tools: SessionTools,
    private readonly _known: ChunkTable,
    name: string
  ) {
    const prefix = `${_tools.layout.temporary}/${name}`;
    this._state = { prefix, xorbs: [], table: new ChunkTable().memory };
  }

  async add(path: string, activity: Activity = {}): Promise<PutResult> {
    // One file at a time: all of them append to the same xorb.
    const added = this._last.then(() => this._add(path, activity));
    this._last = added.catch(() => undefined);
    const { sha256, fileHash, size, chunks, newBytes } = await added;
    return { sha256, xetHash: spellHash(fileHash), size, chunks, newBytes };
  }

  async commit(): Promise<void> {
    await this._last;
    this._check();
    this._end('committed');
    try {
      await this._release();
      const xorbs = this._xorbs();
      await this._publishXorbs(xorbs);
      const files = await this._newFiles(xorbs);
      if (files.length > 0 || xorbs.length > 0) {
        await this._publishShard(encodeShard({ files, xorbs }, Math.floor(Date.now() / 1000)));
      }
    } catch (error) {
      await this._removeTemporaries();
      throw error;
    }
    await this._tools.catalog.refresh();
  }

  async abort(): Promise<void> {
    this._end('aborted');
    await this._last;
    await this._release().catch(() => undefined);
    await this._removeTemporaries();
  }

  private async _removeTemporaries(): Promise<void> {
    const { files, layout } = this._tools;
    for (const name of await listNames(files, layout.temporary)) {
      const path = `${layout.temporary}/${name}`;
      if (path.startsWith(`${this._state.prefix}-`) || path === `${this._state.prefix}.mdb`) {
        await unlinkQuietly(files, path);
      }
    }
  }

  private async _add(path: string, activity: Activity): Promise<Added> {
    this._check();
    throwIfCancelled(activity);
    try {
      const stat = await this._tools.files.lstat(path);
      const engine = this._tools.engineFor(stat?.size ?? 0);
      if (engine !== this._engine) {
        await this._release();
        this._engine = engine;
      }
      const job = { path, stat, state: this._state, known: this._known.memory };
      const added = await engine.add(job, { ...activity, onSealed: () => undefined });
      this._added.set(added.sha256, added);
      return added;
    } catch (error) {
      const failure = BranchbookError.from(error);
      // After other failures what was written may be incomplete.
      this._over ??= isAboutFile(failure) ? null : failure;
      throw failure;
    }
  }

  private async _release(): Promise<void> {
    const engine = this._engine;
    this._engine = null;
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

  /** The xorbs written, in order, with their chunks. */
  private _xorbs(): readonly NewShardXorb[] {
    const table = new ChunkTable(this._state.table);
    const lists: HashedChunk[][] = this._state.xorbs.map(() => []);
    for (let entry = 0; entry < table.count; entry++) {
      lists[table.place(entry).xorb]!.push({ hash: table.hash(entry), length: table.length(entry) });
    }
    return lists.map((chunks, ordinal) => ({
      hash: xorbHash(this._tools.hasher, chunks),
      storedBytes: this._state.xorbs[ordinal]!,
      chunks
    }));
  }

  private async _publishXorbs(xorbs: readonly NewShardXorb[]): Promise<void> {
    const { files, layout } = this._tools;
    const directories = new Set<string>();
    for (const [ordinal, xorb] of xorbs.entries()) {
      const temporary = xorbPath(this._state, ordinal);
      const target = layout.xorb(spellHash(xorb.hash));
      if (ordinal === xorbs.length - 1) {
        await syncFile(files, temporary); // The writer flushed all the others when they were full.
      }
      await ensureDirectory(files, parentOf(target));
      // The name is the content, so what stands there is the same or damaged: either way this one may take its place.
      await files.rename(temporary, target);
      await unlinkQuietly(files, layout.damaged(spellHash(xorb.hash)));
      directories.add(parentOf(target));
    }
    for (const directory of directories) {
      await files.syncDirectory(directory);
    }
  }

  private async _newFiles(xorbs: readonly NewShardXorb[]): Promise<readonly NewShardFile[]> {
    const { catalog } = this._tools;
    const files: NewShardFile[] = [];
    for (const { sha256, fileHash, terms } of this._added.values()) {
      if (terms.length === 0 || (await catalog.file(sha256))?.intact) {
        continue;
      }
      files.push({
        fileHash,
        sha256: fromHex(sha256),
        terms: terms.map(term => this._term(term, xorbs)),
        verification: terms.map(term => term.verification)
      });
    }
    return files;
  }

  private _term({ origin, xorb, start, end, bytes }: IngestedTerm, xorbs: readonly NewShardXorb[]): Term {
    const hash = origin === 'session' ? xorbs[xorb]!.hash : parseHash(this._tools.catalog.xorbs[xorb]!.hash);
    return { xorb: hash, start, end, bytes };
  }

  private async _publishShard(bytes: Uint8Array): Promise<void> {
    const { files, layout, hasher } = this._tools;
    const temporary = `${this._state.prefix}.mdb`;
    const target = layout.shard(`${spellHash(hasher.hash('chunk', bytes))}.mdb`);
    await writeSynced(files, temporary, bytes);
    await files.rename(temporary, target);
    await files.syncDirectory(layout.shards);
  }
}

async function syncFile(files: IFileSystem, path: string): Promise<void> {
  const handle = await files.open(path, 'write');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
