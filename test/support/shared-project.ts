/** A project of Ada's that is shared in a place: a folder, or a hub in this process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { IPlaces } from '../../src/core/port';
import { cardRoute } from '../../src/service/hub/identity/api-routes';
import { openVerbs } from '../operation/verbs';
import type { Verbal } from '../operation/verbs';
import { person, useTestHub } from './hub';
import type { TestHub } from './hub';
import { newPlaces } from './sharing';
import { temporaryDirectory } from './temporary-directory';

export type Shared = { readonly ada: Verbal; readonly address: string; readonly places: IPlaces };

export type Sharing = {
  readonly hub: TestHub;
  /** Publish a project whose snapshots have these files, one after the other. */
  publish(kind: 'folder' | 'hub', ...snapshots: readonly { readonly [path: string]: string }[]): Promise<Shared>;
};

/** One hub for a test file; everybody is known to it as by JupyterHub's token. */
export function useSharing(): Sharing {
  const holder = useTestHub([person('ada')], {}, [cardRoute('1.0.0')]);
  beforeAll(() => {
    Object.assign(process.env, { BRANCHBOOK_HUB: holder.hub.url, JUPYTERHUB_API_TOKEN: 'ada-token' });
  });
  afterAll(() => {
    delete process.env['BRANCHBOOK_HUB'];
    delete process.env['JUPYTERHUB_API_TOKEN'];
  });
  let count = 0;
  return {
    get hub() {
      return holder.hub;
    },
    publish: async (kind, ...snapshots) => {
      const places = newPlaces();
      const place = kind === 'hub' ? holder.hub.url : join(temporaryDirectory(), 'place');
      if (kind === 'folder') {
        mkdirSync(place);
      }
      const name = `team-${(count += 1)}`;
      const { namespaces } = await places.connect(place);
      await namespaces.create({ name, kind: 'team', title: name, label: 'unclassified', git: null });
      const ada = await openVerbs(undefined, places);
      await ada.run('init', {});
      for (const [index, files] of snapshots.entries()) {
        await ada.snapshot(files, `snapshot ${index + 1}`);
      }
      const address = `${place}/${name}/iris`;
      await ada.run('push', { to: address });
      return { ada, address, places };
    }
  };
}
