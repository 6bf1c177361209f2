/** What a hub keeps for a project goes with it, also what arrives late or could not be deleted at once. */
import { expect, it } from 'vitest';
import { ProjectAssets } from '../../../src/node/assets/project-assets';
import { disk } from '../../../src/node/fs/disk';
import { createMemoryBucket } from '../../../src/node/memory/memory-service';
import { Digests } from '../../../src/node/store/digest';
import { createHasher } from '../../../src/node/store/hasher';
import { clockedBucket, DAY } from '../../support/clocked-bucket';
import { temporaryDirectory } from '../../support/temporary-directory';

const [gone, kept] = ['a'.repeat(32), 'b'.repeat(32)];

it('deletes a project, and a day later what came meanwhile or was left', async () => {
  const real = createMemoryBucket();
  const store = clockedBucket(real);
  const options = {
    files: disk,
    cache: temporaryDirectory(),
    hasher: await createHasher(),
    digests: new Digests(null)
  };
  const assets = new ProjectAssets({ bucket: store.bucket, ...options });
  const keys = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { key } of real.list('')) {
      found.push(key);
    }
    return found;
  };
  const put = (id: string, name: string): Promise<unknown> => real.put(`${id}/xorbs/${name}`, new Uint8Array(3));
  await Promise.all([put(gone!, 'one'), put(gone!, 'two'), put(kept!, 'one')]);
  store.before = (operation, key) => {
    if (operation === 'delete' && key.endsWith('two')) {
      throw new Error('the store is away');
    }
  };
  await expect(assets.forget(gone!)).rejects.toThrow('the store is away');
  store.before = () => undefined;
  await put(gone!, 'late');

  await assets.sweep();
  expect(await keys()).toContain(`${gone}/xorbs/late`);
  store.ahead = 1.1 * DAY;
  await assets.sweep();
  expect(await keys()).toEqual([`${kept}/xorbs/one`]);
});
