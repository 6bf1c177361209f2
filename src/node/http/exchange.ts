/** One request over HTTP and its answer: bounded in time, redirected nowhere, and with the certificates that the user trusts. */
import { request as plainRequest } from 'node:http';
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { BranchbookError } from '../../core/error';
import { disk } from '../fs/disk';
import { trustedContext } from './trust';

/** Milliseconds. */
const PATIENCE = 60_000;
/** A server that is not there is given up sooner than one that works. */
const CONNECTING = 10_000;

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type HttpRequest = {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, or pieces whose length the headers say. */
  readonly content?: Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds in which an answer must begin, and the most between two pieces of one. */
  readonly patience?: number | undefined;
  /** Milliseconds in which a connection must be made. */
  readonly connecting?: number;
  /** Keeps connections for the next request. Default: one for this alone. */
  readonly agent?: Agent;
  /** In place of the system's: where the host was found to be. */
  readonly lookup?: LookupFunction;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, or left by `break`: then the connection is closed. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Instead: the body straight into memory, in which no piece waits for its turn. `onBytes` is told of what came, also
   * before a failure. OBJECT_CORRUPT when there is more.
   */
  readonly fill: (into: Uint8Array, onBytes: (count: number) => void) => Promise<void>;
  /** Nobody reads the rest of what was to be sent. */
  readonly leave: () => void;
};

/**
 * The answer, whatever its status: a redirect is an answer too, and takes nothing elsewhere. Fails with what broke the
 * connection (`connectionFailure` says what that means) or the source of the content.
 */
export async function exchange(question: HttpRequest): Promise<HttpAnswer> {
  const { url, method, headers, signal, patience = PATIENCE, agent = false, lookup } = question;
  const isSecure = url.protocol === 'https:';
  const secureContext = isSecure ? await trustedContext(disk, process.env) : null;
  const request = (isSecure ? secureRequest : plainRequest)(url, {
    ...{ method, headers, agent, timeout: patience },
    ...(signal && { signal }),
    ...(lookup && { lookup }),
    ...(secureContext && { secureContext })
  });
  endInTime(request, patience, Math.min(patience, question.connecting ?? CONNECTING));
  const response = await answerTo(request, question.content ?? null);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: response as AsyncIterable<Uint8Array>,
    fill: (into, onBytes) => fill(response, into, onBytes),
    leave: () => void request.destroy()
  };
}

function endInTime(request: ClientRequest, patience: number, connecting: number): void {
  request.once('socket', socket => {
    if (socket.connecting) {
      socket.setTimeout(connecting).once('connect', () => socket.setTimeout(patience));
    }
  });
  request.once('timeout', () => {
    const early = request.socket?.connecting ? { syscall: 'connect' } : {};
    request.destroy(Object.assign(new Error('it took too long to answer'), early));
  });
}

/** The answer may come before everything is sent: a refusal must not wait for the rest. */
function answerTo(
  request: ClientRequest,
  content: AsyncIterable<Uint8Array> | Uint8Array | null
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    if (content === null || content instanceof Uint8Array) {
      request.end(content ?? undefined);
    } else {
      // What is told of a broken connection is the request's own failure; the source's is told as it is.
      pipeline(Readable.from(content, { objectMode: false }), request).catch(reject);
    }
  });
}

async function fill(body: IncomingMessage, into: Uint8Array, onBytes: (count: number) => void): Promise<void> {
  let filled = 0;
  body.on('data', (piece: Uint8Array) => {
    if (filled + piece.length > into.length) {
      body.destroy(tooMuch());
    } else {
      into.set(piece, filled);
      filled += piece.length;
      onBytes(piece.length);
    }
  });
  await finished(body, { writable: false });
}

const tooMuch = (): BranchbookError =>
  new BranchbookError(
    'OBJECT_CORRUPT',
    'More came than was asked for.',
    { reason: 'more came than was asked for' },
    'Try again; ask who runs the place when it stays so.'
  );

/** All of an answer's bytes; fails beyond `limit`. */
export async function collect(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > limit) {
      throw new Error(`the answer is longer than ${limit} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
