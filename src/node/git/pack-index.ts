/** The index of a pack, version 2 (Documentation/gitformat-pack.adoc): where each object begins. */
import type { ObjectId } from '../../core/model/git';
import { asBuffer } from './bytes';

const FANOUT = 8;
const IDS = FANOUT + 256 * 4;
const ID = 20;
const MAGIC = 'ff744f6300000002';
const LARGE_OFFSET = 0x8000_0000;

/** Answers from the bytes of the file: nothing is built from them. */
export class PackIndex {
  private readonly _bytes: Buffer;
  private readonly _count: number;

  private constructor(bytes: Uint8Array) {
    this._bytes = asBuffer(bytes);
    this._count = this._bytes.readUInt32BE(IDS - 4);
  }

  /** Null for what is no index of version 2, or damaged so that it does not hold what it should: git says which. */
  static decode(bytes: Uint8Array): PackIndex | null {
    if (bytes.length < IDS || asBuffer(bytes).toString('hex', 0, FANOUT) !== MAGIC) {
      return null;
    }
    const index = new PackIndex(bytes);
    return index._isSound() ? index : null;
  }

  has(oid: ObjectId): boolean {
    return this._position(oid) >= 0;
  }

  /** Where the object begins in the pack, or -1. RangeError when that is damaged. */
  find(oid: ObjectId): number {
    const position = this._position(oid);
    return position < 0 ? -1 : this._offset(position);
  }

  /** Where the objects begin, all of them, from the front to the back. */
  offsets(): readonly number[] {
    return Array.from({ length: this._count }, (_, position) => this._offset(position)).sort((a, b) => a - b);
  }

  /** Ids that begin with `prefix`. */
  expand(prefix: string): readonly ObjectId[] {
    const found: ObjectId[] = [];
    // The least id that begins so.
    const first = Buffer.from(prefix.padEnd(2 * ID, '0'), 'hex');
    for (let position = this._firstFrom(first); position < this._count; position += 1) {
      const oid = this._id(position);
      if (!oid.startsWith(prefix)) {
        break;
      }
      found.push(oid);
    }
    return found;
  }

  /** Whether the counts rise and everything they count is there: `find` then stays within the bytes. */
  private _isSound(): boolean {
    let last = 0;
    for (let at = FANOUT; at < IDS; at += 4) {
      const count = this._bytes.readUInt32BE(at);
      if (count < last) {
        return false;
      }
      last = count;
    }
    return this._bytes.length >= IDS + this._count * (ID + 8) + 2 * ID;
  }

  /** Which of the ids it is, or -1. */
  private _position(oid: ObjectId): number {
    const wanted = Buffer.from(oid, 'hex');
    const position = this._firstFrom(wanted);
    return position < this._count && this._compare(position, wanted) === 0 ? position : -1;
  }

  /** Position of the first id that is not less than `wanted`. */
  private _firstFrom(wanted: Buffer): number {
    const first = wanted.readUInt8(0);
    let low = first === 0 ? 0 : this._bytes.readUInt32BE(FANOUT + (first - 1) * 4);
    let high = this._bytes.readUInt32BE(FANOUT + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this._compare(middle, wanted) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How an id compares with `wanted`: in place, since making a text of each would cost ten times as much. */
  private _compare(position: number, wanted: Buffer): number {
    const start = IDS + position * ID;
    return this._bytes.compare(wanted, 0, ID, start, start + ID);
  }

  private _id(position: number): ObjectId {
    return this._bytes.toString('hex', IDS + position * ID, IDS + (position + 1) * ID);
  }

  private _offset(position: number): number {
    const offsets = IDS + this._count * (ID + 4);
    const offset = this._bytes.readUInt32BE(offsets + position * 4);
    return offset < LARGE_OFFSET
      ? offset
      : Number(this._bytes.readBigUInt64BE(offsets + this._count * 4 + (offset - LARGE_OFFSET) * 8));
  }
}
