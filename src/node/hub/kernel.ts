/** A kernel on an endpoint of a namespace, through the hub. */
import { BranchbookError } from '../../core/error';
import type { SerializedError } from '../../core/error';
import type { Activity, IKernel, KernelMessage } from '../../core/port';
import type { HubHttp } from './http';

/** Milliseconds between two outputs: training takes its time. */
const SILENCE = 24 * 3_600_000;

/** COMPUTE_UNAVAILABLE, FORBIDDEN, ENTRY_UNKNOWN. `kernel`: the kind; null = the endpoint's choice. */
export async function startKernel(
  http: HubHttp,
  namespace: string,
  endpoint: string,
  kernel: string | null
): Promise<IKernel> {
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/compute/${encodeURIComponent(endpoint)}/kernels`;
  const json = kernel === null ? {} : { kernel };
  const started = await http.json<{ readonly kernel: string }>({ method: 'POST', path: all, json });
  return new HubKernel(http, `${all}/${encodeURIComponent(started.kernel)}`);
}

class HubKernel implements IKernel {
  constructor(
    private readonly _http: HubHttp,
    private readonly _path: string
  ) {}

  async *execute(code: string, activity: Activity): AsyncGenerator<KernelMessage> {
    const path = `${this._path}/execute`;
    const { body } = await this._http.stream({ method: 'POST', path, json: { code }, activity, timeout: SILENCE });
    for await (const line of linesOf(body)) {
      const message = JSON.parse(line) as KernelMessage | { readonly error: SerializedError };
      if ('error' in message) {
        throw BranchbookError.fromJSON(message.error);
      }
      yield message;
    }
  }

  async close(): Promise<void> {
    await this._http.json({ method: 'DELETE', path: this._path });
  }
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}
