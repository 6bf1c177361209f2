/** What a session did is not done again, however it ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { openStore } from '../../../src/node/store/open-store';
import type { IOpenStore } from '../../../src/node/store/open-store';
import { collect, putAll, sha256 } from '../../contract/asset-store';
import { randomBytes } from '../../support/random-bytes';
import { bundle, bundleStoreWorker } from '../../support/store-worker';
import { temporaryDirectory } from '../../support/temporary-directory';

const MiB = 1024 * 1024;
const workerFile = await bundleStoreWorker();
const putFiles = await bundle('test/support/put-files.ts');
const opened: IOpenStore[] = [];
afterAll(() => Promise.all(opened.map(store => store.close())));

async function scene(withWorker = false) {
  const directory = temporaryDirectory();
  const home = join(directory, 'branchbook');
  mkdirSync(home);
  const open = async (): Promise<IOpenStore> => {
    const store = await openStore(home, disk, { workerFile: withWorker ? workerFile : null });
    opened.push(store);
    return store;
  };
  const names = (part: string): string[] => readdirSync(join(home, part), { recursive: true, encoding: 'utf8' });
  return { directory, home, open, names, store: await open() };
}

/** A file of so many random MiB, written piece by piece. */
function writeRandom(path: string, mebibytes: number): string {
  writeFileSync(path, '');
  for (let done = 0; done < mebibytes; done += 8) {
    appendFileSync(path, randomBytes(8 * MiB));
  }
  return path;
}

describe('a session', () => {
  it('that is killed at 60 % of 512 MiB leaves less than half to be written again', async () => {
    const { directory, home, store } = await scene(true);
    const path = writeRandom(join(directory, 'big'), 512);
    const child = spawn(process.execPath, [putFiles, home, workerFile, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface(child.stdout)) {
      if (Number(line.replace('progress ', '')) >= 0.6 * 512 * MiB) {
        child.kill('SIGKILL');
        break;
      }
    }
    await once(child, 'exit');
    const [put] = await putAll(store, [path]);
    expect(put!.newBytes).toBeLessThan(256 * MiB);
    expect(await store.hashFile(path)).toBe(put!.sha256);
    expect((await collect(store.check({ readData: true }))).filter(({ severity }) => severity === 'error')).toEqual([]);
  }, 300_000);

  it.each([false, true])('that is cancelled leaves nothing to be written again (worker: %s)', async withWorker => {
    const { directory, store, names } = await scene(withWorker);
    const path = writeRandom(join(directory, 'big'), 64);
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => void (done >= 40 * MiB && controller.abort());
    const session = await store.begin();
    await expect(session.add(path, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'CANCELLED'
    });
    await session.abort();
    expect(names('tmp')).toEqual([]);
    const [put] = await putAll(store, [path]);
    expect(put!.newBytes).toBeLessThan(26 * MiB);
    expect(await collect(store.check({ readData: true }))).toEqual([]);
  });

  it('that wrote little and is aborted leaves nothing at all', async () => {
    const { directory, store, names } = await scene();
    const session = await store.begin();
    await session.add(writeRandom(join(directory, 'small'), 8));
    await session.abort();
    expect([...names('tmp'), ...names('shards'), ...names('xorbs')]).toEqual([]);
  });
});

describe('packs that no manifest lists', () => {
  it('are used if they are what their names say', async () => {
    const { directory, home, open, names } = await scene();
    const path = writeRandom(join(directory, 'big'), 64);
    const [first] = await putAll(await open(), [path]);
    rmSync(join(home, 'shards'), { recursive: true });
    const packs = names('xorbs').filter(name => name.length > 60);
    expect(packs.length).toBeGreaterThan(3);
    const damaged = join(home, 'xorbs', packs[0]!);
    const bytes = readFileSync(damaged);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(damaged, bytes);
    const store = await open();
    const [again] = await putAll(store, [path]);
    expect(again!.sha256).toBe(first!.sha256);
    expect(again!.newBytes).toBeGreaterThan(0);
    expect(again!.newBytes).toBeLessThan(20 * MiB);
    const findings = await collect(store.check({ readData: true }));
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const copy = join(directory, 'copy');
    await store.materialize(again!.sha256, copy);
    expect(sha256(readFileSync(copy))).toBe(first!.sha256);
  });
});

describe('a session that lists its work in portions', () => {
  const portion = { bytes: 1, files: 2 };
  const contents = Array.from({ length: 5 }, (_, i) => randomBytes(3000 + i));
  const paths = contents.map((_, i) => `/file${i}`);

  async function memory(): Promise<MemoryFileSystem> {
    const files = new MemoryFileSystem();
    await files.mkdir('/git');
    for (const [i, bytes] of contents.entries()) {
      const handle = await files.open(paths[i]!, 'create');
      await handle.write(bytes, 0);
      await handle.sync();
    }
    await files.syncDirectory('/');
    return files;
  }

  it('stores everything', async () => {
    const files = await memory();
    const store = await openStore('/git/branchbook', files, { workerFile: null, portion });
    await putAll(store, [...paths, ...paths]);
    for (const bytes of contents) {
      expect(Buffer.concat(await collect(store.read(sha256(bytes)))).equals(bytes)).toBe(true);
    }
    expect(await collect(store.check({ readData: true }))).toEqual([]);
  });

  it.each(['full disk', 'power loss'])('survives a %s at any step', async kind => {
    for (let nth = 0, done = false; !done; nth++) {
      const files = await memory();
      const fault = kind === 'full disk' ? failAt(nth, fileError('ENOSPC', '/', 'write')) : null;
      const faulty = createFaultyFileSystem(files, fault ?? dieAt(nth, fileError('EIO', '/', 'anything')));
      const store = await openStore('/git/branchbook', faulty, { workerFile: null, portion });
      done = await putAll(store, paths).then(
        () => true,
        () => false
      );
      if (kind === 'power loss') {
        files.losePower();
      }
      const after = await openStore('/git/branchbook', files, { workerFile: null, portion });
      for (const bytes of contents) {
        if (done || (await after.has(sha256(bytes)))) {
          expect(Buffer.concat(await collect(after.read(sha256(bytes)))).equals(bytes)).toBe(true);
        }
      }
      await putAll(after, paths);
      const findings = await collect(after.check({ readData: true }));
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });
});
