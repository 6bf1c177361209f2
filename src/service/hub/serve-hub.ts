/** From a hub that is made to one that serves, and to its end. */
import type { FastifyInstance } from 'fastify';
import type { FrontDoor } from './front-door';
import type { RunningCalls } from './running-calls';

/** Milliseconds that running requests get to end by themselves. */
const GRACE = 30_000;

export type ServeHubOptions = {
  readonly app: FastifyInstance;
  readonly calls: RunningCalls;
  /** Open already; closed in the end. */
  readonly door: FrontDoor;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Told when it answers; not when it was stopped before. */
  readonly onServing: () => Promise<void>;
  readonly grace?: number;
};

/** Resolves when it was stopped by the signal: what ran has ended, or was cut after the time of grace. */
export async function serveHub(options: ServeHubOptions): Promise<void> {
  const { app, calls, door, signal, log } = options;
  try {
    if (!signal.aborted) {
      await door.lead(app);
      await options.onServing();
    }
    await aborted(signal);
    log(`stops: ${calls.size} requests are being answered, new ones are refused`);
    await calls.stop(options.grace ?? GRACE);
  } finally {
    await door.close();
    await app.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
