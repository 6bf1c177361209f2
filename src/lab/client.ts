import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { BranchbookError, hasCode, type SerializedError } from '../core/error';
import type { Verb, Verbs } from '../core/model/result';
import type { Health, LabOperationRequest, LocatedProject, StreamLine } from '../service/protocol';
import type { RunOptions } from './tokens';

const api = 'branchbook/api';

/**
 * Talks to the Branchbook server extension. Every failure is a BranchbookError: the core's own, IO when the server
 * cannot be reached, or VERSION_MISMATCH when the server has no Branchbook extension (see `missing`).
 */
export class Client {
  /** @param advice how hints are worded here */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly advice: (hint: string) => string = hint => hint
  ) {}

  /** True once the server turned out to have no Branchbook extension (also in JupyterLite). */
  get missing(): boolean {
    return this._missing;
  }

  async health(): Promise<Health> {
    const response = await this._request('health', { method: 'GET' });
    return (await response.json()) as Health;
  }

  /** The project that holds a contents path; null when it is in none. */
  async locate(contentsPath: string): Promise<LocatedProject | null> {
    try {
      const response = await this._request(`project?${new URLSearchParams({ path: contentsPath })}`, { method: 'GET' });
      return (await response.json()) as LocatedProject;
    } catch (error) {
      if (hasCode(error, 'NOT_A_PROJECT')) {
        return null;
      }
      throw error;
    }
  }

  /**
   * Run a verb in the project that holds `contentsPath`. Aborting `options.signal` closes the connection, which cancels
   * the operation in the core.
   */
  async runVerb<V extends Verb>(
    contentsPath: string,
    verb: V,
    args: Verbs[V]['args'],
    options: RunOptions = {}
  ): Promise<Verbs[V]['result']> {
    const body: LabOperationRequest<V> = { path: contentsPath, args };
    const init: RequestInit = { method: 'POST', body: JSON.stringify(body) };
    if (options.signal) {
      init.signal = options.signal;
    }
    const response = await this._request(`operation/${verb}`, init);
    return readResult<V>(response, options, this._failure);
  }

  /** The bytes of a version. */
  async file(contentsPath: string, address: string, signal: AbortSignal): Promise<ArrayBuffer> {
    const query = new URLSearchParams({ path: contentsPath, address });
    const response = await this._request(`file?${query}`, { method: 'GET', signal });
    try {
      return await response.arrayBuffer();
    } catch (error) {
      throw signal.aborted ? cancelled() : unreachable(error);
    }
  }

  private async _request(route: string, init: RequestInit): Promise<Response> {
    if (this._missing) {
      throw extensionMissing();
    }
    const url = URLExt.join(this.settings.baseUrl, api, '/') + route;
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch (error) {
      throw init.signal?.aborted ? cancelled() : unreachable(error);
    }
    if (response.ok) {
      return response;
    }
    const error = await readError(response, this._failure);
    if (error === null && response.status === 404) {
      this._missing = true;
      throw extensionMissing();
    }
    throw error ?? new BranchbookError('IO', `Jupyter Server answered ${response.status} ${response.statusText}.`);
  }

  private readonly _failure = (error: SerializedError): BranchbookError =>
    BranchbookError.fromJSON({ ...error, hint: this.advice(error.hint ?? '') });

  private _missing = false;
}

type ReadFailure = (error: SerializedError) => BranchbookError;

/** Read the stream up to its result, reporting progress on the way. */
async function readResult<V extends Verb>(
  response: Response,
  options: RunOptions,
  failure: ReadFailure
): Promise<Verbs[V]['result']> {
  try {
    for await (const text of readLines(response)) {
      const line = JSON.parse(text) as StreamLine<V>;
      switch (line.type) {
        case 'progress':
          options.onProgress?.(line);
          break;
        case 'result':
          return line.result;
        case 'error':
          throw failure(line.error);
      }
    }
  } catch (error) {
    if (error instanceof BranchbookError) {
      throw error;
    }
    throw options.signal?.aborted ? cancelled() : unreachable(error);
  }
  throw new BranchbookError(
    'OUTCOME_UNKNOWN',
    'The connection ended before the answer arrived.',
    {},
    'Look at the status; run the operation again if it did not happen.'
  );
}

/** The non-empty lines of a response's body, as they arrive. */
export async function* readLines(response: Response): AsyncGenerator<string> {
  if (!response.body) {
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  // Kept apart until the line is whole: a line of megabytes must not be copied for each piece of it.
  let pieces: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (value ?? '').split('\n');
      const last = lines.pop()!;
      for (const line of lines) {
        const whole = pieces.join('') + line;
        pieces = [];
        if (whole.trim()) {
          yield whole;
        }
      }
      pieces.push(last);
      if (done) {
        const whole = pieces.join('');
        if (whole.trim()) {
          yield whole;
        }
        return;
      }
    }
  } finally {
    // Leaving early (an error line, a cancelled caller) must not keep the connection open.
    void reader.cancel().catch(() => undefined);
  }
}

/** The core's error in a failed response; null when the answer is not the core's. */
async function readError(response: Response, failure: ReadFailure): Promise<BranchbookError | null> {
  try {
    const text = await response.text();
    const lines = text.split('\n').filter(line => line.trim());
    const body = JSON.parse(lines[lines.length - 1]!) as { error?: SerializedError };
    return body.error?.code ? failure(body.error) : null;
  } catch {
    return null;
  }
}

function extensionMissing(): BranchbookError {
  return new BranchbookError(
    'VERSION_MISMATCH',
    'Jupyter Server runs without the Branchbook server extension.',
    {},
    'Install branchbook in the environment that runs Jupyter Server and restart it.'
  );
}

function unreachable(cause: unknown): BranchbookError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BranchbookError('IO', 'Jupyter Server cannot be reached.', { reason }, 'Check that it is still running.');
}

function cancelled(): BranchbookError {
  return new BranchbookError('CANCELLED', 'The operation was cancelled; nothing was changed.');
}
