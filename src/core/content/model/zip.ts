/** ZIP archives (PKWARE APPNOTE 6.3): the directory, and single entries. */
import type { Activity, Inflate } from '../../port';
import { concatenate, slicedSource } from '../byte-source';
import type { IByteSource } from '../byte-source';
import type { Cursor } from '../cursor';
import { decodeText, malformed, sourceCursor, sourcePieces, streamCursor } from '../cursor';

export type ZipEntry = {
  readonly name: string;
  readonly method: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
};

const FORMAT = 'ZIP archive';
const END_SIGNATURE = 0x06054b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
/** The end record, with the longest comment. */
const MAX_END_BYTES = 22 + 65_535;
const MAX_ENTRIES = 200_000;
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
const MAX_STREAM_BYTES = 512 * 1024 * 1024;

/** FORMAT_INVALID when it is none, or says things that cannot be. */
export async function readZip(source: IByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const { offset, size, entries } = await findDirectory(source);
  if (entries > MAX_ENTRIES || size > MAX_DIRECTORY_BYTES || offset + size > source.size) {
    throw malformed(FORMAT, 'its directory is too large');
  }
  const cursor = sourceCursor(slicedSource(source, offset, offset + size), FORMAT);
  const found = new Map<string, ZipEntry>();
  for (let count = 0; count < entries; count++) {
    const entry = await readEntry(cursor);
    found.set(entry.name, entry);
  }
  return found;
}

type Directory = { readonly offset: number; readonly size: number; readonly entries: number };

async function findDirectory(source: IByteSource): Promise<Directory> {
  const start = Math.max(0, source.size - MAX_END_BYTES);
  const tail = await source.read(start, source.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) {
      const directory = {
        entries: view.getUint16(at + 10, true),
        size: view.getUint32(at + 12, true),
        offset: view.getUint32(at + 16, true)
      };
      const is64 = at >= 20 && view.getUint32(at - 20, true) === LOCATOR_SIGNATURE;
      return is64 ? readEnd64(source, view.getBigUint64(at - 12, true)) : directory;
    }
  }
  throw malformed(FORMAT, 'it has no directory');
}

async function readEnd64(source: IByteSource, offset: bigint): Promise<Directory> {
  const at = Number(offset);
  const bytes = at < source.size ? await source.read(at, at + 56) : new Uint8Array(0);
  if (bytes.length < 56) {
    throw malformed(FORMAT, 'it ends too early');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== END64_SIGNATURE) {
    throw malformed(FORMAT, 'it has no directory');
  }
  const number = (position: number): number => Number(view.getBigUint64(position, true));
  return { entries: number(32), size: number(40), offset: number(48) };
}

async function readEntry(cursor: Cursor): Promise<ZipEntry> {
  await cursor.need(46);
  if (cursor.u32() !== ENTRY_SIGNATURE) {
    throw malformed(FORMAT, 'its directory is damaged');
  }
  await cursor.skip(6);
  const method = cursor.u16();
  await cursor.skip(8);
  const [compressed, size] = [cursor.u32(), cursor.u32()];
  const [nameLength, extraLength, commentLength] = [cursor.u16(), cursor.u16(), cursor.u16()];
  await cursor.skip(8);
  const offset = cursor.u32();
  await cursor.need(nameLength + extraLength);
  const name = decodeText(cursor.take(nameLength));
  const wide = wideSizes(cursor.take(extraLength), { size, compressed, offset });
  await cursor.skip(commentLength);
  return { name, method, ...wide };
}

type Sizes = Pick<ZipEntry, 'size' | 'compressed' | 'offset'>;

/** The ZIP64 extra field has the numbers that do not fit into 32 bits, in this order. */
function wideSizes(extra: Uint8Array, sizes: Sizes): Sizes {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === 1) {
      let next = at + 4;
      const end = Math.min(next + length, extra.length);
      const widen = (value: number): number => {
        if (value !== 0xffffffff || next + 8 > end) {
          return value;
        }
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      };
      return { size: widen(sizes.size), compressed: widen(sizes.compressed), offset: widen(sizes.offset) };
    }
    at += 4 + length;
  }
  return sizes;
}

/** An entry's content from front to back. */
export async function openEntry(
  source: IByteSource,
  entry: ZipEntry,
  inflate: Inflate,
  activity: Activity
): Promise<Cursor> {
  const data = await entryData(source, entry);
  if (entry.method === 0) {
    return sourceCursor(data, FORMAT);
  }
  const bounds = { format: FORMAT, limit: MAX_STREAM_BYTES, activity };
  return streamCursor(inflate(sourcePieces(data), 'deflate'), bounds);
}

/** A small entry as a whole; FORMAT_INVALID when it is larger than `limit` bytes, whatever the directory says. */
export async function readWholeEntry(
  source: IByteSource,
  entry: ZipEntry,
  inflate: Inflate,
  limit: number
): Promise<Uint8Array> {
  const data = await entryData(source, entry);
  const pieces = entry.method === 0 ? sourcePieces(data) : inflate(sourcePieces(data), 'deflate');
  const bytes = await concatenate(pieces, Math.min(entry.size, limit) + 1);
  if (bytes.length > limit) {
    throw malformed(FORMAT, `${entry.name.slice(0, 100)} in it is too large`);
  }
  return bytes;
}

async function entryData(source: IByteSource, entry: ZipEntry): Promise<IByteSource> {
  const header = entry.offset < source.size ? await source.read(entry.offset, entry.offset + 30) : new Uint8Array(0);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < 30 || view.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw malformed(FORMAT, 'its directory is damaged');
  }
  if (entry.method !== 0 && entry.method !== 8) {
    throw malformed(FORMAT, 'it is compressed in a way that is not known here');
  }
  const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.compressed > source.size) {
    throw malformed(FORMAT, 'it ends too early');
  }
  return slicedSource(source, start, start + entry.compressed);
}
