/**
 * Arrow files and streams (Feather 2) as tables: DuckDB's own reader is an extension that would have to be downloaded.
 * A file is a stream between two marks; its record batches are read one by one.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow';
import type { RecordBatch, Schema } from 'apache-arrow';
import { decompress as decompressZstd } from 'fzstd';
import { throwIfCancelled } from '../../core/cancel';
import { BranchbookError } from '../../core/error';
import { decodeLz4Frame } from '../../core/format/lz4';
import type { Activity, IFileHandle, IFileSystem } from '../../core/port';
import { columnOf, valueReader } from './arrow-column';
import type { Library } from './arrow-column';

const MAGIC = 'ARROW1';
const MAGIC_PADDED = 8;
const PIECE = 1024 * 1024;
/** Rows that DuckDB takes at a time. */
const CHUNK = 2048;

/** FORMAT_INVALID when it is damaged, cut off, or of the first version of Feather. */
export async function importArrow(
  library: Library,
  connection: DuckDBConnection,
  source: { readonly files: IFileSystem; readonly file: string; readonly table: string },
  activity: Activity
): Promise<void> {
  registerCodecs();
  const handle = await source.files.open(source.file, 'read');
  try {
    const reader = await RecordBatchReader.from(pieces(handle, await streamOf(handle)));
    await reader.open({ autoDestroy: false });
    await createTable(library, connection, source.table, reader.schema);
    for await (const batch of reader) {
      await append(library, connection, source.table, batch as RecordBatch, activity);
    }
  } catch (error) {
    throw error instanceof BranchbookError ? error : damaged(error instanceof Error ? error.message : String(error));
  } finally {
    await handle.close();
  }
}

function damaged(reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `It cannot be read as Arrow: ${reason}.`,
    { format: 'arrow', reason },
    'The version itself is fine: `branchbook get` gives the file.'
  );
}

/** Where the stream lies: all of it, or between the marks of a file. */
async function streamOf(handle: IFileHandle): Promise<readonly [start: number, end: number]> {
  const { size } = await handle.stat();
  const text = async (at: number): Promise<string> => {
    const bytes = new Uint8Array(MAGIC.length);
    return new TextDecoder('latin1').decode(bytes.subarray(0, await handle.read(bytes, Math.max(0, at))));
  };
  const head = await text(0);
  if (head.startsWith('FEA1')) {
    throw damaged('it is of the first version of Feather, which is out of use');
  }
  if (head !== MAGIC) {
    return [0, size];
  }
  if ((await text(size - MAGIC.length)) !== MAGIC || size <= 2 * MAGIC_PADDED) {
    throw damaged('it is cut off');
  }
  return [MAGIC_PADDED, size];
}

async function* pieces(handle: IFileHandle, [start, end]: readonly [number, number]): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const buffer = new Uint8Array(Math.min(PIECE, end - at));
    const length = await handle.read(buffer, at);
    if (length === 0) {
      return;
    }
    at += length;
    yield buffer.subarray(0, length);
  }
}

let registered = false;

/** pandas compresses Feather with LZ4, as a rule. */
function registerCodecs(): void {
  if (registered) {
    return;
  }
  registered = true;
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: bytes => decodeLz4Frame(bytes, lengthBefore(bytes)) });
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: bytes => decompressZstd(bytes, new Uint8Array(lengthBefore(bytes)))
  });
}

/** Each buffer begins with the length of what it holds; the reader gives what comes after it. */
function lengthBefore(bytes: Uint8Array): number {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset - 8, 8).getBigInt64(0, true));
  if (length < 0 || length > 2 ** 31) {
    throw damaged('a buffer is longer than can be');
  }
  return length;
}

async function createTable(
  library: Library,
  connection: DuckDBConnection,
  table: string,
  schema: Schema
): Promise<void> {
  const taken = new Set<string>();
  const columns = schema.fields.map(({ name, type }) => `${quote(free(name, taken))} ${columnOf(library, type).type}`);
  if (columns.length === 0) {
    throw damaged('it has no columns');
  }
  await connection.run(`CREATE OR REPLACE TABLE ${quote(table)} (${columns.join(', ')})`);
}

/** Column names differ by more than their case in DuckDB. */
function free(name: string, taken: Set<string>): string {
  let own = name;
  for (let n = 1; taken.has(own.toLowerCase()); n += 1) {
    own = `${name}_${n}`;
  }
  taken.add(own.toLowerCase());
  return own;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function append(
  library: Library,
  connection: DuckDBConnection,
  table: string,
  batch: RecordBatch,
  activity: Activity
): Promise<void> {
  const columns = batch.schema.fields.map(field => columnOf(library, field.type));
  const readers = columns.map((column, i) => valueReader(column, batch.data.children[i]!));
  const types = columns.map(column => column.type);
  const appender = await connection.createAppender(table);
  try {
    for (let at = 0; at < batch.numRows; at += CHUNK) {
      throwIfCancelled(activity);
      const length = Math.min(CHUNK, batch.numRows - at);
      const chunk = library.DuckDBDataChunk.create(types, length);
      readers.forEach((read, i) =>
        chunk.setColumnValues(
          i,
          Array.from({ length }, (_, row) => read(at + row))
        )
      );
      appender.appendDataChunk(chunk);
      // Between chunks others have their turn.
      await new Promise(resolve => setImmediate(resolve));
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
