/** Schema and statistics of contents that were looked at, kept as files named by the content: the same on every branch. */
import { ensureDirectory, listNames, readJson, unlinkQuietly, writeLightly } from '../durable';
import type { ColumnStatistics, TableInfo } from '../model/table';
import type { IProject } from '../port';
import { STATISTICS_VERSION } from './statistics';

export type Look = { readonly table: TableInfo; readonly statistics?: readonly ColumnStatistics[] };

/** Files that are kept, and how many go at once when there are more. */
const KEPT = 2000;
const GOING = 500;
/** Larger ones (thousands of columns with long values) are not kept. Bytes. */
const LARGEST = 4 * 1024 * 1024;

/** null when there is none, or none that can be read. `key` can be part of a file's name. */
export async function readLook({ files, home }: IProject, key: string): Promise<Look | null> {
  return (await readJson(files, placeOf(home, key)).catch(() => null)) as Look | null;
}

/** A failure costs nothing but time later. */
export async function keepLook({ files, home }: IProject, key: string, look: Look): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(look));
  if (bytes.length > LARGEST) {
    return;
  }
  try {
    await ensureDirectory(files, folderOf(home));
    await writeLightly(files, placeOf(home, key), bytes);
    await forgetOldest(files, folderOf(home));
  } catch {
    // A full disk, or one that is read-only: the answer itself is not touched.
  }
}

async function forgetOldest(files: IProject['files'], folder: string): Promise<void> {
  const names = await listNames(files, folder);
  if (names.length <= KEPT) {
    return;
  }
  const found = await Promise.all(names.map(async name => ({ name, stat: await files.lstat(`${folder}/${name}`) })));
  const oldest = found.sort((a, b) => ((a.stat?.mtimeNs ?? 0n) < (b.stat?.mtimeNs ?? 0n) ? -1 : 1)).slice(0, GOING);
  await Promise.all(oldest.map(({ name }) => unlinkQuietly(files, `${folder}/${name}`)));
}

const folderOf = (home: string): string => `${home}/tables`;

function placeOf(home: string, key: string): string {
  return `${folderOf(home)}/${key}.${STATISTICS_VERSION}.json`;
}
