import { sameHash, spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError, hasCode } from '../../core/error';
import type { ChunkList } from '../../core/format/shard';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader } from '../../core/format/xorb';
import type { IFileHandle, IFileSystem } from '../../core/port';
import { REPAIR } from './catalog';
import type { Catalog, XorbRecord } from './catalog';
import type { Layout } from './layout';

/** Bytes read at once. */
const READ_BYTES = 1024 * 1024;

/** One open xorb; every chunk it gives has been compared with its hash. */
export class XorbReader {
  private _offsets: readonly number[] | null = null;
  private _window: { readonly bytes: Uint8Array; readonly at: number } | null = null;
  private readonly _buffer = new Uint8Array(READ_BYTES);

  private constructor(
    private readonly _handle: IFileHandle,
    private readonly _hasher: IHasher,
    readonly record: XorbRecord,
    readonly chunks: ChunkList
  ) {}

  /** OBJECT_CORRUPT when the xorb is missing or nobody knows its chunks. */
  static async open(
    tools: {
      readonly files: IFileSystem;
      readonly layout: Layout;
      readonly catalog: Catalog;
      readonly hasher: IHasher;
    },
    number: number
  ): Promise<XorbReader> {
    const record = tools.catalog.xorbs[number]!;
    const chunks = await tools.catalog.chunks(number);
    try {
      const handle = await tools.files.open(tools.layout.xorb(record.hash), 'read');
      return new XorbReader(handle, tools.hasher, record, chunks);
    } catch (error) {
      throw hasCode(error, 'PATH_UNKNOWN') ? corrupt(record, 'the pack is missing') : error;
    }
  }

  async close(): Promise<void> {
    await this._handle.close();
  }

  /** A verified chunk; valid until the next one is read. OBJECT_CORRUPT when its bytes are not what they should be. */
  async chunk(index: number): Promise<Uint8Array> {
    const offsets = (this._offsets ??= await this._locate());
    const expected = this.chunks.hash(index);
    const serialized = await this._bytes(offsets[index]!, offsets[index + 1]! - offsets[index]!);
    const chunk = this._decode(serialized, expected);
    if (!sameHash(this._hasher.hash('chunk', chunk), expected)) {
      throw corrupt(this.record, 'its bytes do not match their hash', spellHash(expected));
    }
    return chunk;
  }

  private _decode(serialized: Uint8Array, expected: Uint8Array): Uint8Array {
    try {
      const header = decodeChunkHeader(serialized, 0);
      return decodeChunk(header, serialized.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + header.stored));
    } catch (error) {
      throw corrupt(this.record, BranchbookError.from(error).message, spellHash(expected));
    }
  }

  /** Where each chunk starts, and where the last one ends. */
  private async _locate(): Promise<readonly number[]> {
    const { chunks, record } = this;
    const isRaw = record.storedBytes === record.bytes + chunks.count * CHUNK_HEADER_BYTES;
    const offsets = [0];
    const header = new Uint8Array(CHUNK_HEADER_BYTES);
    for (let index = 0; index < chunks.count; index++) {
      let stored = chunks.length(index);
      if (!isRaw) {
        await this._handle.read(header, offsets[index]!);
        stored = this._header(header, index).stored;
      }
      offsets.push(offsets[index]! + CHUNK_HEADER_BYTES + stored);
    }
    return offsets;
  }

  private _header(bytes: Uint8Array, index: number): { readonly stored: number } {
    try {
      return decodeChunkHeader(bytes, 0);
    } catch (error) {
      throw corrupt(this.record, BranchbookError.from(error).message, spellHash(this.chunks.hash(index)));
    }
  }

  /** Bytes of the file from the window that was read last, or from a new one that starts here. */
  private async _bytes(at: number, length: number): Promise<Uint8Array> {
    let window = this._window;
    if (!window || at < window.at || at + length > window.at + window.bytes.length) {
      window = { bytes: await this._fill(at), at };
      this._window = window;
    }
    return window.bytes.subarray(at - window.at, at - window.at + length);
  }

  private async _fill(at: number): Promise<Uint8Array> {
    let done = 0;
    for (let count = -1; count !== 0 && done < this._buffer.length; done += count) {
      count = await this._handle.read(this._buffer.subarray(done), at + done);
    }
    return this._buffer.subarray(0, done);
  }
}

function corrupt(record: XorbRecord, reason: string, chunk?: string): BranchbookError {
  const message = `Stored data is damaged: ${reason} (pack ${record.hash}${chunk ? `, chunk ${chunk}` : ''}).`;
  const data = { xorb: record.hash, ...(chunk ? { chunk } : {}), reason, repair: REPAIR };
  return new BranchbookError('OBJECT_CORRUPT', message, data, REPAIR);
}
