/**
 * Writes packs and their indexes, version 2 (Documentation/gitformat-pack.adoc), of whole objects: without deltas, which
 * `git gc` makes later. Ten thousand new objects cost as many flushes to the device as one.
 */
import { createHash } from 'node:crypto';
import * as zlib from 'node:zlib';
import type { ObjectId } from '../../core/model/git';
import { compress } from './compress';
import type { ObjectType } from './object-codec';
import { packTypes } from './object-codec';

export type NewObject = { readonly oid: ObjectId; readonly type: ObjectType; readonly content: Uint8Array };

/** `name` is what git calls the files: `pack-<name>.pack` and `pack-<name>.idx`. */
export type Pack = { readonly name: string; readonly pack: Uint8Array; readonly index: Uint8Array };

const PACK_HEADER = 12;
const CHECKSUM = 20;
/** Bytes that a pack has room for at first. */
const FIRST_ROOM = 64 * 1024;

/** Type and size: four bits of the size beside the type, then seven at a time. */
function entryHeader(type: ObjectType, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (packTypes.indexOf(type) << 4) | (size & 0xf);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}

const sha1 = (parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha1');
  parts.forEach(part => hash.update(part));
  return hash.digest();
};

/**
 * A pack that grows in memory, object by object, compressed: callers see to it that it stays small. Nothing is kept of
 * an object but its bytes in the pack and three entries of lists, since there may be a hundred thousand.
 */
export class PackBuilder {
  private _bytes = Buffer.allocUnsafe(FIRST_ROOM);
  private _end = PACK_HEADER;
  private readonly _oids: ObjectId[] = [];
  private readonly _offsets: number[] = [];
  private readonly _crcs: number[] = [];

  /** The objects' ids must differ. */
  async add({ oid, type, content }: NewObject): Promise<void> {
    const header = entryHeader(type, content.length);
    const compressed = await compress(content);
    this._makeRoom(header.length + compressed.length + CHECKSUM);
    const start = this._end;
    this._end += header.copy(this._bytes, this._end);
    this._end += compressed.copy(this._bytes, this._end);
    this._oids.push(oid);
    this._offsets.push(start);
    this._crcs.push(zlib.crc32(this._bytes.subarray(start, this._end)));
  }

  /** Nothing may be added any more. */
  finish(): Pack {
    this._bytes.write('PACK', 0, 'latin1');
    this._bytes.writeUInt32BE(2, 4);
    this._bytes.writeUInt32BE(this._oids.length, 8);
    const checksum = sha1([this._bytes.subarray(0, this._end)]);
    checksum.copy(this._bytes, this._end);
    return {
      name: checksum.toString('hex'),
      pack: this._bytes.subarray(0, this._end + CHECKSUM),
      index: this._encodeIndex(checksum)
    };
  }

  private _makeRoom(bytes: number): void {
    if (this._end + bytes > this._bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this._bytes.length, this._end + bytes));
      this._bytes.copy(larger, 0, 0, this._end);
      this._bytes = larger;
    }
  }

  private _encodeIndex(checksum: Buffer): Buffer {
    const oids = this._oids;
    const sorted = Uint32Array.from(oids.keys()).sort((a, b) => (oids[a]! < oids[b]! ? -1 : 1));
    const header = Buffer.from('ff744f6300000002', 'hex');
    const fanout = Buffer.alloc(256 * 4);
    const ids = Buffer.alloc(sorted.length * 20);
    const offsets = Buffer.alloc(sorted.length * 4);
    const crcs = Buffer.alloc(sorted.length * 4);
    sorted.forEach((object, position) => {
      ids.write(oids[object]!, position * 20, 'hex');
      // How many ids begin with this byte or a smaller one: the last id of each byte tells.
      fanout.writeUInt32BE(position + 1, ids.readUInt8(position * 20) * 4);
      crcs.writeUInt32BE(this._crcs[object]!, position * 4);
      offsets.writeUInt32BE(this._offsets[object]!, position * 4);
    });
    for (let byte = 1; byte < 256; byte += 1) {
      const before = fanout.readUInt32BE((byte - 1) * 4);
      fanout.writeUInt32BE(Math.max(before, fanout.readUInt32BE(byte * 4)), byte * 4);
    }
    const parts = [header, fanout, ids, crcs, offsets, checksum];
    return Buffer.concat([...parts, sha1(parts)]);
  }
}
