/** What the hub tells about itself. */
import type { HubMetrics } from './metrics';
import type { HubRoute } from './route';

/** Tells a client that a hub of ours is at an address, and which ways of speaking it knows. */
export type HubHealth = { readonly hub: 'branchbook'; readonly version: string; readonly api: 1; readonly ok: boolean };

export type HubRoutesOptions = {
  readonly version: string;
  readonly metrics: HubMetrics;
  /** Fails when the database or the store cannot be used. */
  readonly check: () => Promise<void>;
};

const plain = { method: 'GET', body: 'none', bodyLimit: 0 } as const;

export function hubRoutes({ version, metrics, check }: HubRoutesOptions): readonly HubRoute[] {
  return [
    {
      ...plain,
      path: '/health',
      need: { on: 'nothing', why: 'load balancers and clients ask whether a hub is here; it tells nothing else' },
      rate: 'ordinary',
      handle: async (call, reply) => {
        const ok = await check().then(
          () => true,
          error => (call.log(`not healthy: ${String(error)}`), false)
        );
        void reply.code(ok ? 200 : 503);
        return { hub: 'branchbook', version, api: 1, ok } satisfies HubHealth;
      }
    },
    {
      ...plain,
      path: '/metrics',
      need: { on: 'hub' },
      rate: 'none',
      handle: async (_call, reply) => {
        const { type, text } = await metrics.text();
        await reply.type(type).send(text);
      }
    }
  ];
}
