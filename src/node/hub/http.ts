/** Requests to a hub: one address, one token, failures as the hub tells them. */
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BranchbookError } from '../../core/error';
import type { SerializedError } from '../../core/error';
import type { Activity } from '../../core/port';

/** Milliseconds in which an answer must begin, and the most between two pieces of one. */
const DEFAULT_TIMEOUT = 60_000;
/** Milliseconds in which a connection must be made: a hub that is down is told soon. */
const CONNECT_TIMEOUT = 10_000;
/** Answers that are not streamed are small; a hub that sends more is not ours. */
const MAX_ANSWER = 64 * 1024 * 1024;
const MAX_SOCKETS = 8;

export type HubQuestion = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the hub's address; parts that others chose went through encodeURIComponent. */
  readonly path: string;
  /** A JSON value, … */
  readonly json?: unknown;
  /** … or bytes, … */
  readonly bytes?: Uint8Array;
  /** … or pieces, whose length is known. */
  readonly pieces?: { readonly size: number; readonly from: AsyncIterable<Uint8Array> };
  readonly headers?: Readonly<Record<string, string>>;
  readonly activity?: Activity | undefined;
  /** Milliseconds. */
  readonly timeout?: number;
};

export type HubAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** To be read to its end, or left by `break`: then the connection is closed. */
  readonly body: AsyncIterable<Uint8Array>;
};

export type HubHttpOptions = {
  /** `https://hub.example.org/prefix`, without a slash at the end. */
  readonly url: string;
  /** Asked for with every request, so that a new sign-in counts at once. */
  readonly token: () => Promise<string | null>;
};

/**
 * The client of one hub. Failures: what the hub says in its body, with its code; PLACE_UNREACHABLE when it does not
 * answer, SIGNED_OUT when it wants to know who asks, OUTCOME_UNKNOWN when a change may or may not have happened, CANCELLED.
 */
export class HubHttp {
  readonly url: string;
  private readonly _base: URL;
  private readonly _agent: PlainAgent | SecureAgent;

  /** PLACE_UNREACHABLE when a token would travel in the clear. */
  constructor(private readonly _options: HubHttpOptions) {
    this.url = _options.url.replace(/\/+$/, '');
    this._base = new URL(this.url);
    checkTransport(this._base, this.url);
    const settings = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this._agent = this._base.protocol === 'https:' ? new SecureAgent(settings) : new PlainAgent(settings);
  }

  /** The JSON value of the answer; undefined when it is empty. */
  async json<T>(question: HubQuestion): Promise<T> {
    const bytes = await this.bytes(question);
    if (bytes.length === 0) {
      return undefined as T;
    }
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    } catch {
      throw unreachable(this.url, 'it answers something else than a hub does');
    }
  }

  async bytes(question: HubQuestion): Promise<Uint8Array> {
    const { body } = await this.stream(question);
    return this._collect(body);
  }

  /** An answer of success, as it comes. */
  async stream(question: HubQuestion): Promise<HubAnswer> {
    question.activity?.signal?.throwIfAborted();
    const response = await this._send(question);
    const status = response.statusCode ?? 0;
    const body = this._body(response, question);
    if (status >= 200 && status < 300) {
      return { status, headers: response.headers, body };
    }
    if (status >= 300 && status < 400) {
      response.destroy();
      throw unreachable(this.url, 'it sends us elsewhere, which is not followed');
    }
    const told = await this._collect(body);
    // Nobody reads the rest of what was to be sent.
    requestOf(response).destroy();
    throw this._failure(status, told);
  }

  close(): void {
    this._agent.destroy();
  }

  private async _send(question: HubQuestion): Promise<IncomingMessage> {
    const { activity, timeout = DEFAULT_TIMEOUT } = question;
    const token = await this._options.token();
    const content = contentOf(question);
    const request = (this._base.protocol === 'https:' ? secureRequest : plainRequest)(
      new URL(`${this.url}${question.path}`),
      {
        method: question.method,
        agent: this._agent,
        headers: {
          accept: 'application/json, application/octet-stream',
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...content.headers,
          ...question.headers
        },
        ...(activity?.signal && { signal: activity.signal }),
        timeout
      }
    );
    request.once('socket', socket => {
      if (socket.connecting) {
        socket.setTimeout(CONNECT_TIMEOUT).once('connect', () => socket.setTimeout(timeout));
      }
    });
    request.once('timeout', () => request.destroy(new Error('it took too long to answer')));
    try {
      return await answerTo(request, content.pieces);
    } catch (error) {
      throw this._broken(error, question);
    }
  }

  private async *_body(response: IncomingMessage, question: HubQuestion): AsyncGenerator<Uint8Array> {
    try {
      yield* response as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this._broken(error, question);
    }
  }

  private async _collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of body) {
      size += piece.length;
      if (size > MAX_ANSWER) {
        throw unreachable(this.url, 'its answer is too long');
      }
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  private _broken(error: unknown, { method, activity }: HubQuestion): BranchbookError {
    if (activity?.signal?.aborted) {
      return new BranchbookError('CANCELLED', 'The transfer was cancelled.');
    }
    if (error instanceof BranchbookError) {
      return error;
    }
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = message || code || 'no reason is told';
    const asked = !['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code ?? '');
    if (asked && (method === 'POST' || method === 'PATCH')) {
      return new BranchbookError(
        'OUTCOME_UNKNOWN',
        `The connection to ${this.url} broke before it answered: ${reason}.`,
        { place: this.url, reason },
        'Look whether it was done before you try again.'
      );
    }
    return unreachable(this.url, reason);
  }

  private _failure(status: number, bytes: Uint8Array): BranchbookError {
    const told = parseFailure(bytes);
    if (told) {
      return told;
    }
    if (status === 401) {
      return new BranchbookError('SIGNED_OUT', `${this.url} does not know who you are.`, { place: this.url });
    }
    return unreachable(this.url, `it answers with status ${status}`);
  }
}

/** Node's types know it of servers only. */
const requestOf = (response: IncomingMessage): ClientRequest =>
  (response as IncomingMessage & { readonly req: ClientRequest }).req;

function contentOf({ json, bytes, pieces }: HubQuestion): {
  readonly headers: Record<string, string>;
  readonly pieces: AsyncIterable<Uint8Array> | Uint8Array | null;
} {
  if (pieces) {
    return { headers: sized('application/octet-stream', pieces.size), pieces: pieces.from };
  }
  const content = json === undefined ? bytes : new TextEncoder().encode(JSON.stringify(json));
  const type = json === undefined ? 'application/octet-stream' : 'application/json';
  return content ? { headers: sized(type, content.length), pieces: content } : { headers: {}, pieces: null };
}

const sized = (type: string, size: number): Record<string, string> => ({
  'content-type': type,
  'content-length': String(size)
});

/** The answer may come before everything is sent: a refusal must not wait for the rest. */
function answerTo(
  request: ClientRequest,
  content: AsyncIterable<Uint8Array> | Uint8Array | null
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
    if (content === null || content instanceof Uint8Array) {
      request.end(content ?? undefined);
    } else {
      // What is told of a broken connection is the request's own failure; the source's is told as it is.
      pipeline(Readable.from(content, { objectMode: false }), request).catch(reject);
    }
  });
}

function parseFailure(bytes: Uint8Array): BranchbookError | null {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly error?: SerializedError };
    return error && typeof error.code === 'string' && typeof error.message === 'string'
      ? BranchbookError.fromJSON(error)
      : null;
  } catch {
    return null;
  }
}

function unreachable(place: string, reason: string): BranchbookError {
  return new BranchbookError(
    'PLACE_UNREACHABLE',
    `${place} cannot be reached: ${reason}.`,
    { place, reason },
    'Look whether the address is right and the hub runs, then try again.'
  );
}

/** Tokens travel over TLS, or never leave this machine. */
function checkTransport(base: URL, url: string): void {
  if (base.username !== '' || base.password !== '') {
    throw new BranchbookError('ADDRESS_INVALID', 'A hub’s address has no user name or password in it.', {
      reason: 'credentials in the address'
    });
  }
  if (base.protocol !== 'https:' && !isLoopback(base.hostname)) {
    throw new BranchbookError(
      'PLACE_UNREACHABLE',
      `${url} is not protected: anybody on the way could read your token.`,
      { place: url, reason: 'not HTTPS' },
      'Use its https:// address.'
    );
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
