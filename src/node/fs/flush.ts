import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Flush an open file, or a directory by its path, to the device: for code that cannot wait for a promise. */
export function flushNow(what: number | string): void {
  if (typeof what === 'number') {
    fsyncSync(what);
    return;
  }
  const directory = openSync(what, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
