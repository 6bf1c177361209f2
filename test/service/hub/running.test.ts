import { request } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { RunningCalls } from '../../../src/service/hub/running-calls';
import { makeTeam, openTestHub, person, useTestHub } from '../../support/hub';
import { pushCommit, tipOf } from '../../support/light-push';

const holder = useTestHub(['olga', 'edi', 'vera'].map(user => person(user)));
const clientOf = (user: string, namespace: string) => ({
  url: `${holder.hub.url}/${namespace}/iris.git`,
  token: `${user}-token`
});

describe('pushes at the same time', () => {
  it('lose nothing that was acknowledged, and nobody sees a failure of the server', async () => {
    await makeTeam(holder.hub, 'busy', { edi: 'editor' });
    const acknowledged = new Map<string, string[]>([
      ['one', []],
      ['two', []]
    ]);
    const statuses = new Set<number>();
    const push = async (branch: string, name: string): Promise<void> => {
      for (;;) {
        const { status, tip } = await tipOf(clientOf('edi', 'busy'), branch);
        const pushed = await pushCommit(clientOf('edi', 'busy'), branch, tip, name);
        statuses.add(status).add(pushed.status);
        if (pushed.ok) {
          acknowledged.get(branch)!.push(pushed.commit);
          return;
        }
      }
    };
    await Promise.all(
      Array.from({ length: 8 }, (_, each) => [push('one', `one ${each}`), push('two', `two ${each}`)]).flat()
    );
    expect([...statuses]).toEqual([200]);
    const events = await holder.hub.namespaces('olga').audit('busy', { actions: 'push', limit: 1000 });
    for (const [branch, commits] of acknowledged) {
      expect(commits.length).toBe(8);
      expect(commits).toContain((await tipOf(clientOf('edi', 'busy'), branch)).tip);
      expect(events.filter(({ target, outcome }) => target === branch && outcome === 'ok').length).toBe(8);
    }
  });
});

describe('who is removed', () => {
  /** A request that never ends, and how it is ended nevertheless. */
  async function endless(namespace: string, end: () => Promise<unknown>): Promise<number | string> {
    const { url, token } = clientOf('vera', namespace);
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-git-upload-pack-request',
      'transfer-encoding': 'chunked'
    };
    const begun = request(`${url}/git-upload-pack`, { method: 'POST', headers });
    const ended = new Promise<number | string>(resolve => {
      begun.once('response', answer => resolve(answer.statusCode ?? 0));
      begun.once('error', error => resolve(error.message));
    });
    begun.write('0011command=fetch');
    await expect.poll(() => holder.hub.calls.size).toBeGreaterThan(0);
    await end();
    const answer = await ended;
    // Before anything is expected: the hub waits for it.
    begun.destroy();
    return answer;
  }

  it('is cut off in the middle of what runs', async () => {
    await makeTeam(holder.hub, 'cut', { vera: 'viewer' });
    const olga = holder.hub.namespaces('olga');
    const change = { type: 'remove-member', member: { kind: 'user', name: 'vera' } } as const;
    expect(await endless('cut', () => olga.change('cut', change))).toBe(404);
  });

  it('is cut off when the token is revoked or has expired', async () => {
    await makeTeam(holder.hub, 'over', { vera: 'viewer' });
    const vera = holder.hub.tokens.get('vera-token')!;
    const revoke = async (): Promise<void> => {
      holder.hub.tokens.delete('vera-token');
      await holder.hub.calls.revalidate();
    };
    expect(await endless('over', revoke)).toBe(401);
    holder.hub.tokens.set('vera-token', vera);
  });

  it('is asked again every second for as long as the request runs, and not before', async () => {
    vi.useFakeTimers();
    try {
      const calls = new RunningCalls();
      const recheck = vi.fn(async () => undefined);
      const call = { namespace: null, abort: new AbortController(), recheck };
      calls.add(call);
      await vi.advanceTimersByTimeAsync(700);
      expect(recheck).not.toHaveBeenCalled();
      for (let seconds = 1; seconds < 5; seconds += 1) {
        await vi.advanceTimersByTimeAsync(1_000);
        expect(recheck.mock.calls.length).toBeGreaterThanOrEqual(seconds);
      }
      const { length } = recheck.mock.calls;
      calls.delete(call);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(recheck.mock.calls.length).toBe(length);
      await calls.stop(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is cut off also when only the token is gone', async () => {
    const calls = new RunningCalls();
    const abort = new AbortController();
    let known = true;
    const call = {
      namespace: null,
      abort,
      recheck: () => (known ? Promise.resolve() : holder.hub.as('nobody').json({ method: 'GET', path: '/api/v1/me' }))
    };
    calls.add(call);
    await calls.revalidate();
    expect(abort.signal.aborted).toBe(false);
    known = false;
    await calls.revalidate();
    expect(abort.signal.reason).toMatchObject({ code: 'SIGNED_OUT' });
    calls.delete(call);
    await calls.stop(0);
  });
});

describe('a hub that stops', () => {
  it('lets running requests end, and refuses new ones', async () => {
    const hub = await openTestHub([person('olga')]);
    await makeTeam(hub, 'team');
    const { as } = hub;
    const call = { namespace: null, abort: new AbortController(), recheck: async () => undefined };
    hub.calls.add(call);
    const stopped = hub.calls.stop(60_000);
    await expect(as('olga').json({ method: 'GET', path: '/api/v1/me' })).rejects.toThrow(
      expect.objectContaining({ code: 'PLACE_UNREACHABLE', message: 'The hub is stopping.' })
    );
    expect(call.abort.signal.aborted).toBe(false);
    hub.calls.delete(call);
    await stopped;
    await hub.close();
  });
});
