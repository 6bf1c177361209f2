/**
 * Google Cloud Storage, through its JSON API: the library would try again by itself, and could not tell a doubt from a
 * refusal. Credentials are Google's application default ones; STORAGE_EMULATOR_HOST names another server, without any.
 */
import { GoogleAuth } from 'google-auth-library';
import type { BucketObject, PutCondition } from '../../core/port';
import type { Environment } from '../process/environment';
import { GcsUpload } from './gcs-upload';
import { kindOfNetworkError, kindOfStatus, isServiceFailure, ServiceFailure } from './object-service';
import type { IObjectService, IUpload, MarkedObject, OpenObject, Page, Write } from './object-service';
import type { Resource, Request } from './gcs-upload';

const MARK = 'branchbook-write';
/** A multiple of 256 KiB, as parts have to be. */
const PART = 8 * 1024 * 1024;
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
/** Milliseconds until a request is answered. */
const TIMEOUT = 120_000;
const FIELDS = 'name,size,generation,updated,metadata';

type Listing = { readonly items?: Resource[]; readonly prefixes?: string[]; readonly nextPageToken?: string };

function toFailure(error: unknown): ServiceFailure {
  if (isServiceFailure(error)) {
    return error;
  }
  const { name, message, cause } = error as { name?: string; message?: string; cause?: { code?: string } };
  return new ServiceFailure(kindOfNetworkError(cause?.code), cause?.code ?? message ?? String(name));
}

async function failureOf(answer: Response): Promise<ServiceFailure> {
  const text = await answer.text().catch(() => '');
  const reason = /"message":\s*"([^"]*)"/.exec(text)?.[1] ?? answer.statusText;
  const kind = answer.status === 412 ? 'condition' : kindOfStatus(answer.status);
  return new ServiceFailure(kind, `${reason} (${answer.status})`);
}

function describe(found: Resource): MarkedObject {
  return {
    key: found.name,
    size: Number(found.size ?? 0),
    etag: found.generation ?? '',
    modified: Date.parse(found.updated ?? '') || Date.now(),
    mark: found.metadata?.[MARK] ?? null
  };
}

/** The object's generation is the etag; none is 0. */
function conditionQuery(condition: PutCondition | undefined): Record<string, string> {
  if (condition === undefined) {
    return {};
  }
  return { ifGenerationMatch: condition === 'absent' ? '0' : condition.etag };
}

export class GcsService implements IObjectService {
  readonly name: string;
  private readonly _base: string;
  private readonly _auth: GoogleAuth | null;

  constructor(
    private readonly _bucket: string,
    environment: Environment
  ) {
    this.name = `gs://${_bucket}`;
    const emulator = environment['STORAGE_EMULATOR_HOST'];
    const host = emulator && (emulator.includes('://') ? emulator : `http://${emulator}`);
    this._base = (host ?? 'https://storage.googleapis.com').replace(/\/+$/, '');
    this._auth = host === undefined ? new GoogleAuth({ scopes: [SCOPE] }) : null;
  }

  partSize(): number {
    return PART;
  }

  async head(key: string): Promise<MarkedObject | null> {
    const answer = await this._send(this._object(key, { fields: FIELDS }), { method: 'GET' });
    return (await this._isAbsent(answer)) ? null : describe((await answer.json()) as Resource);
  }

  async read(key: string, range: { readonly start: number; readonly end: number } | null): Promise<OpenObject | null> {
    const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end - 1}` } : {};
    const answer = await this._send(this._object(key, { alt: 'media' }), { method: 'GET', headers });
    if (await this._isAbsent(answer)) {
      return null;
    }
    const updated = answer.headers.get('last-modified') ?? '';
    const size = answer.headers.get('content-length') ?? '0';
    const generation = answer.headers.get('x-goog-generation') ?? '';
    const pieces = answer.body as unknown as AsyncIterable<Uint8Array>;
    return { object: describe({ name: key, size, generation, updated }), pieces };
  }

  async put(key: string, bytes: Uint8Array, write: Write): Promise<BucketObject> {
    const boundary = `branchbook-${write.mark}`;
    const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${this._resource(key, write)}\r\n`;
    const body = Buffer.concat([
      Buffer.from(`${head}--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`)
    ]);
    const url = this._uploadUrl('multipart', write);
    const headers = { 'content-type': `multipart/related; boundary=${boundary}` };
    return describe((await this._json(url, { method: 'POST', headers, body })) as Resource);
  }

  async upload(key: string, size: number, write: Write): Promise<IUpload> {
    const headers = { 'content-type': 'application/json', 'x-upload-content-length': String(size) };
    const body = this._resource(key, write);
    const answer = await this._send(this._uploadUrl('resumable', write), { method: 'POST', headers, body });
    const session = answer.headers.get('location');
    if (!answer.ok || session === null) {
      throw await failureOf(answer);
    }
    const send = async (request: Request): Promise<Response> => {
      const part = await this._send(session, request);
      if (part.ok || part.status === 308 || part.status === 499) {
        return part;
      }
      throw await failureOf(part);
    };
    return new GcsUpload(size, send, describe);
  }

  async delete(key: string, condition: PutCondition | undefined): Promise<void> {
    const answer = await this._send(this._object(key, conditionQuery(condition)), { method: 'DELETE' });
    await this._isAbsent(answer);
    await answer.body?.cancel();
  }

  async page(prefix: string, folders: boolean, after: string | null): Promise<Page> {
    const query = {
      prefix,
      fields: `items(${FIELDS}),prefixes,nextPageToken`,
      ...(folders && { delimiter: '/' }),
      ...(after !== null && { pageToken: after })
    };
    const url = `${this._base}/storage/v1/b/${this._bucket}/o?${new URLSearchParams(query)}`;
    const found = (await this._json(url, { method: 'GET' })) as Listing;
    return {
      objects: (found.items ?? []).map(describe),
      folders: found.prefixes ?? [],
      next: found.nextPageToken ?? null
    };
  }

  failureOf(error: unknown): ServiceFailure {
    return toFailure(error);
  }

  async close(): Promise<void> {
    // Connections are the runtime's.
  }

  private _object(key: string, query: Record<string, string>): string {
    return `${this._base}/storage/v1/b/${this._bucket}/o/${encodeURIComponent(key)}?${new URLSearchParams(query)}`;
  }

  private _uploadUrl(uploadType: string, { condition }: Write): string {
    const query = new URLSearchParams({ uploadType, fields: FIELDS, ...conditionQuery(condition) });
    return `${this._base}/upload/storage/v1/b/${this._bucket}/o?${query}`;
  }

  private _resource(name: string, { mark }: Write): string {
    return JSON.stringify({ name, metadata: { [MARK]: mark } });
  }

  /** That the bucket is not there is a failure, that an object is not there is none. */
  private async _isAbsent(answer: Response): Promise<boolean> {
    if (answer.ok) {
      return false;
    }
    const failure = await failureOf(answer);
    if (answer.status === 404 && !/bucket/i.test(failure.message)) {
      return true;
    }
    throw failure;
  }

  private async _json(url: string, request: Request): Promise<unknown> {
    const answer = await this._send(url, request);
    if (!answer.ok) {
      throw await failureOf(answer);
    }
    return answer.json();
  }

  /** The time is that until the answer begins. */
  private async _send(url: string, { method, headers, body }: Request): Promise<Response> {
    const authorization = await this._authorization(url);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      // An upload session answers 308, which is no redirection.
      const options = { method, redirect: 'manual', signal: stop.signal } as const;
      const content = (body ?? null) as string | Uint8Array<ArrayBuffer> | null;
      return await fetch(url, { ...options, headers: { ...headers, ...authorization }, body: content });
    } catch (error) {
      throw toFailure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async _authorization(url: string): Promise<Record<string, string>> {
    try {
      const client = await this._auth?.getClient();
      const headers = await client?.getRequestHeaders(url);
      return Object.fromEntries(headers?.entries() ?? []);
    } catch (error) {
      throw new ServiceFailure('refused', (error as Error).message);
    }
  }
}
