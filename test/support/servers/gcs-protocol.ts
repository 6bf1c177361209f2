import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of Google Cloud Storage's JSON API as is used, by its documentation; objects are in memory. */
export type GcsProtocolServer = { readonly url: string; stop(): Promise<void> };

type Stored = {
  readonly bytes: Buffer;
  readonly generation: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly updated: string;
};
type Resource = { readonly name: string; readonly metadata?: Record<string, string> };
type Session = { readonly resource: Resource; readonly match: string | null; bytes: Buffer };

class Failure extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

/** The two parts of `multipart/related`. */
function partsOf(body: Buffer, boundary: string): readonly Buffer[] {
  const mark = `--${boundary}`;
  const found: Buffer[] = [];
  for (let at = body.indexOf(mark); at >= 0;) {
    const next = body.indexOf(`\r\n${mark}`, at + mark.length);
    if (next < 0) {
      return found;
    }
    found.push(body.subarray(body.indexOf('\r\n\r\n', at) + 4, next));
    at = next + 2;
  }
  return found;
}

class Storage {
  private readonly _objects = new Map<string, Stored>();
  private readonly _sessions = new Map<string, Session>();
  private _generation = 1_000_000;

  async answer(request: IncomingMessage, response: ServerResponse, base: string): Promise<void> {
    const url = new URL(request.url!, base);
    const body = await bodyOf(request);
    const [, upload, bucket, name] = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/(.+))?$/.exec(url.pathname) ?? [];
    const key = `${bucket}/${decodeURIComponent(name ?? '')}`;
    if (upload && url.searchParams.has('session')) {
      this._continue(url, bucket!, request, body, response);
    } else if (upload) {
      this._upload(url, bucket!, request, body, response, base);
    } else if (name === undefined) {
      this._list(url, `${bucket}/`, response);
    } else if (request.method === 'DELETE') {
      this._compare(key, url.searchParams.get('ifGenerationMatch'), true);
      this._objects.delete(key);
      response.writeHead(204).end();
    } else {
      this._read(url, key, request, response);
    }
  }

  private _upload(
    url: URL,
    bucket: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    base: string
  ): void {
    const match = url.searchParams.get('ifGenerationMatch');
    if (url.searchParams.get('uploadType') === 'multipart') {
      const boundary = /boundary=(.+)$/.exec(request.headers['content-type']!)![1]!;
      const [head, content] = partsOf(body, boundary);
      this._put(bucket, JSON.parse(head!.toString()) as Resource, content!, match, response);
      return;
    }
    const resource = JSON.parse(body.toString()) as Resource;
    this._compare(`${bucket}/${resource.name}`, match, false);
    const session = String(this._sessions.size + 1);
    this._sessions.set(session, { resource, match, bytes: Buffer.alloc(0) });
    response.writeHead(200, { location: `${base}/upload/storage/v1/b/${bucket}/o?session=${session}` }).end();
  }

  private _continue(url: URL, bucket: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const session = this._sessions.get(url.searchParams.get('session')!)!;
    const [, from, , total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(request.headers['content-range'] ?? '') ?? [];
    if (request.method === 'DELETE') {
      response.writeHead(499).end();
      return;
    }
    if (from !== undefined && Number(from) === session.bytes.length) {
      session.bytes = Buffer.concat([session.bytes, body]);
    }
    if (session.bytes.length === Number(total)) {
      this._put(bucket, session.resource, session.bytes, session.match, response);
    } else if (body.length % (256 * 1024) !== 0) {
      throw new Failure(400, 'parts are multiples of 256 KiB');
    } else {
      response.writeHead(308, session.bytes.length > 0 ? { range: `bytes=0-${session.bytes.length - 1}` } : {}).end();
    }
  }

  private _put(
    bucket: string,
    { name, metadata = {} }: Resource,
    bytes: Buffer,
    match: string | null,
    response: ServerResponse
  ): void {
    const key = `${bucket}/${name}`;
    this._compare(key, match, false);
    const stored = { bytes, metadata, generation: (this._generation += 7), updated: new Date().toISOString() };
    this._objects.set(key, stored);
    this._json(response, this._resource(key, stored));
  }

  private _read(url: URL, key: string, request: IncomingMessage, response: ServerResponse): void {
    const stored = this._objects.get(key);
    if (!stored) {
      throw new Failure(404, `No such object: ${key.slice(key.indexOf('/') + 1)}`);
    }
    if (url.searchParams.get('alt') !== 'media') {
      this._json(response, this._resource(key, stored));
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const bytes = from === undefined ? stored.bytes : stored.bytes.subarray(Number(from), Number(to) + 1);
    const headers = { 'x-goog-generation': String(stored.generation), 'content-length': String(bytes.length) };
    response.writeHead(from === undefined ? 200 : 206, headers).end(bytes);
  }

  /** Pages of four, so that there are several. */
  private _list(url: URL, bucket: string, response: ServerResponse): void {
    const prefix = `${bucket}${url.searchParams.get('prefix') ?? ''}`;
    const after = url.searchParams.get('pageToken') ?? '';
    const keys = [...this._objects.keys()].filter(key => key.startsWith(prefix));
    keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const cut = (key: string): string => key.slice(bucket.length);
    if (url.searchParams.get('delimiter') === '/') {
      const deeper = keys.filter(key => key.includes('/', prefix.length));
      const prefixes = deeper.map(key => cut(key.slice(0, key.indexOf('/', prefix.length) + 1)));
      this._json(response, { prefixes: [...new Set(prefixes)] });
      return;
    }
    const start = after === '' ? 0 : keys.indexOf(`${bucket}${after}`) + 1;
    const page = keys.slice(start, start + 4);
    const nextPageToken = start + 4 < keys.length ? cut(page.at(-1)!) : undefined;
    this._json(response, { items: page.map(key => this._resource(key, this._objects.get(key)!)), nextPageToken });
  }

  private _compare(key: string, match: string | null, mustBe: boolean): void {
    const found = this._objects.get(key);
    if (mustBe && !found) {
      throw new Failure(404, 'No such object');
    }
    if (match !== null && match !== String(found?.generation ?? 0)) {
      throw new Failure(412, 'At least one of the pre-conditions you specified did not hold.');
    }
  }

  private _resource(key: string, { bytes, generation, metadata, updated }: Stored): unknown {
    const name = key.slice(key.indexOf('/') + 1);
    return { name, size: String(bytes.length), generation: String(generation), metadata, updated };
  }

  private _json(response: ServerResponse, value: unknown): void {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }
}

export async function startGcsProtocol(): Promise<GcsProtocolServer> {
  const storage = new Storage();
  let base = '';
  const server = createServer((request, response) => {
    storage.answer(request, response, base).catch((error: unknown) => {
      const { status = 500, message } = error as Failure;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: status, message } }));
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: base,
    stop: () =>
      new Promise<void>(done => {
        server.close(() => done());
        server.closeAllConnections();
      })
  };
}
