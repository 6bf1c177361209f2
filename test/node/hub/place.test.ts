import { afterAll } from 'vitest';
import { HubAssets } from '../../../src/node/hub/assets-client';
import { HubPlace } from '../../../src/node/hub/place';
import { placeContract } from '../../contract/place';
import { openTestHub, person } from '../../support/hub';
import type { TestHub } from '../../support/hub';

const hubs: TestHub[] = [];
afterAll(() => Promise.all(hubs.map(hub => hub.close())));

placeContract('hub', async () => {
  const hub = await openTestHub(['ada', 'ben', 'carol', 'dan', 'eve'].map(user => person(user)));
  hubs.push(hub);
  const as = async (user: string): Promise<HubPlace> =>
    new HubPlace({
      address: hub.url,
      token: async () => `${user}-token`,
      assets: (http, project) => new HubAssets(http, project)
    });
  return { as, git: null };
});
