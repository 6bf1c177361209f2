import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { WorkerEngine } from '../../../src/node/store/worker-engine';
import { ChunkTable } from '../../../src/node/store/chunk-table';
import { randomBytes } from '../../support/random-bytes';
import { bundleStoreWorker } from '../../support/store-worker';
import { temporaryDirectory } from '../../support/temporary-directory';

const workerFile = await bundleStoreWorker();

it('a session whose thread is gone is over: what the thread held is lost', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'file');
  writeFileSync(path, randomBytes(2_000_000));
  const engine = new WorkerEngine(workerFile);
  const state = { prefix: join(directory, 'session'), xorbs: [], table: new ChunkTable().memory };
  const job = { path, stat: await disk.lstat(path), state, known: new ChunkTable().memory };
  const hooks = { onSealed: (): void => undefined };
  await engine.add(job, hooks);
  await engine.close();
  await expect(engine.add(job, hooks)).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(engine.release(state)).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(engine.release(state)).resolves.toBe(state);
  await engine.close();
});

it('a thread that ends does not take the next calls with it', async () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, randomBytes(2_000_000));
  const engine = new WorkerEngine(workerFile);
  const sha256 = await engine.hashFile(path, {});
  const ending = engine.close();
  expect(await engine.hashFile(path, {})).toBe(sha256);
  await ending;
  await engine.close();
});
