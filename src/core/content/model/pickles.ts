/** Model files that are pickles: plain, of joblib (also compressed), and of PyTorch (in a ZIP archive, or several in a row). */
import type { Activity, CompressedForm, Inflate } from '../../port';
import type { IByteSource } from '../byte-source';
import { malformed, sourceCursor, sourcePieces, streamCursor } from '../cursor';
import type { Cursor } from '../cursor';
import { describeObject } from '../pickle/estimator';
import { FORMAT } from '../pickle/machine';
import { scanPickle } from '../pickle/scan';
import { describeTorch } from '../pickle/torch';
import type { PickleValue } from '../pickle/value';
import { modelFile } from './describe';
import type { ModelFile } from './describe';
import { openEntry, readZip } from './zip';

const MAX_UNFOLDED_BYTES = 4 * 1024 * 1024 * 1024;
/** The first pickle of a PyTorch file of before version 1.6, as a long of ten bytes. */
const TORCH_MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** FORMAT_INVALID, CANCELLED. */
export async function readPickle(source: IByteSource, inflate: Inflate, activity: Activity): Promise<ModelFile> {
  const head = await source.read(0, 64);
  if (head[0] === 0x50 && head[1] === 0x4b) {
    return readTorchZip(source, inflate, activity);
  }
  const other = otherCompression(head);
  if (other) {
    return modelFile('pickle', { notices: [`Compressed with ${other}, which is not read here.`] });
  }
  const form = compressionOf(head);
  const cursor = form
    ? streamCursor(inflate(sourcePieces(source), form), { format: FORMAT, limit: MAX_UNFOLDED_BYTES, activity })
    : sourceCursor(source, FORMAT);
  if (TORCH_MAGIC.every((byte, index) => head[index + 2] === byte)) {
    return readOldTorch(cursor, activity);
  }
  return modelFile('pickle', describeObject(await scanPickle(cursor, activity)));
}

function compressionOf(head: Uint8Array): CompressedForm | null {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    return 'gzip';
  }
  return head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1]!) ? 'zlib' : null;
}

function otherCompression(head: Uint8Array): string | null {
  const starts = (...bytes: readonly number[]): boolean => bytes.every((byte, index) => head[index] === byte);
  if (starts(0x42, 0x5a, 0x68)) {
    return 'bzip2';
  }
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a) || starts(0x5d, 0x00, 0x00)) {
    return 'LZMA';
  }
  return starts(0x04, 0x22, 0x4d, 0x18) ? 'LZ4' : null;
}

async function readTorchZip(source: IByteSource, inflate: Inflate, activity: Activity): Promise<ModelFile> {
  const entries = await readZip(source);
  const entry = [...entries.values()].find(({ name }) => /(^|\/)data\.pkl$/.test(name));
  if (!entry) {
    throw malformed('PyTorch checkpoint', 'the archive has no data.pkl');
  }
  return torchFile(await scanPickle(await openEntry(source, entry, inflate, activity), activity, true));
}

/** A magic number, the version of the protocol, facts of the machine, then the object. */
async function readOldTorch(cursor: Cursor, activity: Activity): Promise<ModelFile> {
  for (let index = 0; index < 3; index++) {
    await scanPickle(cursor, activity, true);
  }
  return torchFile(await scanPickle(cursor, activity, true));
}

function torchFile(root: PickleValue): ModelFile {
  return modelFile('pytorch', { framework: 'pytorch', ...describeTorch(root) });
}
