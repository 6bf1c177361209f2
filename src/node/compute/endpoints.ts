/** Jupyter Servers and Kernel Gateways, as the hub speaks to them: kernels only, with the hidden token. */
import { randomUUID } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import WebSocket from 'ws';
import type { EndpointAccess, IEndpoints, KernelMessage } from '../../core/port';
import { pinEndpoint, unavailable } from './endpoint-address';
import type { Pinned } from './endpoint-address';

/** Milliseconds in which an endpoint must begin to answer. */
const PATIENCE = 30_000;
/** Bytes of an answer, and of one message (a picture, a table). */
const LARGEST_ANSWER = 1024 * 1024;
const LARGEST_MESSAGE = 64 * 1024 * 1024;
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
  constructor(private readonly _options: { readonly allowLoopback: boolean }) {}

  async start(endpoint: EndpointAccess, kernel: string | null): Promise<string> {
    const text = await this._ask(endpoint, 'POST', '/api/kernels', kernel === null ? {} : { name: kernel });
    const { id } = JSON.parse(text) as { readonly id?: unknown };
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
    const pinned = await pinEndpoint(url, this._options.allowLoopback);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      headers: headersOf(endpoint),
      lookup: lookupOf(pinned),
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

  private async _ask(endpoint: EndpointAccess, method: string, path: string, body?: unknown): Promise<string> {
    const url = below(endpoint, path);
    const pinned = await pinEndpoint(url, this._options.allowLoopback);
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(unavailable(reason));
      const headers = { ...headersOf(endpoint), ...(body !== undefined && { 'content-type': 'application/json' }) };
      const request = send(url, { method, headers, lookup: lookupOf(pinned), timeout: PATIENCE }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          if (text.length > LARGEST_ANSWER) {
            request.destroy(new Error('its answer is too long'));
          }
        });
        response.once('error', error => fail(error.message));
        response.once('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) {
            resolve(text);
          } else {
            fail(`it answers with status ${statusCode}`);
          }
        });
      });
      request.once('timeout', () => request.destroy(new Error('it does not answer')));
      request.once('error', error => fail(error.message));
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function below({ url }: EndpointAccess, path: string): URL {
  return new URL(`${url.replace(/\/+$/, '')}${path}`);
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

async function* receive(socket: WebSocket): AsyncGenerator<WireMessage> {
  const waiting: WireMessage[] = [];
  let open = true;
  let wake: () => void = () => undefined;
  socket.on('message', (data, isBinary) => {
    // Binary ones carry buffers of widgets, which no notebook file keeps.
    if (!isBinary) {
      waiting.push(JSON.parse(String(data)) as WireMessage);
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
    if (next) {
      yield next;
    } else {
      await new Promise<void>(resolve => (wake = resolve));
    }
  }
}
