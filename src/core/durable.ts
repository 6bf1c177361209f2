/**
 * Writing files so that what was acknowledged survives a power loss: temporary file in the same directory, flush,
 * rename, flush the directory. See src/core/format/README.md, "Write order".
 */
import { BranchbookError, hasCode } from './error';
import type { IFileSystem } from './port';

const encoder = new TextEncoder();
let counter = 0;

/** The directory part of an absolute path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** True when creating something failed because it exists. */
export function isExisting(error: unknown): boolean {
  return error instanceof BranchbookError && error.data['errno'] === 'EEXIST';
}

/** A name next to `path` that nobody else uses; a stray one is recognisable by its ending `.tmp`. */
export function temporaryName(path: string): string {
  counter += 1;
  return `${path}.${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}-${counter}.tmp`;
}

/** Create a file with these bytes, on the device when this returns; deleted again when that fails. */
export async function writeSynced(files: IFileSystem, path: string, bytes: Uint8Array, mode = 0o666): Promise<void> {
  const handle = await files.open(path, 'create', mode);
  try {
    try {
      await handle.write(bytes, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await unlinkQuietly(files, path);
    throw error;
  }
}

/**
 * Replace `path` by `bytes`, atomically and durably. Readers see the old or the new content, never a mixture, and the
 * new content is on the device when this returns. The directory must exist, and that of `temporary`, which a crash leaves.
 */
export async function writeDurable(
  files: IFileSystem,
  path: string,
  bytes: Uint8Array,
  mode = 0o666,
  temporary = temporaryName(path)
): Promise<void> {
  await writeSynced(files, temporary, bytes, mode);
  try {
    await files.rename(temporary, path);
  } catch (error) {
    await unlinkQuietly(files, temporary);
    throw error;
  }
  await files.syncDirectory(parentOf(path));
}

/** Replace `path` in one step, without flushing: for what costs only time when it is lost. */
export async function writeLightly(files: IFileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  const handle = await files.open(temporary, 'create');
  try {
    await handle.write(bytes, 0);
  } finally {
    await handle.close();
  }
  await files.rename(temporary, path);
}

/** Delete a file of ours; a failure leaves garbage at worst, and must not hide the failure being handled. */
export async function unlinkQuietly(files: IFileSystem, path: string): Promise<void> {
  await files.unlink(path).catch(() => undefined);
}

/** Create a directory and its missing ancestors, durably. */
export async function ensureDirectory(files: IFileSystem, path: string): Promise<void> {
  const stat = await files.lstat(path);
  if (stat?.kind === 'directory') {
    return;
  }
  const parent = parentOf(path);
  if (parent !== path) {
    await ensureDirectory(files, parent);
  }
  try {
    await files.mkdir(path);
  } catch (error) {
    // Another process was faster, or it is a symbolic link to a directory.
    if (!isExisting(error)) {
      throw error;
    }
  }
  await files.syncDirectory(parent);
}

/** Delete a file or a directory with all that is below it; symbolic links are deleted, never followed. */
export async function removeTree(files: IFileSystem, path: string): Promise<void> {
  const stat = await files.lstat(path);
  if (!stat) {
    return;
  }
  if (stat.kind !== 'directory') {
    await files.unlink(path);
    return;
  }
  for (const entry of await files.readdir(path)) {
    await removeTree(files, `${path}/${entry.name}`);
  }
  await files.rmdir(path);
}

/** Parsed JSON of a file, or null when it does not exist. FORMAT_INVALID when it is not JSON. */
export async function readJson(files: IFileSystem, path: string): Promise<unknown> {
  const bytes = await files.readFile(path);
  return bytes && parseJson(path, bytes);
}

function parseJson(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BranchbookError('FORMAT_INVALID', `${path} is not JSON: ${reason}`, { format: 'json', path, reason });
  }
}

/** Hexadecimal digest of bytes. */
export type Digest = (bytes: Uint8Array) => Promise<string>;

/**
 * A value as JSON on one line, and its digest on the next: unlike in plain JSON, every later change shows. Written into
 * place item by item, because the journal of a hundred thousand files is large: there is one copy of it, and no text.
 */
export async function encodeSealed(value: unknown, digest: Digest): Promise<Uint8Array> {
  let length = 0;
  for (const piece of jsonPieces(value)) {
    length += encoder.encode(piece).length;
  }
  // All digests are of one length.
  const bytes = new Uint8Array(length + (await digest(new Uint8Array())).length + 2);
  let at = 0;
  for (const piece of jsonPieces(value)) {
    const encoded = encoder.encode(piece);
    bytes.set(encoded, at);
    at += encoded.length;
  }
  bytes.set(encoder.encode(`\n${await digest(bytes.subarray(0, length))}\n`), length);
  return bytes;
}

/** `JSON.stringify`, with the items of an object's lists one by one. */
function* jsonPieces(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield JSON.stringify(value);
    return;
  }
  let before = '{';
  for (const [key, field] of Object.entries(value).filter(([, each]) => each !== undefined)) {
    yield `${before}${JSON.stringify(key)}:`;
    yield* Array.isArray(field) ? listPieces(field) : [JSON.stringify(field)];
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}

function* listPieces(items: readonly unknown[]): Generator<string> {
  for (const [at, item] of items.entries()) {
    yield `${at === 0 ? '[' : ','}${JSON.stringify(item)}`;
  }
  yield items.length === 0 ? '[]' : ']';
}

/**
 * The value of a sealed file, or null when it does not exist. FORMAT_INVALID when it is damaged. Version 0.1 wrote no
 * digest: what ends after the first line is taken as it is.
 */
export async function readSealed(files: IFileSystem, path: string, digest: Digest): Promise<unknown> {
  const bytes = await files.readFile(path);
  if (!bytes) {
    return null;
  }
  const [line = '', seal = '', ...rest] = new TextDecoder().decode(bytes).split('\n');
  const isSealed = seal !== '' || rest.length > 0;
  if (isSealed && (rest.join('\n') !== '' || rest.length !== 1 || seal !== (await digest(encoder.encode(line))))) {
    const reason = 'its digest does not match';
    throw new BranchbookError('FORMAT_INVALID', `${path} is damaged: ${reason}.`, { format: 'json', path, reason });
  }
  return parseJson(path, encoder.encode(line));
}

/** Names in a directory; empty when it does not exist. */
export async function listNames(files: IFileSystem, path: string): Promise<readonly string[]> {
  try {
    return (await files.readdir(path)).map(entry => entry.name);
  } catch (error) {
    if (hasCode(error, 'PATH_UNKNOWN')) {
      return [];
    }
    throw error;
  }
}
