/**
 * A resumable upload to Google Cloud Storage: parts go to a session one after the other, and the object appears with the
 * last one, which is therefore kept until the commit. After a doubt the session is asked how far it came.
 */
import type { BucketObject } from '../../core/port';
import { ServiceFailure } from './object-service';
import type { IUpload, MarkedObject } from './object-service';

/** An object as the API tells of it. */
export type Resource = {
  readonly name: string;
  readonly size?: string;
  readonly generation?: string;
  readonly updated?: string;
  readonly metadata?: Readonly<Record<string, string>>;
};

export type Request = {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
};

export class GcsUpload implements IUpload {
  /** Bytes that the session has. */
  private _sent = 0;
  private _number = 0;
  /** The newest part, and where it begins. */
  private _last: { readonly at: number; readonly bytes: Uint8Array } = { at: 0, bytes: new Uint8Array() };
  private _doubt = false;

  constructor(
    private readonly _size: number,
    private readonly _send: (request: Request) => Promise<Response>,
    private readonly _describe: (found: Resource) => MarkedObject
  ) {}

  async part(number: number, bytes: Uint8Array): Promise<void> {
    const at = this._last.at + this._last.bytes.length;
    if (number > this._number) {
      await this._flush();
      this._number = number;
      this._last = { at, bytes };
    }
  }

  async commit(): Promise<BucketObject> {
    const done = await this._flush();
    if (!done) {
      throw new ServiceFailure('other', 'the upload ended without an object');
    }
    return done;
  }

  async abort(): Promise<void> {
    await this._send({ method: 'DELETE', headers: { 'content-length': '0' } });
  }

  /** Send what the session has not of the newest part; gives the object when it was the last part. */
  private async _flush(): Promise<BucketObject | null> {
    if (this._doubt) {
      const done = await this._ask();
      if (done) {
        return done;
      }
    }
    const { at, bytes } = this._last;
    const rest = bytes.subarray(this._sent - at);
    if (rest.length === 0) {
      return null;
    }
    const end = this._sent + rest.length;
    this._doubt = true;
    const range = `bytes ${this._sent}-${end - 1}/${this._size}`;
    const answer = await this._send({ method: 'PUT', headers: { 'content-range': range }, body: rest });
    this._doubt = false;
    this._sent = end;
    return this._objectOf(answer);
  }

  private async _ask(): Promise<BucketObject | null> {
    const answer = await this._send({ method: 'PUT', headers: { 'content-range': `bytes */${this._size}` } });
    const range = /bytes=0-(\d+)/.exec(answer.headers.get('range') ?? '');
    this._sent = range ? Number(range[1]) + 1 : 0;
    return this._objectOf(answer);
  }

  private async _objectOf(answer: Response): Promise<BucketObject | null> {
    if (answer.status === 308) {
      await answer.body?.cancel();
      return null;
    }
    return this._describe((await answer.json()) as Resource);
  }
}
