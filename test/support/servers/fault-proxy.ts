import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to one request. `answer`: the server never hears of it. `answer-after`: it does what it is asked, and the
 * client is told something else. `cut-after`: the client is told nothing. `without`: headers that get lost on the way.
 */
export type Fault =
  | { readonly kind: 'answer' | 'answer-after'; readonly status: number; readonly body: string }
  | { readonly kind: 'cut-after' }
  | { readonly kind: 'without'; readonly headers: readonly string[] };

export type FaultProxy = {
  readonly url: string;
  /** Asked about each request; null = it passes. */
  choose: (method: string, path: string, headers: IncomingHttpHeaders) => Fault | null;
  stop(): Promise<void>;
};

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

/** A proxy in front of a real server, that fails as networks and services do. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(upstream);
  const forward = (incoming: IncomingMessage, body: Buffer, without: readonly string[]): Promise<IncomingMessage> =>
    new Promise((done, failed) => {
      const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !without.includes(name)));
      const { method, url: path } = incoming;
      const sent = request({ hostname, port, method, path, headers, agent: false }, done);
      sent.once('error', failed);
      sent.end(body);
    });
  const proxy: FaultProxy = { url: '', choose: () => null, stop: async () => undefined };
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const fault = proxy.choose(incoming.method!, incoming.url!, incoming.headers);
    const body = await bodyOf(incoming);
    if (fault?.kind === 'answer') {
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml' }).end(fault.body);
      return;
    }
    const answer = await forward(incoming, body, fault?.kind === 'without' ? fault.headers : []);
    const answered = await bodyOf(answer);
    if (fault?.kind === 'cut-after') {
      incoming.socket.destroy();
    } else if (fault?.kind === 'answer-after') {
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml' }).end(fault.body);
    } else {
      outgoing.writeHead(answer.statusCode!, answer.headers).end(answered);
    }
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>(done => {
        server.close(() => done());
        server.closeAllConnections();
      })
  });
}
