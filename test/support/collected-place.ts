/** The contents of one project at a place, people who push to it, and collections there, without any git. */
import type { PlaceCollection, PlaceCollectionRequest } from '../../src/core/model/maintenance';
import type { Sha256 } from '../../src/core/model/asset';
import type { IBucket, IStoredAssets } from '../../src/core/port';
import { sendContents } from '../../src/core/sync/send-contents';
import { BucketAssets } from '../../src/node/assets/bucket-assets';
import { disk } from '../../src/node/fs/disk';
import { createHasher } from '../../src/node/store/hasher';
import { bytesOf, person, sha256 } from './asset-person';
import type { Person } from './asset-person';
import { clockedBucket, DAY } from './clocked-bucket';
import type { ClockedBucket } from './clocked-bucket';
import { temporaryDirectory } from './temporary-directory';

export type CollectedPlace = ClockedBucket & {
  /** What refs lead to. */
  readonly refs: Set<Sha256>;
  readonly ada: Person;
  /** As another process, or another hub, sees it. */
  open(): Promise<IStoredAssets>;
  /** Store contents at the place, look at them once more as a hub does, and make refs lead to them. */
  push(names: readonly Sha256[], assets?: IStoredAssets): Promise<void>;
  gc(request?: Partial<PlaceCollectionRequest>, assets?: IStoredAssets): Promise<PlaceCollection>;
  /** Every object there with its etag. */
  objects(): Promise<readonly string[]>;
  /** Contents that refs lead to and that do not come back byte for byte, to somebody who was never here. */
  lost(): Promise<readonly Sha256[]>;
};

export async function collectedPlace(real: IBucket, pusher?: Person): Promise<CollectedPlace> {
  const place = clockedBucket(real);
  const hasher = await createHasher();
  const ada = pusher ?? (await person());
  const refs = new Set<Sha256>();
  const open = async (): Promise<IStoredAssets> =>
    new BucketAssets({ bucket: place.bucket, files: disk, cache: temporaryDirectory(), hasher, verify: null });
  return Object.assign(place, {
    refs,
    ada,
    open,
    push: async (names: readonly Sha256[], assets?: IStoredAssets) => {
      const used = assets ?? (await open());
      await sendContents(ada.store, used, names);
      const there = await used.keep(names);
      if (!names.every(name => there.has(name))) {
        throw new Error('refused: not there');
      }
      names.forEach(name => refs.add(name));
    },
    gc: async (request: Partial<PlaceCollectionRequest> = {}, assets?: IStoredAssets) =>
      (assets ?? (await open())).collect(
        { dryRun: false, grace: 14 * DAY, ignoreMissing: false, ...request },
        async () => new Set(refs)
      ),
    objects: async () => {
      const found: string[] = [];
      for await (const { key, etag } of real.list('')) {
        found.push(`${key} ${etag}`);
      }
      return found;
    },
    lost: async () => {
      const assets = await open();
      const wrong: Sha256[] = [];
      for (const name of refs) {
        const bytes = await bytesOf(assets.read(name)).catch(() => null);
        wrong.push(...(bytes && sha256(bytes) === name ? [] : [name]));
      }
      return wrong;
    }
  });
}
