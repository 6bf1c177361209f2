/**
 * A bucket that may turn out to be without conditional writes: then conditions are looked at before writing, which is right
 * as long as only one writes.
 */
import type { Activity, BucketObject, IBucket, PutCondition } from '../../core/port';
import { conditionFailed } from './failure';

export class SingleWriterBucket implements IBucket {
  readonly name: string;

  constructor(
    private readonly _inner: IBucket,
    private readonly _isSingle: () => boolean
  ) {
    this.name = _inner.name;
  }

  head(key: string): Promise<BucketObject | null> {
    return this._inner.head(key);
  }

  read(key: string, start?: number, end?: number, activity?: Activity): Promise<AsyncIterable<Uint8Array> | null> {
    return this._inner.read(key, start, end, activity);
  }

  get(key: string): Promise<{ readonly object: BucketObject; readonly bytes: Uint8Array } | null> {
    return this._inner.get(key);
  }

  async put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<BucketObject> {
    return this._inner.put(key, bytes, await this._check(key, condition));
  }

  async putStream(
    key: string,
    size: number,
    pieces: AsyncIterable<Uint8Array>,
    condition?: PutCondition,
    activity?: Activity
  ): Promise<BucketObject> {
    return this._inner.putStream(key, size, pieces, await this._check(key, condition), activity);
  }

  async delete(key: string, condition?: Exclude<PutCondition, 'absent'>): Promise<boolean> {
    const left = await this._check(key, condition);
    return this._inner.delete(key, left === 'absent' ? undefined : left);
  }

  list(prefix: string): AsyncGenerator<BucketObject> {
    return this._inner.list(prefix);
  }

  folders(folder: string): AsyncGenerator<string> {
    return this._inner.folders(folder);
  }

  below(prefix: string): IBucket {
    return new SingleWriterBucket(this._inner.below(prefix), this._isSingle);
  }

  close(): Promise<void> {
    return this._inner.close();
  }

  /** The condition that is left for the bucket. */
  private async _check(key: string, condition: PutCondition | undefined): Promise<PutCondition | undefined> {
    if (condition === undefined || !this._isSingle()) {
      return condition;
    }
    const etag = (await this._inner.head(key))?.etag;
    if (condition === 'absent' ? etag !== undefined : etag !== condition.etag) {
      throw conditionFailed(this.name, key);
    }
    return undefined;
  }
}
