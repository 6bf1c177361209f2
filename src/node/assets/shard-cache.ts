import { mapConcurrently } from '../../core/concurrency';
import { ensureDirectory, listNames, unlinkQuietly, writeLightly } from '../../core/durable';
import type { IHasher } from '../../core/chunk/hash';
import type { Activity, IBucket, IFileSystem } from '../../core/port';
import { Catalog } from '../store/catalog';
import { ChunkTable } from '../store/chunk-table';
import { Layout } from '../store/layout';

/** Where manifests lie in a bucket. */
const SHARDS = 'shards/';
const NAME = /^[0-9a-f]{64}\.mdb$/;

/** Bytes that what is known of a pack and the contents in it takes, about. */
const XORB_WEIGHT = 2_000;

export const shardKey = (name: string): string => `${SHARDS}${name}`;

/**
 * Copies of a bucket's manifests in a folder of this machine, and what they say. Each is brought once: its name is its
 * hash. The folder may be deleted any time.
 */
export class ShardCache {
  readonly catalog: Catalog;
  private readonly _layout: Layout;
  private _refreshing: Promise<void> | null = null;
  private _table: { readonly chunks: ChunkTable; readonly generation: number; read: number } | null = null;

  constructor(
    private readonly _files: IFileSystem,
    folder: string,
    private readonly _bucket: IBucket,
    hasher: IHasher
  ) {
    this._layout = new Layout(folder);
    this.catalog = new Catalog(_files, this._layout, hasher);
  }

  /** About so many bytes of memory. */
  get weight(): number {
    return (this._table?.chunks.weight ?? 0) + this.catalog.xorbs.length * XORB_WEIGHT;
  }

  /** Look what the bucket has now. */
  async refresh(activity: Activity = {}): Promise<void> {
    this._refreshing ??= this._refresh(activity).finally(() => (this._refreshing = null));
    await this._refreshing;
  }

  /** A manifest that was just written to the bucket. */
  async add(name: string, bytes: Uint8Array): Promise<void> {
    await ensureDirectory(this._files, this._layout.shards);
    await writeLightly(this._files, this._layout.shard(name), bytes);
    await this.catalog.refresh();
  }

  /** Where every chunk of the bucket is. */
  async table(): Promise<ChunkTable> {
    await this.catalog.refresh();
    const { generation } = this.catalog;
    const known = this._table?.generation === generation ? this._table : null;
    const table = known ?? { chunks: new ChunkTable(), generation, read: 0 };
    this._table = table;
    for (; table.read < this.catalog.xorbs.length; table.read++) {
      if (this.catalog.xorbs[table.read]!.listing) {
        await this._addChunks(table.chunks, table.read);
      }
    }
    return table.chunks;
  }

  private async _addChunks(table: ChunkTable, xorb: number): Promise<void> {
    const chunks = await this.catalog.chunks(xorb);
    for (let index = 0; index < chunks.count; index++) {
      table.add(chunks.hash(index), { xorb, index }, chunks.length(index));
    }
  }

  private async _refresh(activity: Activity): Promise<void> {
    await ensureDirectory(this._files, this._layout.shards);
    const here = new Set(await listNames(this._files, this._layout.shards));
    const there = new Set<string>();
    for await (const { key } of this._bucket.list(SHARDS)) {
      there.add(key.slice(SHARDS.length));
    }
    const absent = [...there].filter(name => NAME.test(name) && !here.has(name));
    await mapConcurrently(absent, name => this._bring(name, activity));
    for (const name of here) {
      if (NAME.test(name) && !there.has(name)) {
        await unlinkQuietly(this._files, this._layout.shard(name));
      }
    }
    await this.catalog.refresh();
  }

  private async _bring(name: string, activity: Activity): Promise<void> {
    activity.signal?.throwIfAborted();
    const found = await this._bucket.get(shardKey(name));
    if (found) {
      await writeLightly(this._files, this._layout.shard(name), found.bytes);
    }
  }
}
