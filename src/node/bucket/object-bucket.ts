/** A bucket at a service: keys are held inside a prefix, doubts are cleared up, streams are cut into parts. */
import { throwIfCancelled } from '../../core/cancel';
import type { Activity, BucketObject, IBucket, IClock, IRandom, PutCondition } from '../../core/port';
import { conditionFailed } from './failure';
import { checkKey, checkPrefix, joinPrefix } from './key';
import { isServiceFailure, ServiceFailure } from './object-service';
import type { IObjectService, IUpload, OpenObject, Page, Write } from './object-service';
import { findMark, persistRead, persistWrite, toError } from './persist';
import { checked, collect, copied, inParts, unlessSilent } from './pieces';

/** Milliseconds without a byte after which a connection counts as cut. */
const SILENCE = 60_000;

export type ObjectTools = { readonly clock: Pick<IClock, 'sleep'>; readonly random: IRandom };

export class ObjectBucket implements IBucket {
  readonly name: string;

  /** `prefix`: ends with a slash, or is empty. */
  constructor(
    private readonly _service: IObjectService,
    private readonly _tools: ObjectTools,
    private readonly _prefix = ''
  ) {
    this.name = `${_service.name}/${_prefix}`.replace(/\/+$/, '');
  }

  below(prefix: string): IBucket {
    return new ObjectBucket(this._service, this._tools, joinPrefix(this._prefix, prefix));
  }

  head(key: string): Promise<BucketObject | null> {
    const whole = this._whole(key);
    return this._read(key, async () => this._own(await this._service.head(whole)));
  }

  async read(
    key: string,
    start = 0,
    end = Infinity,
    activity: Activity = {}
  ): Promise<AsyncIterable<Uint8Array> | null> {
    if (start === 0 && end === Infinity) {
      const opened = await this._open(key, null);
      return opened && this._pieces(key, opened, activity);
    }
    const object = await this.head(key);
    const range = { start, end: Math.min(end, object?.size ?? 0) };
    const opened = object && range.start < range.end ? await this._open(key, range) : null;
    return opened ? this._pieces(key, opened, activity) : object && nothing();
  }

  async get(key: string): Promise<{ readonly object: BucketObject; readonly bytes: Uint8Array } | null> {
    const whole = this._whole(key);
    return this._read(key, async () => {
      const opened = await this._service.read(whole, null);
      return opened && { object: this._own(opened.object)!, bytes: await this._collect(opened) };
    });
  }

  async put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<BucketObject> {
    const whole = this._whole(key);
    const write = this._newWrite(condition);
    return this._write(key, write, () => this._service.put(whole, bytes, write));
  }

  async putStream(
    key: string,
    size: number,
    pieces: AsyncIterable<Uint8Array>,
    condition?: PutCondition,
    activity: Activity = {}
  ): Promise<BucketObject> {
    const whole = this._whole(key);
    const partSize = this._service.partSize(size);
    const source = checked(key, size, pieces, activity);
    if (size <= partSize) {
      return this.put(key, await copied(source, size), condition);
    }
    const write = this._newWrite(condition);
    const upload = await this._read(key, () => this._service.upload(whole, size, write));
    try {
      await this._sendParts(key, upload, inParts(source, partSize));
      throwIfCancelled(activity);
      return await this._write(key, write, () => upload.commit());
    } catch (error) {
      await upload.abort().catch(() => undefined);
      throw error;
    }
  }

  async delete(key: string, condition?: Exclude<PutCondition, 'absent'>): Promise<boolean> {
    const whole = this._whole(key);
    const before = await this.head(key);
    if (!before) {
      return false;
    }
    // Not every server compares when it deletes.
    if (condition && before.etag !== condition.etag) {
      throw conditionFailed(this.name, key);
    }
    await persistWrite({
      ...this._persistence(key),
      work: async () => {
        await this._service.delete(whole, condition);
        return true;
      },
      findDone: async () => (await this._service.head(whole)) === null || null,
      isOwn: false
    });
    return true;
  }

  async *list(prefix: string): AsyncGenerator<BucketObject> {
    for await (const page of this._pages(`${this._prefix}${checkPrefix(prefix)}`, false)) {
      yield* page.objects.map(object => this._own(object)!);
    }
  }

  async *folders(folder: string): AsyncGenerator<string> {
    const prefix = joinPrefix(this._prefix, folder);
    for await (const page of this._pages(prefix, true)) {
      yield* page.folders.map(found => found.slice(prefix.length).replace(/\/$/, ''));
    }
  }

  close(): Promise<void> {
    return this._service.close();
  }

  private _whole(key: string): string {
    return `${this._prefix}${checkKey(key)}`;
  }

  /** As callers name it, without what only this room knows. */
  private _own(object: BucketObject | null): BucketObject | null {
    if (!object) {
      return null;
    }
    const { key, size, etag, modified } = object;
    return { key: key.slice(this._prefix.length), size, etag, modified };
  }

  private _newWrite(condition: PutCondition | undefined): Write {
    return { condition, mark: this._tools.random.hex(16) };
  }

  private _persistence(key: string): { bucket: string; key: string; sleep: (milliseconds: number) => Promise<void> } {
    return { bucket: this.name, key, sleep: milliseconds => this._tools.clock.sleep(milliseconds) };
  }

  private _read<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { bucket, sleep } = this._persistence(key);
    return persistRead(bucket, key, sleep, work);
  }

  private async _write(key: string, { mark }: Write, work: () => Promise<BucketObject>): Promise<BucketObject> {
    const whole = this._whole(key);
    const findDone = (): Promise<BucketObject | null> => findMark(() => this._service.head(whole), mark);
    return this._own(await persistWrite({ ...this._persistence(key), work, findDone, isOwn: true }))!;
  }

  private async *_pages(prefix: string, folders: boolean): AsyncGenerator<Page> {
    let after: string | null = null;
    do {
      const page: Page = await this._read(prefix, () => this._service.page(prefix, folders, after));
      yield page;
      after = page.next;
    } while (after !== null);
  }

  private _open(
    key: string,
    range: { readonly start: number; readonly end: number } | null
  ): Promise<OpenObject | null> {
    const whole = this._whole(key);
    return this._read(key, () => this._service.read(whole, range));
  }

  private async _sendParts(key: string, upload: IUpload, parts: AsyncIterable<Uint8Array>): Promise<void> {
    let number = 0;
    for await (const bytes of parts) {
      number += 1;
      // A part that came twice is the same part.
      await this._read(key, () => upload.part(number, bytes));
    }
  }

  private _collect(opened: OpenObject): Promise<Uint8Array> {
    return collect(this._received(opened));
  }

  private async *_pieces(key: string, opened: OpenObject, activity: Activity): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of this._received(opened)) {
        throwIfCancelled(activity);
        yield piece;
      }
    } catch (error) {
      throw isServiceFailure(error) ? toError(this.name, key, error) : error;
    }
  }

  private async *_received({ pieces }: OpenObject): AsyncGenerator<Uint8Array> {
    const tooLong = (): Error => new ServiceFailure('doubtful', `nothing arrived for ${SILENCE / 1000} s`);
    try {
      yield* unlessSilent(pieces, SILENCE, tooLong);
    } catch (error) {
      throw this._service.failureOf(error);
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty range of an object that is there.
}
