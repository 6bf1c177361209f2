/** Reads the objects of one pack (Documentation/gitformat-pack.adoc). */
import type { IFileHandle, IFileSystem } from '../../core/port';
import type { ObjectId } from '../../core/model/git';
import { decompress, decompressStart } from './compress';
import { applyDelta, deltaResultSize } from './delta';
import { MAX_OBJECT_BYTES, packTypes } from './object-codec';
import type { ObjectType } from './object-codec';
import type { PackIndex } from './pack-index';

export type PackedObject = { readonly type: ObjectType; readonly content: Uint8Array };

/** Type of an entry that is a delta to the one a distance before it, or to the one with an id. */
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;
/** Longest header: type and size, and the id of a delta's base. */
const HEADER = 32;
/** Read with the header: most entries are small, and then one read does. */
const FIRST_READ = 4096;
/** Enough for a header and the first numbers of a delta. */
const PEEK = 128;
/** What a small object is made from. git looks for bases of at most 32 times its size. */
const MAX_SMALL_BASE = 4 * 1024 * 1024;
/** git makes none longer than this. */
const MAX_DEPTH = 4095;

/** The bytes of a pack. */
export type PackBytes = Pick<IFileHandle, 'read'>;

type Entry = {
  readonly kind: number;
  readonly size: number;
  /** Where a delta's base begins; -1 for a whole object. */
  readonly base: number;
  readonly content: Uint8Array;
};

export class PackFile {
  /** @param path of the `.pack` */
  constructor(
    private readonly _files: IFileSystem,
    readonly path: string,
    readonly index: PackIndex
  ) {}

  /** Errors of any kind when the pack is damaged or gone. The content is not yet verified against an id. */
  async read(offset: number): Promise<PackedObject> {
    const handle = await this._files.open(this.path, 'read');
    try {
      return await this._resolve(handle, offset);
    } finally {
      await handle.close();
    }
  }

  /** As `read`, from the pack that is open already. */
  readFrom(bytes: PackBytes, offset: number): Promise<PackedObject> {
    return this._resolve(bytes, offset);
  }

  /**
   * Blobs of at most `limit` bytes, by looking at the beginnings of all others. RangeError when one of them is made of
   * more than `MAX_SMALL_BASE` bytes, which git's own packs never do: it would be built to fill our memory.
   */
  async *smallBlobs(limit: number): AsyncGenerator<Uint8Array> {
    const handle = await this._files.open(this.path, 'read');
    try {
      for (const offset of this.index.offsets()) {
        if ((await this._sizeAt(handle, offset)) <= limit) {
          const { type, content } = await this._resolve(handle, offset, MAX_SMALL_BASE);
          if (type === 'blob') {
            yield content;
          }
        }
      }
    } finally {
      await handle.close();
    }
  }

  /** Bytes of the object that begins there, deltas applied. */
  private async _sizeAt(handle: PackBytes, offset: number): Promise<number> {
    const bytes = await readAt(handle, offset, PEEK);
    const { kind, size, end } = decodeHeader(bytes);
    if (kind !== OFFSET_DELTA && kind !== REFERENCE_DELTA) {
      return size;
    }
    const content = kind === OFFSET_DELTA ? decodeDistance(bytes, end).end : end + 20;
    return deltaResultSize(decompressStart(bytes.subarray(content)));
  }

  private async _resolve(handle: PackBytes, offset: number, most = MAX_OBJECT_BYTES): Promise<PackedObject> {
    const deltas: Uint8Array[] = [];
    let entry = await this._entry(handle, offset, most);
    while (entry.base >= 0) {
      deltas.push(entry.content);
      if (deltas.length > MAX_DEPTH) {
        throw new RangeError('a chain of deltas has no end');
      }
      entry = await this._entry(handle, entry.base, most);
    }
    let { content } = entry;
    for (const delta of deltas.reverse()) {
      checkSize(deltaResultSize(delta), most);
      content = applyDelta(content, delta);
    }
    const type = packTypes[entry.kind];
    if (!type) {
      throw new RangeError(`an object has the unknown type ${entry.kind}`);
    }
    return { type, content };
  }

  private async _entry(handle: PackBytes, offset: number, limit: number): Promise<Entry> {
    let bytes = await readAt(handle, offset, FIRST_READ);
    const { kind, size, end: headerEnd } = decodeHeader(bytes);
    let end = headerEnd;
    checkSize(size, limit);
    let base = -1;
    if (kind === OFFSET_DELTA) {
      const distance = decodeDistance(bytes, end);
      base = offset - distance.value;
      end = distance.end;
    } else if (kind === REFERENCE_DELTA) {
      base = this.index.find(bytes.toString('hex', end, end + 20) as ObjectId);
      end += 20;
    }
    if (kind >= OFFSET_DELTA && (base < 0 || base === offset)) {
      throw new RangeError('the base of a delta is missing');
    }
    // The most that zlib makes of so many bytes (deflateBound).
    const most = HEADER + size + Math.ceil(size / 8) + Math.ceil(size / 64) + 32;
    if (most > bytes.length && bytes.length === FIRST_READ) {
      bytes = await readAt(handle, offset, most);
    }
    const content = await decompress(bytes.subarray(end), size);
    if (content.length !== size) {
      throw new RangeError('an object is shorter than it says');
    }
    return { kind, size, base, content };
  }
}

function checkSize(size: number, most: number): void {
  if (size > most) {
    throw new RangeError(`it has ${size} bytes, more than the ${most} that git objects may have here`);
  }
}

async function readAt(handle: PackBytes, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  for (let count = -1; count !== 0 && filled < length; filled += count) {
    count = await handle.read(buffer.subarray(filled), position + filled);
  }
  return buffer.subarray(0, filled);
}

function decodeHeader(bytes: Buffer): { readonly kind: number; readonly size: number; readonly end: number } {
  let byte = bytes.readUInt8(0);
  const kind = (byte >> 4) & 7;
  let size = byte & 0xf;
  let end = 1;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = bytes.readUInt8(end);
    size += (byte & 0x7f) * scale;
    end += 1;
  }
  return { kind, size, end };
}

function decodeDistance(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let byte = bytes.readUInt8(start);
  let value = byte & 0x7f;
  let end = start + 1;
  while (byte & 0x80) {
    byte = bytes.readUInt8(end);
    value = (value + 1) * 128 + (byte & 0x7f);
    end += 1;
  }
  return { value, end };
}
