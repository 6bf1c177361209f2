/** What the hub tells about itself. */
import type { HubMetrics } from './metrics';
import type { HubRoute } from './route';

export type HubRoutesOptions = {
  readonly metrics: HubMetrics;
  /** Fails when the database or the store cannot be used. */
  readonly check: () => Promise<void>;
};

const plain = { method: 'GET', body: 'none', bodyLimit: 0 } as const;

export function hubRoutes({ metrics, check }: HubRoutesOptions): readonly HubRoute[] {
  return [
    {
      ...plain,
      path: '/health/live',
      need: { on: 'nothing', why: 'what started the hub asks whether it answers; it tells nothing else' },
      rate: 'none',
      handle: async () => ({ ok: true })
    },
    {
      ...plain,
      path: '/health',
      need: { on: 'nothing', why: 'load balancers ask; it tells nothing else' },
      rate: 'ordinary',
      handle: async (call, reply) => {
        const ok = await check().then(
          () => true,
          error => (call.log(`not healthy: ${String(error)}`), false)
        );
        void reply.code(ok ? 200 : 503);
        return { ok };
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
