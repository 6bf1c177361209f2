import { afterAll } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { openStore } from '../../../src/node/store/open-store';
import type { IOpenStore } from '../../../src/node/store/open-store';
import { assetStoreContract } from '../../contract/asset-store';
import { bundleStoreWorker } from '../../support/store-worker';

const workerFile = await bundleStoreWorker();
const opened: IOpenStore[] = [];
afterAll(() => Promise.all(opened.map(store => store.close())));

assetStoreContract('inline', home => openStore(home, disk, { workerFile: null }));
assetStoreContract('in threads', async home => {
  const store = await openStore(home, disk, { workerFile });
  opened.push(store);
  return store;
});
