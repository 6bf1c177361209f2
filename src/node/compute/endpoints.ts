/** Jupyter Servers and Kernel Gateways, as the hub speaks to them: kernels only, with the hidden token. */
import { randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import WebSocket from 'ws';
import { BranchbookError } from '../../core/error';
import type { EndpointAccess, IEndpoints, KernelMessage } from '../../core/port';
import { disk } from '../fs/disk';
import { collect, exchange } from '../http/exchange';
import type { HttpMethod } from '../http/exchange';
import { parse } from '../http/json';
import { trustedContext } from '../http/trust';
import { pinEndpoint, unavailable } from './endpoint-address';
import type { LookUp, Pinned } from './endpoint-address';

/** Milliseconds in which an endpoint must begin to answer. */
const PATIENCE = 30_000;
/** Bytes of an answer, and of one message (a picture, a table). */
const LARGEST_ANSWER = 1024 * 1024;
const LARGEST_MESSAGE = 64 * 1024 * 1024;
/** Bytes of messages that wait for a slow reader before the endpoint is asked to wait too. */
const MOST_WAITING = 4 * 1024 * 1024;
/** Messages that become outputs, or say how it ended. */
const TOLD = new Set([
  'stream',
  'display_data',
  'update_display_data',
  'execute_result',
  'error',
  'clear_output',
  'execute_reply'
]);

type WireMessage = {
  readonly header: { readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly content: { readonly [key: string]: unknown };
};

export class Endpoints implements IEndpoints {
  /** `lookUp`: what a host's name means. Default: the system's. */
  constructor(private readonly _options: { readonly allowLoopback: boolean; readonly lookUp?: LookUp }) {}

  async start(endpoint: EndpointAccess, kernel: string | null): Promise<string> {
    const text = await this._ask(endpoint, 'POST', '/api/kernels', kernel === null ? {} : { name: kernel });
    const { id } = (parse(text) ?? {}) as { readonly id?: unknown };
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) {
      throw unavailable('it does not answer as Jupyter does');
    }
    return id;
  }

  async stop(endpoint: EndpointAccess, id: string): Promise<void> {
    await this._ask(endpoint, 'DELETE', `/api/kernels/${encodeURIComponent(id)}`);
  }

  async *execute(
    endpoint: EndpointAccess,
    id: string,
    code: string,
    signal: AbortSignal
  ): AsyncGenerator<KernelMessage> {
    const session = randomUUID();
    const request = executeRequest(session, code);
    const socket = await this._open(endpoint, id, session);
    const abort = (): void => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const messages = receive(socket);
      socket.send(JSON.stringify(request));
      yield* untilDone(messages, request.header.msg_id);
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', abort);
      socket.terminate();
    }
  }

  private async _open(endpoint: EndpointAccess, id: string, session: string): Promise<WebSocket> {
    const url = below(endpoint, `/api/kernels/${encodeURIComponent(id)}/channels?session_id=${session}`);
    const pinned = await pinEndpoint(url, this._options);
    const secureContext = await trustedContext(disk, process.env);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      headers: headersOf(endpoint),
      lookup: lookupOf(pinned),
      ...(secureContext && { secureContext }),
      followRedirects: false,
      handshakeTimeout: PATIENCE,
      maxPayload: LARGEST_MESSAGE
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', error => reject(unavailable(error.message)));
    });
    return socket;
  }

  private async _ask(endpoint: EndpointAccess, method: HttpMethod, path: string, body?: unknown): Promise<string> {
    const url = below(endpoint, path);
    const lookup = lookupOf(await pinEndpoint(url, this._options));
    const content = body === undefined ? null : new TextEncoder().encode(JSON.stringify(body));
    const headers = {
      ...headersOf(endpoint),
      ...(content && { 'content-type': 'application/json', 'content-length': String(content.length) })
    };
    try {
      const answer = await exchange({ url, method, headers, content, lookup, patience: PATIENCE });
      const text = (await collect(answer.body, LARGEST_ANSWER)).toString('utf8');
      if (answer.status >= 200 && answer.status < 300) {
        return text;
      }
      throw unavailable(`it answers with status ${answer.status}`);
    } catch (error) {
      throw error instanceof BranchbookError ? error : unavailable((error as Error).message);
    }
  }
}

/** Nothing but this path: what stands behind “?” or “#” of the address would swallow it. COMPUTE_UNAVAILABLE. */
function below(endpoint: EndpointAccess, path: string): URL {
  const base = URL.canParse(endpoint.url) ? new URL(endpoint.url) : null;
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw unavailable('its address is none of a Jupyter Server');
  }
  return new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}${path}`);
}

const headersOf = ({ token }: EndpointAccess): Record<string, string> => ({ authorization: `token ${token}` });

/** What was checked is what is connected to. */
function lookupOf(pinned: Pinned): LookupFunction {
  return (_host, options, done) =>
    options.all ? done(null, [{ ...pinned }]) : done(null, pinned.address, pinned.family);
}

function executeRequest(session: string, code: string) {
  const header = {
    msg_id: randomUUID(),
    msg_type: 'execute_request',
    username: 'branchbook',
    session,
    date: new Date().toISOString(),
    version: '5.3'
  };
  const content = {
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true
  };
  return { header, parent_header: {}, metadata: {}, content, channel: 'shell', buffers: [] };
}

/** Outputs come until the kernel is idle; the reply may come before or after that. */
async function* untilDone(messages: AsyncIterable<WireMessage>, question: string): AsyncGenerator<KernelMessage> {
  let idle = false;
  let replied = false;
  for await (const { header, parent_header: parent, content } of messages) {
    if (parent.msg_id !== question) {
      continue;
    }
    replied ||= header.msg_type === 'execute_reply';
    idle ||= header.msg_type === 'status' && content['execution_state'] === 'idle';
    if (TOLD.has(header.msg_type)) {
      yield { type: header.msg_type, content };
    }
    if (idle && replied) {
      return;
    }
  }
  throw unavailable('the connection to the kernel ended');
}

/** What comes is read here and not where it arrives: what an endpoint sends must not end the hub, nor fill its memory. */
async function* receive(socket: WebSocket): AsyncGenerator<WireMessage> {
  const waiting: string[] = [];
  let size = 0;
  let open = true;
  let wake: () => void = () => undefined;
  socket.on('message', (data, isBinary) => {
    // Binary ones carry buffers of widgets, which no notebook file keeps.
    if (!isBinary) {
      const text = String(data);
      waiting.push(text);
      size += text.length;
      if (size > MOST_WAITING) {
        socket.pause();
      }
      wake();
    }
  });
  socket.once('close', () => {
    open = false;
    wake();
  });
  socket.on('error', () => socket.terminate());
  while (open || waiting.length > 0) {
    const next = waiting.shift();
    if (next !== undefined) {
      size -= next.length;
      yield messageOf(next);
    } else {
      socket.resume();
      await new Promise<void>(resolve => (wake = resolve));
    }
  }
}

/** COMPUTE_UNAVAILABLE when it is none. */
function messageOf(text: string): WireMessage {
  const { header, parent_header: parent, content } = (parse(text) ?? {}) as Partial<WireMessage>;
  if (typeof header?.msg_type !== 'string' || !isObject(parent) || !isObject(content)) {
    throw unavailable('it does not answer as Jupyter does');
  }
  return { header, parent_header: parent, content };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
