/**
 * Work in the background gives way to everybody: who finds a lock taken leaves a mark, `<home>/wanted`, and who works in the
 * background looks for it all the time. A mark that nobody took away costs an early end, no more.
 */
import { unlinkQuietly } from './durable';
import type { IFileSystem } from './port';

/** What the lock says that work in the background holds. */
export const MAINTENANCE = 'maintenance';

const markOf = (home: string): string => `${home}/wanted`;

/** Leave the mark. A failure only means waiting longer. */
export async function askForWay(files: IFileSystem, home: string): Promise<void> {
  const handle = await files.open(markOf(home), 'create').catch(() => null);
  await handle?.close().catch(() => undefined);
}

export async function isWayAsked(files: IFileSystem, home: string): Promise<boolean> {
  return (await files.lstat(markOf(home))) !== null;
}

/** Take away a mark that was for somebody before us. */
export async function forgetWay(files: IFileSystem, home: string): Promise<void> {
  await unlinkQuietly(files, markOf(home));
}
