import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';
import { Client, readLines } from '../../src/lab/client';

type Handler = (request: Request) => Response | Promise<Response>;

const client = (handler: Handler): Client =>
  new Client(
    ServerConnection.makeSettings({
      baseUrl: 'http://localhost:8888/user/ada/',
      token: 'secret',
      fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise.resolve(handler(new Request(input, init))),
      Request
    })
  );

/** A body that arrives in the given pieces. */
const streamed = (...pieces: (string | Uint8Array)[]): Response =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) {
          controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
        }
        controller.close();
      }
    })
  );

const result = '{"type":"result","result":{"branch":"main"}}\n';

describe('the client', () => {
  it('posts the path and the arguments, and gives the result', async () => {
    const requests: { url: string; body: unknown; authorization: string | null }[] = [];
    const given = await client(async request => {
      const { url, headers } = request;
      requests.push({ url, body: await request.json(), authorization: headers.get('Authorization') });
      return streamed(result);
    }).runVerb('work/ü ber', 'assets', { revision: 'main' });
    expect(given).toEqual({ branch: 'main' });
    expect(requests[0]!.url.split('?')[0]).toBe('http://localhost:8888/user/ada/branchbook/api/operation/assets');
    expect(requests[0]!.body).toEqual({ path: 'work/ü ber', args: { revision: 'main' } });
    expect(requests[0]!.authorization).toBe('token secret');
  });

  it('reports progress as it arrives, across any split of the bytes', async () => {
    const line = '{"type":"progress","phase":"Schreibe ü","done":1,"total":2,"unit":"files"}\n';
    const bytes = new TextEncoder().encode(line + result);
    const phases: string[] = [];
    await client(() => streamed(...Array.from(bytes, byte => Uint8Array.of(byte)))).runVerb(
      '',
      'status',
      {},
      {
        onProgress: progress => phases.push(progress.phase)
      }
    );
    expect(phases).toEqual(['Schreibe ü']);
  });

  it('rejects with the error the core sent, in the stream or with a status', async () => {
    const error = { code: 'BRANCH_UNKNOWN', message: 'No branch x.', data: { name: 'x' }, hint: 'Look.' };
    const body = `${JSON.stringify({ type: 'error', error })}\n`;
    for (const response of [streamed(body), new Response(body, { status: 404 })]) {
      await expect(client(() => response.clone()).runVerb('', 'status', {})).rejects.toMatchObject(error);
    }
  });

  it('says that the outcome is unknown when the stream ends early', async () => {
    const cut = client(() => streamed('{"type":"progress","phase":"x","done":0,"total":1,"unit":"files"}\n'));
    await expect(cut.runVerb('', 'status', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  it('gives null for a folder that is in no project', async () => {
    const error = { code: 'NOT_A_PROJECT', message: 'Not a project.', data: {}, hint: '' };
    const outside = client(() => Response.json({ error }, { status: 404 }));
    expect(await outside.locate('somewhere')).toBeNull();
    expect(outside.missing).toBe(false);
  });

  it('asks a server without the extension once, and remembers', async () => {
    let calls = 0;
    const lite = client(() => {
      calls += 1;
      return new Response('<html>404</html>', { status: 404 });
    });
    await expect(lite.locate('')).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
    await expect(lite.runVerb('', 'status', {})).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
    expect(lite.missing).toBe(true);
    expect(calls).toBe(1);
  });

  it('tells cancelling from a broken connection', async () => {
    const broken = client(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(broken.runVerb('', 'status', {})).rejects.toMatchObject({ code: 'IO' });
    const signal = AbortSignal.abort();
    await expect(broken.runVerb('', 'status', {}, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('readLines', () => {
  it('gives the last line without its line end, and skips empty ones', async () => {
    const lines: string[] = [];
    for await (const line of readLines(streamed('a\n\nb', 'c\r\n', '\nd'))) {
      lines.push(line.trim());
    }
    expect(lines).toEqual(['a', 'bc', 'd']);
  });
});
