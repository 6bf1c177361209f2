import { mapConcurrently } from '../../core/concurrency';
import { ensureDirectory, listNames, unlinkQuietly, writeLightly } from '../../core/durable';
import { spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { hasCode } from '../../core/error';
import type { Activity, IBucket, IFileSystem } from '../../core/port';
import { Catalog } from '../store/catalog';
import { ChunkTable } from '../store/chunk-table';
import { Layout } from '../store/layout';

/** Where manifests lie in a bucket. */
const SHARDS = 'shards/';
const NAME = /^[0-9a-f]{64}\.mdb$/;

/** Bytes that what is known of a pack and the contents in it takes, about. */
const XORB_WEIGHT = 2_000;
/** How often it is looked again when manifests vanish meanwhile. */
const LOOKS = 5;

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
    private readonly _hasher: IHasher
  ) {
    this._layout = new Layout(folder);
    this.catalog = new Catalog(_files, this._layout, _hasher);
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

  /** The same, begun after this was asked for: what is seen is not older. */
  async refreshAnew(activity: Activity = {}): Promise<void> {
    await this._refreshing?.catch(() => undefined);
    await this.refresh(activity);
  }

  /** Write a manifest to the bucket, under the hash of its bytes. */
  async publish(shard: Uint8Array): Promise<void> {
    const name = `${spellHash(this._hasher.hash('chunk', shard))}.mdb`;
    await unlessThere(() => this._bucket.put(shardKey(name), shard, 'absent'));
    await this._add(name, shard);
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

  private async _add(name: string, bytes: Uint8Array): Promise<void> {
    await ensureDirectory(this._files, this._layout.shards);
    await writeLightly(this._files, this._layout.shard(name), bytes);
    await this.catalog.refresh();
  }

  private async _addChunks(table: ChunkTable, xorb: number): Promise<void> {
    const chunks = await this.catalog.chunks(xorb);
    for (let index = 0; index < chunks.count; index++) {
      table.add(chunks.hash(index), { xorb, index }, chunks.length(index));
    }
  }

  private async _refresh(activity: Activity): Promise<void> {
    await ensureDirectory(this._files, this._layout.shards);
    // A collection puts manifests in the place of others: a listing in the middle of that may miss both.
    let vanished = true;
    for (let look = 1; vanished && look <= LOOKS; look++) {
      vanished = await this._look(activity);
    }
    await this.catalog.refresh();
  }

  /** True when manifests vanished from the bucket. */
  private async _look(activity: Activity): Promise<boolean> {
    const here = new Set(await listNames(this._files, this._layout.shards));
    const there = new Set<string>();
    for await (const { key } of this._bucket.list(SHARDS)) {
      there.add(key.slice(SHARDS.length));
    }
    const absent = [...there].filter(name => NAME.test(name) && !here.has(name));
    const brought = await mapConcurrently(absent, name => this._bring(name, activity));
    const gone = [...here].filter(name => NAME.test(name) && !there.has(name));
    for (const name of gone) {
      await unlinkQuietly(this._files, this._layout.shard(name));
    }
    return gone.length > 0 || brought.includes(false);
  }

  /** False when it is not there any more. */
  private async _bring(name: string, activity: Activity): Promise<boolean> {
    activity.signal?.throwIfAborted();
    const found = await this._bucket.get(shardKey(name));
    if (found) {
      await writeLightly(this._files, this._layout.shard(name), found.bytes);
    }
    return found !== null;
  }
}

/** What stands under the same name is the same. */
export async function unlessThere(put: () => Promise<unknown>): Promise<void> {
  try {
    await put();
  } catch (error) {
    if (!hasCode(error, 'CONDITION_FAILED')) {
      throw error;
    }
  }
}
