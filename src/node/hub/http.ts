/** Requests to a hub: one address, one token, failures as the hub tells them. */
import { Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { BranchbookError } from '../../core/error';
import type { Activity } from '../../core/port';
import { onceMore } from '../http/again';
import { collect, exchange } from '../http/exchange';
import type { HttpAnswer, HttpMethod } from '../http/exchange';
import { connectionFailure, unreachable } from '../http/failure';
import { parse, toldFailure } from '../http/json';
import { isLoopback } from '../place/hub-address';

/** Answers that are not streamed are small; a hub that sends more is not ours. */
const MAX_ANSWER = 64 * 1024 * 1024;
const MAX_SOCKETS = 8;

export type HubQuestion = {
  readonly method: HttpMethod;
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
  /** Milliseconds in which an answer must begin, and the most between two pieces of one. */
  readonly timeout?: number;
  /** Bytes of an answer that is read into memory, where it may be long. */
  readonly longest?: number;
};

export type HubAnswer = Pick<HttpAnswer, 'status' | 'headers' | 'body'>;

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
  private readonly _agent: PlainAgent | SecureAgent;

  /** PLACE_UNREACHABLE when a token would travel in the clear. */
  constructor(private readonly _options: HubHttpOptions) {
    this.url = _options.url.replace(/\/+$/, '');
    const base = new URL(this.url);
    checkTransport(base, this.url);
    const settings = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this._agent = base.protocol === 'https:' ? new SecureAgent(settings) : new PlainAgent(settings);
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

  bytes(question: HubQuestion): Promise<Uint8Array> {
    const ask = async (): Promise<Uint8Array> => this._collect((await this.stream(question)).body, question);
    return question.method === 'GET' ? onceMore(question.activity ?? {}, ask) : ask();
  }

  /** An answer of success, as it comes. */
  async stream(question: HubQuestion): Promise<HubAnswer> {
    const answer = await this._succeed(question);
    const { status, headers } = answer;
    return { status, headers, body: this._body(answer, question) };
  }

  /** Its bytes straight into memory: `HttpAnswer.fill`. */
  async fill(question: HubQuestion, into: Uint8Array, onBytes: (count: number) => void): Promise<void> {
    const answer = await this._succeed(question);
    try {
      await answer.fill(into, onBytes);
    } catch (error) {
      throw this._broken(error, question);
    }
  }

  close(): void {
    this._agent.destroy();
  }

  private async _succeed(question: HubQuestion): Promise<HttpAnswer> {
    question.activity?.signal?.throwIfAborted();
    const answer = await this._send(question);
    const { status } = answer;
    if (status >= 200 && status < 300) {
      return answer;
    }
    if (status >= 300 && status < 400) {
      answer.leave();
      throw unreachable(this.url, 'it sends us elsewhere, which is not followed');
    }
    const told = await this._collect(answer.body, question);
    answer.leave();
    throw this._failure(status, told);
  }

  private async _send(question: HubQuestion): Promise<HttpAnswer> {
    const { method, path, activity, timeout } = question;
    const token = await this._options.token();
    const content = contentOf(question);
    try {
      return await exchange({
        url: new URL(`${this.url}${path}`),
        method,
        headers: {
          accept: 'application/json, application/octet-stream',
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...content.headers,
          ...question.headers
        },
        content: content.pieces,
        signal: activity?.signal,
        patience: timeout,
        agent: this._agent
      });
    } catch (error) {
      throw this._broken(error, question);
    }
  }

  private async *_body({ body }: HttpAnswer, question: HubQuestion): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this._broken(error, question);
    }
  }

  private async _collect(body: AsyncIterable<Uint8Array>, question: HubQuestion): Promise<Uint8Array> {
    try {
      return await collect(body, question.longest ?? MAX_ANSWER);
    } catch (error) {
      throw this._broken(error, question);
    }
  }

  private _broken(error: unknown, { method, activity }: HubQuestion): BranchbookError {
    const changes = method === 'POST' || method === 'PATCH';
    return connectionFailure({ place: this.url, error, signal: activity?.signal, changes });
  }

  private _failure(status: number, bytes: Uint8Array): BranchbookError {
    const told = toldFailure(parse(new TextDecoder().decode(bytes)));
    if (told) {
      return told;
    }
    return status === 401
      ? new BranchbookError('SIGNED_OUT', `${this.url} does not know who you are.`, { place: this.url })
      : unreachable(this.url, `it answers with status ${status}`);
  }
}

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

/** Tokens travel over TLS, or never leave this machine. */
function checkTransport(base: URL, url: string): void {
  if (base.username !== '' || base.password !== '') {
    throw new BranchbookError('ADDRESS_INVALID', 'A hub’s address has no user name or password in it.', {
      reason: 'credentials in the address'
    });
  }
  if (base.protocol !== 'https:' && !isLoopback(base)) {
    throw new BranchbookError(
      'PLACE_UNREACHABLE',
      `${url} is not protected: anybody on the way could read your token.`,
      { place: url, reason: 'not HTTPS' },
      'Use its https:// address.'
    );
  }
}
