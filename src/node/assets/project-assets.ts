import { removeTree } from '../../core/durable';
import type { IHasher } from '../../core/chunk/hash';
import type { IBucket, IFileSystem, IStoredAssets } from '../../core/port';
import { placeTime } from '../bucket/place-time';
import type { Digests } from '../store/digest';
import { BucketAssets } from './bucket-assets';

/** Bytes of memory for what is known of projects' manifests. What is forgotten is read again from the cache. */
const MEMORY = 96 * 1024 * 1024;

/** Marks of projects that were deleted. */
const GONE = 'gone/';
/** Milliseconds. */
const A_DAY = 24 * 3_600_000;

export type ProjectAssetsOptions = {
  /** Each project has the part below its id. */
  readonly bucket: IBucket;
  readonly files: IFileSystem;
  /** Absolute path of a folder for copies of manifests; only of this process. */
  readonly cache: string;
  readonly hasher: IHasher;
  readonly digests: Digests;
  /** Bytes; for tests. */
  readonly memory?: number;
};

/** The contents of all projects of a hub, verified on arrival. Those used last are kept in memory. */
export class ProjectAssets {
  private readonly _open = new Map<string, BucketAssets>();

  constructor(private readonly _options: ProjectAssetsOptions) {}

  of(id: string): IStoredAssets {
    const assets = this._open.get(id) ?? this._openOne(id);
    // Last in the order again.
    this._open.delete(id);
    this._open.set(id, assets);
    this._trim(id);
    return assets;
  }

  /** Delete all that is stored for a project. What fails, or arrives late, `sweep` deletes. */
  async forget(id: string): Promise<void> {
    await this._options.bucket.put(`${GONE}${id}`, new Uint8Array());
    await this._remove(id);
  }

  /** Once more for projects that were forgotten more than a day ago, when nothing of theirs is under way any more. */
  async sweep(): Promise<void> {
    const { bucket } = this._options;
    const now = await placeTime(bucket.below('gone'));
    for await (const { key, modified } of bucket.list(GONE)) {
      const id = key.slice(GONE.length);
      if (/^[0-9a-f]{32}$/.test(id) && now - modified > A_DAY) {
        await this._remove(id);
        await bucket.delete(key);
      }
    }
  }

  private async _remove(id: string): Promise<void> {
    this._open.delete(id);
    const bucket = this._options.bucket.below(id);
    for await (const { key } of bucket.list('')) {
      await bucket.delete(key);
    }
    await removeTree(this._options.files, `${this._options.cache}/${id}`);
  }

  private _openOne(id: string): BucketAssets {
    const { bucket, files, cache, hasher, digests } = this._options;
    return new BucketAssets({ bucket: bucket.below(id), files, cache: `${cache}/${id}`, hasher, verify: digests });
  }

  /** Requests that are under way keep what they hold. */
  private _trim(used: string): void {
    let weight = [...this._open.values()].reduce((sum, assets) => sum + assets.weight, 0);
    for (const [id, assets] of this._open) {
      if (weight <= (this._options.memory ?? MEMORY) || id === used) {
        return;
      }
      this._open.delete(id);
      weight -= assets.weight;
    }
  }
}
