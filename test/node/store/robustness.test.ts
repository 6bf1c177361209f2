import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fileHash, fromHex, rangeHash, spellHash, xorbHash } from '../../../src/core/chunk/hash';
import { encodeShard } from '../../../src/core/format/shard';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { createHasher } from '../../../src/node/store/hasher';
import { openStore } from '../../../src/node/store/open-store';
import { collect, putAll, sha256 } from '../../contract/asset-store';
import { serializeChunk } from '../../support/compressed-xorb';
import { randomBytes } from '../../support/random-bytes';
import { bundle, bundleStoreWorker } from '../../support/store-worker';
import { storeScenes } from './scene';

const KiB = 1024;
const MiB = 1024 * KiB;
const workerFile = await bundleStoreWorker();
const putFiles = await bundle('test/support/put-files.ts');
const scene = storeScenes(workerFile);

function flip(path: string, at: number): () => void {
  const original = readFileSync(path);
  const damaged = Buffer.from(original);
  damaged[at]! ^= 0x10;
  writeFileSync(path, damaged);
  return () => writeFileSync(path, original);
}

describe('damage', () => {
  it('of any byte of a pack is never returned, and named', async () => {
    const { open, write, filesBelow } = scene();
    const bytes = randomBytes(20 * KiB);
    const [put] = await putAll(await open(), [write('file', bytes)]);
    const pack = filesBelow('xorbs')[0]!;
    for (let at = 0; at < statSync(pack).size; at += at < 16 ? 1 : 331) {
      const repair = flip(pack, at);
      const store = await open();
      await expect(collect(store.read(put!.sha256)), `byte ${at}`).rejects.toMatchObject({
        code: 'OBJECT_CORRUPT',
        data: { sha256: put!.sha256, xorb: pack.slice(-64), repair: expect.stringContaining('Snapshot') }
      });
      repair();
      rmSync(`${pack}.damaged`);
    }
    expect(sha256(Buffer.concat(await collect((await open()).read(put!.sha256))))).toBe(put!.sha256);
  });

  it('of any byte of a manifest is noticed', async () => {
    const { open, write, filesBelow } = scene();
    const [put] = await putAll(await open(), [write('file', randomBytes(20 * KiB))]);
    const [manifest] = filesBelow('shards');
    for (let at = 0; at < statSync(manifest!).size; at += 13) {
      const repair = flip(manifest!, at);
      const store = await open();
      expect(await store.has(put!.sha256)).toBe(false);
      await expect(collect(store.read(put!.sha256))).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
      expect((await collect(store.check({ readData: false })))[0]).toMatchObject({
        severity: 'error',
        code: 'CORRUPT'
      });
      repair();
    }
  });

  it('leaves no half file behind when materializing', async () => {
    const { open, write, filesBelow, directory } = scene();
    const [put] = await putAll(await open(), [write('file', randomBytes(3 * MiB))]);
    const pack = filesBelow('xorbs')[0]!;
    flip(pack, 2 * MiB);
    await expect((await open()).materialize(put!.sha256, join(directory, 'copy'))).rejects.toMatchObject({
      code: 'OBJECT_CORRUPT'
    });
    expect(await disk.lstat(join(directory, 'copy'))).toBeNull();
  });

  it.each(['flipped byte', 'cut off', 'deleted'])(
    '(%s) is found by check, and healed by storing the file again',
    async kind => {
      const { open, write, filesBelow } = scene();
      const bytes = randomBytes(600 * KiB);
      const path = write('file', bytes);
      const [put] = await putAll(await open(), [path]);
      const pack = filesBelow('xorbs')[0]!;
      const damage: { [kind: string]: () => void } = {
        'flipped byte': () => void flip(pack, 300 * KiB),
        'cut off': () => writeFileSync(pack, readFileSync(pack).subarray(0, 1000)),
        deleted: () => rmSync(pack)
      };
      damage[kind]!();
      const findings = await collect((await open()).check({ readData: true }));
      expect(findings.map(finding => finding.object)).toEqual([pack.slice(-64), put!.sha256]);
      expect(await (await open()).has(put!.sha256)).toBe(false);
      const [again] = await putAll(await open(), [path]);
      expect(again).toEqual(put);
      const healed = await open();
      expect(sha256(Buffer.concat(await collect(healed.read(put!.sha256))))).toBe(put!.sha256);
      expect(await collect(healed.check({ readData: true }))).toEqual([]);
    }
  );
});

describe('a file that changes while it is read', () => {
  it.each([false, true])('is refused (worker: %s)', async withWorker => {
    const { open, write } = scene();
    const store = await open(withWorker);
    const path = write('file', randomBytes(40 * MiB));
    const session = await store.begin();
    let changed = false;
    const onProgress = (): void => {
      if (!changed) {
        changed = true;
        appendFileSync(path, 'more');
      }
    };
    await expect(session.add(path, { onProgress })).rejects.toMatchObject({ code: 'FILE_CHANGED', data: { path } });
    await session.abort();
  });

  it('is refused when only its times show it', async () => {
    const { open, write } = scene();
    const path = write('file', randomBytes(2 * MiB));
    const session = await (await open()).begin();
    const onProgress = (): void => utimesSync(path, 1, 1);
    await expect(session.add(path, { onProgress })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    await session.abort();
  });

  it('is refused when it is a link to another file', async () => {
    const { open, write, directory } = scene();
    symlinkSync(write('file', randomBytes(10)), join(directory, 'link'));
    const session = await (await open()).begin();
    await expect(session.add(join(directory, 'link'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await session.abort();
  });
});

describe('a full disk', () => {
  const full = fileError('ENOSPC', '/store', 'write');

  it('at any step leaves the store readable, without the file, and without rubbish', async () => {
    const old = randomBytes(30 * KiB);
    const fresh = randomBytes(50 * KiB);
    let failures = 0;
    for (let nth = 0; ; nth++) {
      const files = new MemoryFileSystem();
      await files.mkdir('/git');
      for (const [name, bytes] of [
        ['/old', old],
        ['/new', fresh]
      ] as const) {
        await (await files.open(name, 'create')).write(bytes, 0);
      }
      await putAll(await openStore('/git/branchbook', files, { workerFile: null }), ['/old']);
      const faulty = await openStore('/git/branchbook', createFaultyFileSystem(files, failAt(nth, full)), {
        workerFile: null
      });
      const session = await faulty.begin().catch(() => null);
      const outcome =
        session &&
        (await session
          .add('/new')
          .then(() => session.commit())
          .then(
            () => 'stored',
            error => error
          ));
      if (outcome === 'stored') {
        break;
      }
      failures += 1;
      await session?.abort();
      expect((await files.readdir('/git/branchbook/tmp')).length).toBe(0);
      const store = await openStore('/git/branchbook', files, { workerFile: null });
      expect(Buffer.concat(await collect(store.read(sha256(old)))).equals(old)).toBe(true);
      const [again] = await putAll(store, ['/new']);
      expect(Buffer.concat(await collect(store.read(again!.sha256))).equals(fresh)).toBe(true);
      expect((await collect(store.check({ readData: true }))).filter(finding => finding.severity === 'error')).toEqual(
        []
      );
    }
    expect(failures).toBeGreaterThan(5);
  });
});

describe('power loss', () => {
  it('at any step keeps what was committed, and shows a file wholly or not at all', async () => {
    const old = randomBytes(30 * KiB);
    const fresh = randomBytes(50 * KiB);
    for (let nth = 0, done = false; !done; nth++) {
      const files = new MemoryFileSystem();
      await files.mkdir('/git');
      for (const [name, bytes] of [
        ['/old', old],
        ['/new', fresh]
      ] as const) {
        const handle = await files.open(name, 'create');
        await handle.write(bytes, 0);
        await handle.sync();
      }
      await files.syncDirectory('/');
      await putAll(await openStore('/git/branchbook', files, { workerFile: null }), ['/old']);
      const dying = createFaultyFileSystem(files, dieAt(nth, fileError('EIO', '/', 'anything')));
      const store = await openStore('/git/branchbook', dying, { workerFile: null });
      done = await putAll(store, ['/new']).then(
        () => true,
        () => false
      );
      files.losePower();
      const after = await openStore('/git/branchbook', files, { workerFile: null });
      expect(Buffer.concat(await collect(after.read(sha256(old)))).equals(old)).toBe(true);
      const isThere = await after.has(sha256(fresh));
      expect(isThere || !done).toBe(true);
      if (isThere) {
        expect(Buffer.concat(await collect(after.read(sha256(fresh)))).equals(fresh)).toBe(true);
      }
      await putAll(after, ['/new']);
      expect(Buffer.concat(await collect(after.read(sha256(fresh)))).equals(fresh)).toBe(true);
    }
  });
});

describe('write order', () => {
  it('is: bytes of every pack, their directories, the manifest, its directory', async () => {
    const { home, write } = scene();
    const steps: { name: string; path: string }[] = [];
    const recorded = createFaultyFileSystem(disk, step => void steps.push(step));
    await putAll(await openStore(home, recorded, { workerFile: null }), [write('file', randomBytes(140 * MiB))]);
    steps.splice(0, steps.length, ...steps.filter(step => !step.path.includes('/sessions')));
    const renames = steps.filter(step => step.name === 'rename').map(step => step.path);
    expect(renames.length).toBeGreaterThan(3);
    expect(renames.map(path => path.endsWith('.xorb'))).toEqual(renames.map((_, i) => i < renames.length - 1));
    expect(renames.at(-1)).toMatch(/\.mdb$/);
    for (const path of renames) {
      const own = steps.filter(step => step.path === path && ['write', 'sync', 'rename'].includes(step.name));
      expect(own.slice(-2).map(step => step.name)).toEqual(['sync', 'rename']);
    }
    const published = steps.slice(steps.findIndex(step => step.name === 'rename'));
    const flushes = published.filter(step => step.name === 'syncDirectory').map(step => step.path);
    const manifest = published.findIndex(step => step.name === 'rename' && step.path.endsWith('.mdb'));
    const before = new Set(
      published
        .slice(0, manifest)
        .filter(step => step.name === 'syncDirectory')
        .map(step => step.path)
    );
    expect([...before].filter(path => /xorbs\/..$/.test(path)).length).toBe(
      new Set(readdirSync(join(home, 'xorbs'))).size
    );
    expect(flushes.at(-1)).toBe(join(home, 'shards'));
  });
});

describe('git-lfs cache', () => {
  it('counts as present, verified', async () => {
    const { open, home, directory } = scene();
    const bytes = randomBytes(2 * MiB + 5);
    const name = sha256(bytes);
    const cached = join(dirname(home), 'lfs', 'objects', name.slice(0, 2), name.slice(2, 4), name);
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(cached, bytes);
    const store = await open();
    expect(await store.has(name)).toBe(true);
    expect(
      Buffer.concat(await collect(store.read(name, MiB - 3, MiB + 9))).equals(bytes.subarray(MiB - 3, MiB + 9))
    ).toBe(true);
    await store.materialize(name, join(directory, 'copy'));
    expect(readFileSync(join(directory, 'copy')).equals(bytes)).toBe(true);
    flip(cached, MiB);
    await expect(store.materialize(name, join(directory, 'other'))).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await disk.lstat(join(directory, 'other'))).toBeNull();
  });
});

describe('a pack that others wrote compressed', () => {
  it('is read', async () => {
    const { open, home } = scene();
    const hasher = await createHasher();
    const contents = [randomBytes(9000), Buffer.alloc(131_071, 'abc'), Buffer.alloc(100_002, 'floats4 ')];
    const chunks = contents.map(bytes => ({ hash: hasher.hash('chunk', bytes), length: bytes.length }));
    const pack = Buffer.concat(contents.map((bytes, scheme) => serializeChunk(bytes, scheme as 0 | 1 | 2)));
    const hash = xorbHash(hasher, chunks);
    const whole = Buffer.concat(contents);
    const terms = [{ xorb: hash, bytes: whole.length, start: 0, end: 3 }];
    const verification = [
      rangeHash(
        hasher,
        chunks.map(chunk => chunk.hash)
      )
    ];
    const file = { fileHash: fileHash(hasher, hash), sha256: fromHex(sha256(whole)), terms, verification };
    const shard = encodeShard({ files: [file], xorbs: [{ hash, storedBytes: pack.length, chunks }] }, 0);
    const store = await open();
    await (await store.begin()).abort();
    const name = spellHash(hash);
    mkdirSync(join(home, 'xorbs', name.slice(0, 2)));
    writeFileSync(join(home, 'xorbs', name.slice(0, 2), name), pack);
    writeFileSync(join(home, 'shards', `${spellHash(hasher.hash('chunk', shard))}.mdb`), shard);
    expect(pack.length).toBeLessThan(whole.length / 2);
    expect(Buffer.concat(await collect(store.read(sha256(whole)))).equals(whole)).toBe(true);
    expect(
      Buffer.concat(await collect(store.read(sha256(whole), 100_000, 200_000))).equals(whole.subarray(100_000, 200_000))
    ).toBe(true);
    expect(await collect(store.check({ readData: true }))).toEqual([]);
  });
});

describe('processes', () => {
  it('store at the same time, and see each other', async () => {
    const { open, write, home } = scene();
    const shared = write('shared', randomBytes(3 * MiB));
    const files = ['a', 'b'].map(name =>
      Array.from({ length: 8 }, (_, i) => write(`${name}${i}`, randomBytes(200 * KiB)))
    );
    const store = await open();
    await store.has('0'.repeat(64));
    const runs = files.map(paths =>
      promisify(execFile)(process.execPath, [putFiles, home, workerFile, ...paths, shared])
    );
    const outputs = await Promise.all(runs);
    const names = outputs.flatMap(({ stdout }) => [...stdout.matchAll(/stored (\w+)/g)].map(match => match[1]!));
    expect(names).toHaveLength(18);
    for (const path of [...files.flat(), shared]) {
      const bytes = readFileSync(path);
      expect(Buffer.concat(await collect(store.read(sha256(bytes)))).equals(bytes)).toBe(true);
    }
    const [again] = await putAll(store, [shared]);
    expect(again!.newBytes).toBe(0);
    expect(await collect(store.check({ readData: true }))).toEqual([]);
  });

  it('that are killed while storing leave the store readable', async () => {
    const { open, write, home, filesBelow } = scene();
    const small = write('small', randomBytes(100 * KiB));
    const big = write('big', randomBytes(70 * MiB));
    const store = await open(true);
    await putAll(store, [small]);
    const child = spawn(process.execPath, [putFiles, home, workerFile, big], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(filesBelow('tmp').length).toBeGreaterThan(0);
    expect(await collect(store.check({ readData: true }))).toEqual([]);
    const [put] = await putAll(store, [big]);
    await store.materialize(put!.sha256, join(dirname(small), 'copy'));
    expect(sha256(readFileSync(join(dirname(small), 'copy')))).toBe(put!.sha256);
    expect(new Set((await store.chunks(put!.sha256)).map(chunk => chunk.xorb)).size).toBeGreaterThan(1);
  });
});
