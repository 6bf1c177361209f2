/** Requests to hubs: bounded in time and size, and never redirected to another origin. */
import { BranchbookError } from '../../core/error';
import type { SerializedError } from '../../core/error';

const PATIENCE = 15_000;
/** Bytes of an answer that is read into memory. */
const LARGEST_ANSWER = 1024 * 1024;

export type JsonAnswer = { readonly status: number; readonly body: unknown };

export type JsonRequest = {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
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
export async function requestJson(url: string, request: JsonRequest = {}): Promise<JsonAnswer> {
  const timeout = AbortSignal.timeout(request.patience ?? PATIENCE);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  try {
    const response = await fetch(url, {
      method: request.method ?? 'GET',
      redirect: 'manual',
      signal,
      headers: {
        accept: 'application/json',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...request.headers
      },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) })
    });
    return { status: response.status, body: parse(await readBounded(response)) };
  } catch (error) {
    request.signal?.throwIfAborted();
    throw unreachable(url, error);
  }
}

/** The failure that an answer tells of, in the place's own words when they are ours. */
export function failureOf(url: string, { status, body }: JsonAnswer): BranchbookError {
  const error = (body as { error?: SerializedError } | null)?.error;
  if (typeof error?.code === 'string' && typeof error.message === 'string') {
    return BranchbookError.fromJSON(error);
  }
  const place = new URL(url).origin;
  return new BranchbookError('PLACE_UNREACHABLE', `${place} answered with status ${status}.`, {
    place,
    reason: `status ${status}`
  });
}

function unreachable(url: string, error: unknown): BranchbookError {
  const place = new URL(url).origin;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BranchbookError(
    'PLACE_UNREACHABLE',
    `${place} does not answer: ${reason}.`,
    { place, reason },
    'Check the address and the network, then try again.'
  );
}

async function readBounded(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > LARGEST_ANSWER) {
      throw new Error(`the answer is larger than ${LARGEST_ANSWER} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
