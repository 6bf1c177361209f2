import type { HubRoute } from '../route';
import { chunkRoutes } from './chunk-routes';
import type { AssetRoutesOptions } from './common';
import { collectRoutes } from './collect-routes';
import { contentRoutes } from './content-routes';
import { lfsRoutes } from './lfs-routes';

/** Everything of the hub's API that moves contents. */
export function assetRoutes(options: AssetRoutesOptions): readonly HubRoute[] {
  return [...chunkRoutes(options), ...contentRoutes(options), ...lfsRoutes(options), ...collectRoutes(options)];
}
