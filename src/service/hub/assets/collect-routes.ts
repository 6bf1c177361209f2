/** Deleting what no branch or tag of a project needs any more: its owners ask for it, the hub finds out and does it. */
import { recordCollection, requireManager } from '../../../core/access/collected';
import type { PlaceCollectionRequest } from '../../../core/model/maintenance';
import { boolean, count, object } from '../../schema-words';
import type { HubRoute } from '../route';
import { activityOf, params, PROJECT } from './common';
import type { AssetRoutesOptions } from './common';

export function collectRoutes({ assets, needed }: AssetRoutesOptions): readonly HubRoute[] {
  return [
    {
      method: 'POST',
      path: `${PROJECT}/assets/collect`,
      need: { on: 'project', right: 'manage', of: 'code' },
      rate: 'ordinary',
      body: 'json',
      bodyLimit: 1024,
      schema: {
        params: params(),
        body: object({ dryRun: boolean, grace: count, ignoreMissing: boolean }, ['dryRun', 'grace', 'ignoreMissing'])
      },
      handle: async call => {
        const { namespaces, project, signal } = call;
        requireManager(project);
        const request = call.body as PlaceCollectionRequest;
        const done = await assets(project).collect(request, () => needed(project, signal), activityOf(call));
        if (!request.dryRun) {
          await recordCollection(namespaces, project.record, done);
        }
        return done;
      }
    }
  ];
}
