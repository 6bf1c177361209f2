import type { FileStat } from '../../core/port';

/** True when nothing happened to the file between the two looks, unless within one step of the clock. */
export function isSameFile(a: FileStat, b: FileStat): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev;
}
