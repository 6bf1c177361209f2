import { ensureDirectory, temporaryName, unlinkQuietly } from '../../core/durable';
import type { IFileHandle, IFileSystem } from '../../core/port';

/** A file of ours alone, gone when it is disposed of. */
export type TemporaryFile = { readonly handle: IFileHandle; readonly dispose: () => Promise<void> };

export async function createTemporaryFile(files: IFileSystem, folder: string): Promise<TemporaryFile> {
  await ensureDirectory(files, folder);
  const path = temporaryName(`${folder}/held`);
  const handle = await files.open(path, 'create', 0o600);
  return { handle, dispose: () => handle.close().finally(() => unlinkQuietly(files, path)) };
}
