/** The one table of the hub's routes: create-hub.ts registers these and nothing else, and a test goes through them. */
import { gitRoutes } from './git-routes';
import type { GitRoutesOptions } from './git-routes';
import { hubRoutes } from './hub-routes';
import type { HubRoutesOptions } from './hub-routes';
import { namespaceRoutes } from './namespace-routes';
import type { NamespaceRoutesOptions } from './namespace-routes';
import type { HubRoute } from './route';

export type RoutesOptions = HubRoutesOptions &
  NamespaceRoutesOptions &
  GitRoutesOptions & {
    /** Routes of the hub's other parts: assets, identity. */
    readonly others: readonly HubRoute[];
  };

export function hubRouteTable(options: RoutesOptions): readonly HubRoute[] {
  return [...hubRoutes(options), ...namespaceRoutes(options), ...gitRoutes(options), ...options.others];
}
