import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IAssetStore, StoreFinding } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { openStore } from '../../src/node/store/open-store';
import { temporaryDirectory } from './temporary-directory';

export type Person = {
  readonly store: IAssetStore;
  readonly home: string;
  put(...contents: readonly Uint8Array[]): Promise<readonly string[]>;
};

/** Somebody with a store of their own, which goes with the test. */
export async function person(): Promise<Person> {
  const folder = temporaryDirectory();
  const home = join(folder, '.git/branchbook');
  mkdirSync(home, { recursive: true });
  const store = await openStore(home, disk, { workerFile: null });
  let files = 0;
  return {
    store,
    home,
    put: async (...contents) => {
      const session = await store.begin();
      const names: string[] = [];
      for (const content of contents) {
        const path = join(folder, `file-${files++}`);
        writeFileSync(path, content);
        names.push((await session.add(path)).sha256);
      }
      await session.commit();
      return names;
    }
  };
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) {
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What is wrong with a store, every byte looked at. */
export async function damage(store: IAssetStore): Promise<readonly StoreFinding[]> {
  const findings: StoreFinding[] = [];
  for await (const finding of store.check({ readData: true })) {
    findings.push(finding);
  }
  return findings;
}
