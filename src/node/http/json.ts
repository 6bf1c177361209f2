/** Short questions and answers in JSON, to hubs before there is a token and to other servers. */
import { BranchbookError } from '../../core/error';
import type { SerializedError } from '../../core/error';
import { collect, exchange } from './exchange';
import type { HttpMethod } from './exchange';
import { connectionFailure } from './failure';

/** Milliseconds for all of it. */
const PATIENCE = 15_000;
/** Bytes of an answer that is read into memory. */
const LARGEST_ANSWER = 1024 * 1024;

export type JsonAnswer = { readonly status: number; readonly body: unknown };

export type JsonRequest = {
  readonly method?: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly patience?: number;
};

/**
 * What the address answers, parsed; `body` is null when it is not JSON. Redirects are not followed: they would take what is
 * sent elsewhere. PLACE_UNREACHABLE, CANCELLED.
 */
export async function requestJson(address: string, request: JsonRequest = {}): Promise<JsonAnswer> {
  const { method = 'GET', patience = PATIENCE } = request;
  const url = new URL(address);
  const timeout = AbortSignal.timeout(patience);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  const content = request.body === undefined ? null : new TextEncoder().encode(JSON.stringify(request.body));
  const headers = {
    accept: 'application/json',
    ...(content && { 'content-type': 'application/json', 'content-length': String(content.length) }),
    ...request.headers
  };
  try {
    const { status, body } = await exchange({ url, method, headers, content, signal, patience });
    return { status, body: parse((await collect(body, LARGEST_ANSWER)).toString('utf8')) };
  } catch (thrown) {
    const error = timeout.aborted ? new Error('it took too long to answer') : thrown;
    throw connectionFailure({ place: url.origin, error, signal: request.signal, changes: false });
  }
}

/** The failure that an answer tells of, in the place's own words when they are ours. */
export function failureOf(url: string, { status, body }: JsonAnswer): BranchbookError {
  const place = new URL(url).origin;
  const reason = `status ${status}`;
  return (
    toldFailure(body) ??
    new BranchbookError('PLACE_UNREACHABLE', `${place} answered with ${reason}.`, { place, reason })
  );
}

/** What one of ours says went wrong; null when it is not said as we say it. */
export function toldFailure(body: unknown): BranchbookError | null {
  const error = (body as { readonly error?: SerializedError } | null)?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string' ? BranchbookError.fromJSON(error) : null;
}

/** null when it is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
