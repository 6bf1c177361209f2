/** Reads a stream of bytes from front to back, passing over what nobody wants. */
import { throwIfCancelled } from '../cancel';
import { BranchbookError } from '../error';
import type { Activity } from '../port';
import type { IByteSource } from './byte-source';

const PIECE_BYTES = 256 * 1024;

/** Where a cursor gets its bytes: the next piece after passing over `skip` bytes; null at the end. */
type Feed = (skip: number) => Promise<Uint8Array | null>;

/** What is in a file is not what it should be. FORMAT_INVALID. */
export function malformed(format: string, reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', `Not a ${format} that can be read: ${reason}.`, { format, reason });
}

export class Cursor {
  private _bytes = new Uint8Array(0);
  private _view = new DataView(new ArrayBuffer(0));
  private _at = 0;
  private _before = 0;

  /** `format` is for messages. */
  constructor(
    private readonly _feed: Feed,
    readonly format: string
  ) {}

  /** Bytes from the beginning. */
  get position(): number {
    return this._before + this._at;
  }

  /** Bytes that can be taken without waiting. */
  get left(): number {
    return this._bytes.length - this._at;
  }

  /** Make sure of so many bytes. FORMAT_INVALID when there are fewer. */
  async need(count: number): Promise<void> {
    if (!(await this.tryNeed(count))) {
      throw malformed(this.format, 'it ends too early');
    }
  }

  async tryNeed(count: number): Promise<boolean> {
    while (this.left < count) {
      const piece = await this._feed(0);
      if (!piece) {
        return false;
      }
      this._append(piece);
    }
    return true;
  }

  u8(): number {
    return this._bytes[this._at++]!;
  }

  u16(): number {
    return this._view.getUint16(this._forward(2), true);
  }

  i32(): number {
    return this._view.getInt32(this._forward(4), true);
  }

  u32(): number {
    return this._view.getUint32(this._forward(4), true);
  }

  /** Numbers beyond 2^53 are infinite: nothing is that long. */
  u64(): number {
    const value = this._view.getBigUint64(this._forward(8), true);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
  }

  f64BigEndian(): number {
    return this._view.getFloat64(this._forward(8), false);
  }

  /** A copy of the next bytes, all of which are there. */
  take(count: number): Uint8Array {
    return this._bytes.slice(this._forward(count), this._at);
  }

  async skip(count: number): Promise<void> {
    if (count <= this.left) {
      this._at += count;
      return;
    }
    const beyond = count - this.left;
    const target = this.position + count;
    if (!Number.isFinite(target)) {
      throw malformed(this.format, 'it ends too early');
    }
    const piece = await this._feed(beyond);
    this._before = target;
    this._bytes = new Uint8Array(0);
    this._at = 0;
    if (piece) {
      this._append(piece);
    }
  }

  /** Bytes up to the next line feed, which is passed over; more than `limit` are FORMAT_INVALID. */
  async line(limit: number): Promise<Uint8Array> {
    for (let searched = 0; ;) {
      const end = this._bytes.indexOf(10, this._at + searched);
      if (end >= 0) {
        const bytes = this.take(end - this._at);
        this._at += 1;
        return bytes;
      }
      searched = this.left;
      if (searched > limit) {
        throw malformed(this.format, 'a line is too long');
      }
      await this.need(searched + 1);
    }
  }

  private _forward(count: number): number {
    const from = this._at;
    this._at += count;
    return from;
  }

  private _append(piece: Uint8Array): void {
    const bytes = new Uint8Array(this.left + piece.length);
    bytes.set(this._bytes.subarray(this._at));
    bytes.set(piece, this.left);
    this._before += this._at;
    this._at = 0;
    this._bytes = bytes;
    this._view = new DataView(bytes.buffer);
  }
}

const utf8 = new TextDecoder('utf-8');

/** UTF-8; what is not becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** Read a source by jumping. */
export function sourceCursor(source: IByteSource, format: string): Cursor {
  let position = 0;
  return new Cursor(async skip => {
    position += skip;
    if (position > source.size) {
      throw malformed(format, 'it ends too early');
    }
    if (position === source.size) {
      return null;
    }
    const piece = await source.read(position, position + PIECE_BYTES);
    position += piece.length;
    return piece.length === 0 ? null : piece;
  }, format);
}

/** At most `limit` bytes are taken of a stream: a small file may unfold into a huge one. */
type StreamBounds = { readonly format: string; readonly limit: number; readonly activity: Activity };

/** Read a stream; CANCELLED between its pieces. */
export function streamCursor(stream: AsyncGenerator<Uint8Array>, { format, limit, activity }: StreamBounds): Cursor {
  let taken = 0;
  return new Cursor(async skip => {
    for (let left = skip; ;) {
      throwIfCancelled(activity);
      const next = await stream.next();
      if (next.done) {
        if (left > 0) {
          throw malformed(format, 'it ends too early');
        }
        return null;
      }
      taken += next.value.length;
      if (taken > limit) {
        throw malformed(format, `it unfolds into more than ${Math.round(limit / 2 ** 20)} MiB`);
      }
      if (next.value.length > left) {
        return next.value.subarray(left);
      }
      left -= next.value.length;
    }
  }, format);
}

/** The bytes of a source one after the other. */
export async function* sourcePieces(source: IByteSource): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < source.size;) {
    const piece = await source.read(position, position + PIECE_BYTES);
    if (piece.length === 0) {
      return;
    }
    position += piece.length;
    yield piece;
  }
}
