/** Where the content of a file comes from, and its verified bytes. */
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import { REPAIR } from './catalog';
import type { FileRecord, XorbRecord } from './catalog';
import type { ReadTools } from './read-tools';
import { runsOf } from './run';
import type { Run } from './run';
import { markDamaged, readCopies } from './second-copy';
import { findWhole, readWhole } from './whole-file';
import { isCorrupt } from './xorb-map';
import { XorbShelf } from './xorb-reader';

/** Bytes of the pieces given out. */
const PIECE_BYTES = 1024 * 1024;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HOW_TO_GET_IT =
  'Get it with `git lfs fetch --all` if a git-lfs remote has it, or snapshot the file again where it still exists.';

/** A content that is here; `record` is null when only files hold it as a whole, and for the empty file. */
export type Source = { readonly sha256: Sha256; readonly size: number; readonly record: FileRecord | null };

export function isEmptyFile(sha256: Sha256): boolean {
  return sha256 === EMPTY_SHA256;
}

/** ASSET_MISSING; OBJECT_CORRUPT when a manifest that cannot be read may have known it. */
export async function sourceOf(tools: ReadTools, sha256: Sha256): Promise<Source> {
  if (isEmptyFile(sha256)) {
    return { sha256, size: 0, record: null };
  }
  await tools.catalog.refresh();
  const records = tools.catalog.records(sha256);
  // An only record is taken as it is: what is damaged in it shows when it is read.
  const record = records.length > 1 ? (await tools.catalog.file(sha256))!.record : records[0];
  if (record) {
    return { sha256, size: record.size, record };
  }
  const file = await findWhole(tools, sha256);
  if (file) {
    return { sha256, size: file.size, record: null };
  }
  throw missing(tools, sha256);
}

/** Why a content that was not found is not. */
export function missing({ catalog }: ReadTools, sha256: Sha256): BranchbookError {
  const [damaged] = catalog.damagedShards;
  if (damaged) {
    const message = `The content ${sha256} is not in the store, but a manifest is damaged: ${damaged[0]}.`;
    return new BranchbookError('OBJECT_CORRUPT', message, { sha256, shard: damaged[0], repair: REPAIR }, REPAIR);
  }
  return new BranchbookError('ASSET_MISSING', `The content ${sha256} is not here.`, { sha256 }, HOW_TO_GET_IT);
}

/** Verified bytes `[from, to)` in pieces, each valid until the next. OBJECT_CORRUPT instead of any wrong byte. */
export async function* readSource(
  tools: ReadTools,
  { sha256, record }: Source,
  from: number,
  to: number
): AsyncGenerator<Uint8Array> {
  if (from < to) {
    yield* record ? readRecord(tools, record, { from, to, failed: new Set() }) : readWhole(tools, sha256, from, to);
  }
}

/** Bytes wanted, and the packs that turned out not to have what they should. */
type Wanted = { readonly from: number; readonly to: number; readonly failed: Set<XorbRecord> };

async function* readRecord(tools: ReadTools, record: FileRecord, wanted: Wanted): AsyncGenerator<Uint8Array> {
  const { failed } = wanted;
  const buffer = tools.buffers.take();
  const shelf = new XorbShelf(tools, buffer);
  try {
    for (const run of runsOf(tools.catalog, record, wanted.from, wanted.to)) {
      let at = run.from;
      try {
        for await (const bytes of shelf.read(run)) {
          yield bytes;
          at += bytes.length;
        }
      } catch (error) {
        if (!isCorrupt(error)) {
          throw error;
        }
        failed.add(run.xorb);
        yield* readAgain(tools, record, { run: { ...run, from: at }, error, failed });
      }
    }
  } finally {
    await shelf.close();
    tools.buffers.give(buffer);
  }
}

type Failure = { readonly run: Run; readonly error: BranchbookError; readonly failed: Set<XorbRecord> };

/** A collector may have moved the bytes meanwhile, or the file was stored more than once, or its chunks were. */
async function* readAgain(
  tools: ReadTools,
  record: FileRecord,
  { run, error, failed }: Failure
): AsyncGenerator<Uint8Array> {
  await tools.catalog.refresh();
  await markDamaged(tools, run.xorb);
  const now = (await tools.catalog.file(record.sha256))?.record;
  if (now && !runsOf(tools.catalog, now, run.from, run.to).some(({ xorb }) => failed.has(xorb))) {
    yield* readRecord(tools, now, { from: run.from, to: run.to, failed });
  } else {
    yield* readCopies(tools, record, run, error);
  }
}

/** The same bytes in pieces of 1 MiB that stay valid. */
export async function* inPieces(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(Math.min(PIECE_BYTES, size));
  let filled = 0;
  let left = size;
  for await (const bytes of source) {
    for (let done = 0; done < bytes.length;) {
      const count = Math.min(bytes.length - done, piece.length - filled);
      piece.set(bytes.subarray(done, done + count), filled);
      filled += count;
      done += count;
      if (filled === piece.length) {
        yield piece;
        left -= filled;
        piece = new Uint8Array(Math.min(PIECE_BYTES, left));
        filled = 0;
      }
    }
  }
}
