/** What a hub answers before it has opened what it works with. */
import type { RequestListener } from 'node:http';
import { BranchbookError } from '../../core/error';
import { safeHeaders, toldFailure } from './answer';
import type { ToldFailure } from './answer';
import { messagePage } from './identity/pages';
import { withoutPrefix } from './prefix';

/** Seconds after which to ask again. */
const AGAIN = 2;

/** `prefix`: path of the hub's public address, without a slash at the end. */
export function starting(prefix: string): RequestListener {
  return (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const path = withoutPrefix(url, prefix);
    const reads = method === 'GET' || method === 'HEAD';
    const answer =
      (reads && ready(path, prefix)) || refusal(path, reads && (headers.accept ?? '').includes('text/html'));
    // Nobody reads the rest of what is sent.
    response.writeHead(answer.status, { ...answer.headers, connection: 'close' });
    response.end(method === 'HEAD' ? undefined : answer.text);
  };
}

/** What needs nothing that is opened. JupyterHub asks for `/`, and gives up a service that answers with a status of 500 or more. */
function ready(path: string, prefix: string): ToldFailure | null {
  if (path === '/health/live') {
    return { status: 200, headers: { ...safeHeaders, 'content-type': 'application/json' }, text: '{"ok":true}' };
  }
  return path === '/' ? { status: 302, headers: { ...safeHeaders, location: `${prefix}/account` }, text: '' } : null;
}

function refusal(path: string, isPerson: boolean): ToldFailure {
  const failure = new BranchbookError(
    'PLACE_UNREACHABLE',
    'The hub is starting.',
    { reason: 'it is starting', seconds: AGAIN },
    'Try again in a few seconds.'
  );
  const told = toldFailure(path, failure);
  if (!isPerson) {
    return told;
  }
  const { body, headers } = messagePage('The hub is starting', 'This page comes again by itself in a moment.');
  return { ...told, headers: { ...headers, refresh: String(AGAIN), 'retry-after': String(AGAIN) }, text: body };
}
