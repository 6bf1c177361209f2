/** A certificate of nobody's, and a proxy that does TLS with it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type TestCertificate = { readonly file: string; readonly cert: Buffer; readonly key: Buffer };

/** For this machine by its names, signed by itself; made by openssl in `folder`. */
export function makeCertificate(folder: string): TestCertificate {
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...[
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        file
      ]
    ],
    { stdio: 'ignore' }
  );
  return { file, cert: readFileSync(file), key: readFileSync(key) };
}

export type TlsProxy = {
  readonly port: number;
  /** What it passes on of a path, as its administrator set it up. */
  passed: (path: string) => string;
  close(): void;
};

/** Passes everything on to `upstream()`, whose certificate is the same. */
export async function startTlsProxy(certificate: TestCertificate, upstream: () => URL): Promise<TlsProxy> {
  const { cert, key } = certificate;
  const proxy: { -readonly [K in keyof TlsProxy]: TlsProxy[K] } = {
    port: 0,
    passed: path => path,
    close: () => undefined
  };
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { hostname, port } = upstream();
    const { method, url, socket } = incoming;
    const headers = { ...incoming.headers, 'x-forwarded-for': socket.remoteAddress };
    const path = proxy.passed(url ?? '/');
    const sent = request({ hostname, port, method, path, headers, ca: cert, agent: false }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    sent.on('error', () => outgoing.destroy());
    incoming.pipe(sent);
  };
  const server = createServer({ cert, key }, pass);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  proxy.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return proxy;
}
