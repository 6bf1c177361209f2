/** Signing in to a hub from a terminal or JupyterLab: a code is shown, and confirmed on a page of the hub. */
import { BranchbookError } from '../../core/error';
import type { Activity, IClock } from '../../core/port';
import { failureOf, requestJson } from '../http/json';

/** What the hub gives to start with; `deviceCode` is secret, `userCode` is for the page. */
type Started = {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly url: string;
  /** Milliseconds between two questions. */
  readonly interval: number;
  /** Milliseconds until the codes are worth nothing. */
  readonly lifetime: number;
};

const SHORTEST_PAUSE = 250;

/** A new token of the hub. SIGN_IN_FAILED, PLACE_UNREACHABLE, RATE_LIMITED, CANCELLED. */
export async function signInByDevice(address: string, clock: IClock, activity: Activity): Promise<string> {
  const started = await start(address, activity);
  const deadline = clock.now() + started.lifetime;
  const phase = `Open ${started.url} and confirm the code ${started.userCode}`;
  while (clock.now() < deadline) {
    activity.onProgress?.({ phase, done: 0, total: null, unit: 'files' });
    await clock.sleep(Math.max(started.interval, SHORTEST_PAUSE));
    activity.signal?.throwIfAborted();
    const token = await ask(address, started.deviceCode, activity);
    if (token !== null) {
      return token;
    }
  }
  throw signInFailed(address, 'the code was not confirmed in time');
}

export function signInFailed(place: string, reason: string): BranchbookError {
  return new BranchbookError(
    'SIGN_IN_FAILED',
    `Signing in to ${place} failed: ${reason}.`,
    { place, reason },
    `Try again: branchbook login ${place}`
  );
}

async function start(address: string, { signal }: Activity): Promise<Started> {
  const url = `${address}/api/v1/login/device`;
  const answer = await requestJson(url, { method: 'POST', body: {}, signal });
  if (answer.status !== 200) {
    throw failureOf(url, answer);
  }
  const started = answer.body as Started;
  // The page must be the hub's own: a person is going to sign in there.
  if (new URL(started.url).origin !== new URL(address).origin) {
    throw signInFailed(address, 'it names a page that is not its own');
  }
  return started;
}

/** null while nobody answered. */
async function ask(address: string, deviceCode: string, { signal }: Activity): Promise<string | null> {
  const url = `${address}/api/v1/login/token`;
  const answer = await requestJson(url, { method: 'POST', body: { deviceCode }, signal });
  if (answer.status === 202) {
    return null;
  }
  const token = (answer.body as { token?: unknown } | null)?.token;
  if (answer.status === 200 && typeof token === 'string') {
    return token;
  }
  throw failureOf(url, answer);
}
