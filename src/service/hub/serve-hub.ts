/** From a server that is made to one that serves, and to its end. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { RunningCalls } from './running-calls';

/** Milliseconds that running requests get to end by themselves. */
const GRACE = 30_000;

export type ServeHubOptions = {
  readonly app: FastifyInstance;
  readonly calls: RunningCalls;
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Told when it answers, with its port. */
  readonly onListening: (port: number) => Promise<void>;
  readonly grace?: number;
};

/** Resolves when it was stopped by the signal: what ran has ended, or was cut after the time of grace. */
export async function serveHub(options: ServeHubOptions): Promise<void> {
  const { app, calls, signal, log } = options;
  try {
    await app.listen({ host: options.host, port: options.port });
    await options.onListening((app.server.address() as AddressInfo).port);
    await aborted(signal);
    log(`stops: ${calls.size} requests are being answered, new ones are refused`);
    await calls.stop(options.grace ?? GRACE);
  } finally {
    app.server.closeAllConnections();
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
