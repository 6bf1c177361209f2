/**
 * The hub's address, open from the first moment. Who starts a hub (JupyterHub, what runs containers) gives it seconds to
 * answer, and a database may take longer to open: until the hub takes over, everybody is told that it is starting.
 */
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { starting } from './starting';

/** Milliseconds in which a connection may be silent. */
const SILENCE = 120_000;
/** Milliseconds that a connection waits for another request: longer than proxies before us keep theirs. */
const KEPT = 72_000;

/** PEM. */
export type Tls = { readonly cert: Uint8Array; readonly key: Uint8Array };

export class FrontDoor {
  private readonly _servers: Server[] = [];
  private _answer: RequestListener;

  /** @param prefix path of the hub's public address, without a slash at the end */
  constructor(
    private readonly _tls: Tls | null,
    prefix: string
  ) {
    this._answer = starting(prefix);
  }

  get servers(): readonly Server[] {
    return this._servers;
  }

  /** Gives the port; 0 = any that is free. */
  async open(host: string, port: number): Promise<number> {
    if (host !== 'localhost') {
      return this._listen(host, port);
    }
    const actual = await this._listen('127.0.0.1', port);
    // Browsers try this one first; not every machine has it.
    await this._listen('::1', actual).catch(() => undefined);
    return actual;
  }

  /** From now on it is the hub that answers. */
  async lead(hub: FastifyInstance): Promise<void> {
    await hub.ready();
    this._answer = hub.routing;
  }

  /** Connections end, also those on which something is answered. */
  async close(): Promise<void> {
    await Promise.all(
      this._servers.splice(0).map(server => {
        const closed = new Promise(resolve => server.close(resolve));
        server.closeAllConnections();
        return closed;
      })
    );
  }

  private async _listen(host: string, port: number): Promise<number> {
    const server = this._create((request, response) => this._answer(request, response));
    server.keepAliveTimeout = KEPT;
    // What is sent slowly but steadily may take hours; body.ts ends what is too slow.
    server.requestTimeout = 0;
    server.setTimeout(SILENCE);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host, port }, resolve);
    });
    this._servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  private _create(answer: RequestListener): Server {
    return this._tls
      ? createSecureServer({ cert: Buffer.from(this._tls.cert), key: Buffer.from(this._tls.key) }, answer)
      : createServer(answer);
  }
}
