/** A content as its chunks lie in packs: what is sent to other stores. */
import { HASH_BYTES } from '../../core/chunk/hash';
import { CHUNK_HEADER_BYTES, encodeChunkHeader } from '../../core/format/xorb';
import type { ContentChunks } from '../../core/port';
import type { FileRecord, FileTerm } from './catalog';
import { readSource } from './read-file';
import type { ReadTools } from './read-tools';
import { isCorrupt } from './xorb-map';
import { XorbShelf } from './xorb-reader';

export async function contentChunks(tools: ReadTools, record: FileRecord): Promise<ContentChunks> {
  const count = record.terms.reduce((sum, term) => sum + term.end - term.start, 0);
  const hashes = new Uint8Array(count * HASH_BYTES);
  const [lengths, stored] = [new Uint32Array(count), new Uint32Array(count)];
  const buffer = tools.buffers.take();
  const shelf = new XorbShelf(tools, buffer);
  let at = 0;
  try {
    for (const { xorb, start, end } of record.terms) {
      const list = await tools.catalog.chunks(xorb);
      const storedAt = await storedLengths(tools, shelf, xorb);
      for (let index = start; index < end; index++, at++) {
        hashes.set(list.hash(index), at * HASH_BYTES);
        lengths[at] = list.length(index);
        stored[at] = storedAt ? storedAt(index) : lengths[at]!;
      }
    }
  } finally {
    await shelf.close();
    tools.buffers.give(buffer);
  }
  const { sha256, xetHash, size } = record;
  return { sha256, xetHash, size, hashes, lengths, stored };
}

/** null for packs that are stored as they are: they need not be opened. */
async function storedLengths(
  { catalog }: ReadTools,
  shelf: XorbShelf,
  xorb: number
): Promise<((index: number) => number) | null> {
  const record = catalog.xorbs[xorb]!;
  if (record.storedBytes === record.bytes + (record.listing?.chunks ?? 0) * CHUNK_HEADER_BYTES) {
    return null;
  }
  const map = await shelf.map(record);
  return index => (map.offset(index + 1) ?? 0) - (map.offset(index) ?? 0) - CHUNK_HEADER_BYTES;
}

/** Chunks `[from, to)` of a content, each behind its header, in pieces that stay valid. OBJECT_CORRUPT. */
export async function* packedChunks(
  tools: ReadTools,
  record: FileRecord,
  from: number,
  to: number
): AsyncGenerator<Uint8Array> {
  const buffer = tools.buffers.take();
  const shelf = new XorbShelf(tools, buffer);
  let first = 0;
  try {
    for (const term of record.terms) {
      const count = term.end - term.start;
      const [start, end] = [Math.max(from - first, 0), Math.min(to - first, count)];
      if (start < end) {
        yield* packedOfTerm(tools, shelf, record, { ...term, start: term.start + start, end: term.start + end });
      }
      first += count;
    }
  } finally {
    await shelf.close();
    tools.buffers.give(buffer);
  }
}

/** Chunks `[start, end)` of the pack that a term names; `at` is where the whole term lies. */
async function* packedOfTerm(
  tools: ReadTools,
  shelf: XorbShelf,
  record: FileRecord,
  { xorb, start, end }: FileTerm
): AsyncGenerator<Uint8Array> {
  let index = start;
  try {
    for await (const run of shelf.readPacked(tools.catalog.xorbs[xorb]!, start, end)) {
      yield run.bytes;
      index = run.end;
    }
  } catch (error) {
    // Only what is stored as it is has the same length wherever else it is found.
    if (!isCorrupt(error) || (await storedLengths(tools, shelf, xorb).catch(() => true))) {
      throw error;
    }
    yield* elsewhere(tools, record, xorb, index, end);
  }
}

/** The same chunks from wherever else they are. */
async function* elsewhere(
  tools: ReadTools,
  record: FileRecord,
  xorb: number,
  start: number,
  end: number
): AsyncGenerator<Uint8Array> {
  const list = await tools.catalog.chunks(xorb);
  const source = { sha256: record.sha256, size: record.size, record };
  for (let index = start; index < end; index++) {
    const at = placeOf(record, xorb, index, list);
    const packed = new Uint8Array(CHUNK_HEADER_BYTES + list.length(index));
    encodeChunkHeader(packed, 0, list.length(index));
    let filled = CHUNK_HEADER_BYTES;
    for await (const bytes of readSource(tools, source, at, at + list.length(index))) {
      packed.set(bytes, filled);
      filled += bytes.length;
    }
    yield packed;
  }
}

/** Where a chunk of a pack lies in the content. */
function placeOf(record: FileRecord, xorb: number, index: number, list: { length(index: number): number }): number {
  const term = record.terms.find(({ xorb: of, start, end }) => of === xorb && start <= index && index < end)!;
  let at = term.at;
  for (let before = term.start; before < index; before++) {
    at += list.length(before);
  }
  return at;
}
