/**
 * Writes packs and their indexes, version 2 (Documentation/gitformat-pack.adoc), of whole objects: without deltas, which
 * `git gc` makes later. Ten thousand new objects cost as many flushes to the device as one.
 */
import { createHash } from 'node:crypto';
import * as zlib from 'node:zlib';
import type { ObjectId } from '../../core/model/git';
import { compareBytes } from './bytes';
import { compress } from './compress';
import type { ObjectType } from './object-codec';
import { packTypes } from './object-codec';

export type NewObject = { readonly oid: ObjectId; readonly type: ObjectType; readonly content: Uint8Array };

/** `name` is what git calls the files: `pack-<name>.pack` and `pack-<name>.idx`. */
export type Pack = { readonly name: string; readonly pack: Uint8Array; readonly index: Uint8Array };

type Placed = { readonly oid: ObjectId; readonly offset: number; readonly crc: number };

const PACK_HEADER = 12;

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

/** The objects' ids must differ. All in memory: callers see to it that a pack stays small. */
export async function encodePack(objects: readonly NewObject[]): Promise<Pack> {
  const header = Buffer.alloc(PACK_HEADER);
  header.write('PACK', 0, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [header];
  const placed: Placed[] = [];
  let offset = PACK_HEADER;
  for (const { oid, type, content } of objects) {
    const entry = Buffer.concat([entryHeader(type, content.length), await compress(content)]);
    placed.push({ oid, offset, crc: zlib.crc32(entry) });
    parts.push(entry);
    offset += entry.length;
  }
  const checksum = sha1(parts);
  return {
    name: checksum.toString('hex'),
    pack: Buffer.concat([...parts, checksum]),
    index: encodeIndex(placed, checksum)
  };
}

function encodeIndex(placed: readonly Placed[], checksum: Buffer): Buffer {
  const sorted = [...placed].sort((a, b) => compareBytes(a.oid, b.oid));
  const header = Buffer.from('ff744f6300000002', 'hex');
  const fanout = Buffer.alloc(256 * 4);
  const offsets = Buffer.alloc(sorted.length * 4);
  const crcs = Buffer.alloc(sorted.length * 4);
  sorted.forEach(({ oid, offset, crc }, position) => {
    // How many ids begin with this byte or a smaller one: the last id of each byte tells.
    fanout.writeUInt32BE(position + 1, Number.parseInt(oid.slice(0, 2), 16) * 4);
    crcs.writeUInt32BE(crc, position * 4);
    offsets.writeUInt32BE(offset, position * 4);
  });
  for (let byte = 1; byte < 256; byte += 1) {
    const before = fanout.readUInt32BE((byte - 1) * 4);
    fanout.writeUInt32BE(Math.max(before, fanout.readUInt32BE(byte * 4)), byte * 4);
  }
  const ids = Buffer.from(sorted.map(({ oid }) => oid).join(''), 'hex');
  const parts = [header, fanout, ids, crcs, offsets, checksum];
  return Buffer.concat([...parts, sha1(parts)]);
}
