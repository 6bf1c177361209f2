import { sameHash, spellHash } from '../../core/chunk/hash';
import { BranchbookError, hasCode } from '../../core/error';
import { CHUNK_HEADER_BYTES } from '../../core/format/xorb';
import type { Catalog } from './catalog';
import type { ChunkPlace } from './chunk-table';
import type { IChunkSource } from './receive';
import { XorbShelf, SHELF_BYTES } from './xorb-reader';
import type { XorbTools } from './xorb-reader';
import type { XorbWriter } from './xorb-writer';

/** Chunks that were read last from what the session wrote: a content of zeros is one chunk again and again. */
const RECENT = 16;

/** Bytes of chunks that the store has, or that the session has just written. */
export class SessionChunks implements IChunkSource {
  private readonly _shelf: XorbShelf;
  private readonly _recent = new Map<number, Uint8Array>();

  /** `pathOf`: where the session's pack of that number lies now. */
  constructor(
    private readonly _tools: XorbTools & { readonly catalog: Catalog },
    private readonly _writer: XorbWriter,
    private readonly _pathOf: (ordinal: number) => Promise<string>
  ) {
    this._shelf = new XorbShelf(_tools, new Uint8Array(SHELF_BYTES));
  }

  async stored({ xorb, index }: ChunkPlace, length: number): Promise<Uint8Array> {
    const run = { start: index, end: index + 1, at: 0, bytes: length, from: 0, to: length };
    for await (const bytes of this._shelf.read({ xorb: this._tools.catalog.xorbs[xorb]!, ...run })) {
      return bytes;
    }
    throw new BranchbookError('INTERNAL', 'A chunk without bytes is stored.');
  }

  async written(entry: number): Promise<Uint8Array> {
    const bytes = this._recent.get(entry) ?? (await this._read(entry));
    this._recent.set(entry, bytes);
    if (this._recent.size > RECENT) {
      this._recent.delete(this._recent.keys().next().value!);
    }
    return bytes;
  }

  close(): Promise<void> {
    return this._shelf.close();
  }

  private async _read(entry: number): Promise<Uint8Array> {
    await this._writer.settle();
    const { table } = this._writer;
    const { xorb, index } = table.place(entry);
    let at = CHUNK_HEADER_BYTES;
    for (let before = entry - index; before < entry; before++) {
      at += CHUNK_HEADER_BYTES + table.length(before);
    }
    const bytes = new Uint8Array(table.length(entry));
    await this._readAt(xorb, at, bytes);
    if (!sameHash(this._tools.hasher.hash('chunk', bytes), table.hash(entry))) {
      const chunk = spellHash(table.hash(entry));
      throw new BranchbookError('OBJECT_CORRUPT', `What was just stored is damaged (chunk ${chunk}).`, { chunk });
    }
    return bytes;
  }

  /** A pack may get its name between the look at where it is and its opening. */
  private async _readAt(xorb: number, at: number, bytes: Uint8Array): Promise<void> {
    const open = async () => this._tools.files.open(await this._pathOf(xorb), 'read');
    const handle = await open().catch(error => {
      if (hasCode(error, 'PATH_UNKNOWN')) {
        return open();
      }
      throw error;
    });
    try {
      for (let done = 0, count = -1; count !== 0 && done < bytes.length; done += count) {
        count = await handle.read(bytes.subarray(done), at + done);
      }
    } finally {
      await handle.close();
    }
  }
}
