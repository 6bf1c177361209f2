/** What tests of the store begin with. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { CollectionReport } from '../../../src/core/model/maintenance';
import type { CollectionRequest, IAssetStore } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { openStore } from '../../../src/node/store/open-store';
import type { IOpenStore } from '../../../src/node/store/open-store';
import { collect, putAll, sha256 } from '../../contract/asset-store';
import { temporaryDirectory } from '../../support/temporary-directory';

/** Call it once in a file: gives what makes a store in a directory that looks like a git directory. */
export function storeScenes(workerFile: string) {
  const opened: IOpenStore[] = [];
  afterAll(() => Promise.all(opened.map(store => store.close())));
  return () => {
    const directory = temporaryDirectory();
    const home = join(directory, 'git', 'branchbook');
    mkdirSync(home, { recursive: true });
    const open = async (withWorker = false): Promise<IOpenStore> => {
      const store = await openStore(home, disk, { workerFile: withWorker ? workerFile : null });
      opened.push(store);
      return store;
    };
    /** A file to put into the store; gives its path. */
    const write = (name: string, bytes: Uint8Array): string => {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), bytes);
      return join(directory, name);
    };
    const filesBelow = (name: string): string[] =>
      readdirSync(join(home, name), { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name));
    return { directory, home, open, write, filesBelow };
  };
}

/** Collect everything but `needed`, without grace and without compressing where `options` do not say otherwise. */
export async function gc(
  store: IAssetStore,
  needed: readonly string[],
  options: Partial<Omit<CollectionRequest, 'needed'>> = {}
): Promise<CollectionReport> {
  const collection = await store.beginCollection();
  try {
    return await collection.collect({
      needed: new Set(needed),
      now: Date.now(),
      grace: 0,
      dryRun: false,
      ignoreMissing: false,
      smallPacks: 8,
      smallManifests: 8,
      compress: false,
      ...options
    });
  } finally {
    await collection.end();
  }
}

/** These contents can be read, and a check finds nothing. */
export async function expectWhole(store: IAssetStore, names: readonly string[]): Promise<void> {
  for (const name of names) {
    expect(sha256(Buffer.concat(await collect(store.read(name))))).toBe(name);
  }
  const findings = await collect(store.check({ readData: true }));
  expect(findings.filter(finding => finding.severity === 'error')).toEqual([]);
}

/** A store in memory, in `/home`, with these contents: those of each group were stored together. */
export async function storeInMemory(
  groups: readonly (readonly Uint8Array[])[]
): Promise<{ readonly files: MemoryFileSystem; readonly store: IAssetStore }> {
  const files = new MemoryFileSystem();
  await files.mkdir('/home');
  const store = await openStore('/home', files, { workerFile: null });
  for (const [number, group] of groups.entries()) {
    const paths = group.map((_, index) => `/file-${number}-${index}`);
    for (const [index, path] of paths.entries()) {
      const handle = await files.open(path, 'create');
      await handle.write(group[index]!, 0);
      await handle.close();
    }
    await putAll(store, paths);
  }
  return { files, store };
}
