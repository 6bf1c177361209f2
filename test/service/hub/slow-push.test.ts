/** Clients that send slowly, at a hub that runs one git at a time. */
import { request } from 'node:http';
import { expect, it, vi } from 'vitest';
import { makeTeam, person, useTestHub } from '../../support/hub';
import { pushCommit, tipOf } from '../../support/light-push';

const holder = useTestHub([person('olga')], { gitSlots: 1 });

it('keep nobody waiting', async () => {
  await makeTeam(holder.hub, 'slow');
  const client = { url: `${holder.hub.url}/slow/iris.git`, token: 'olga-token' };
  const headers = {
    authorization: 'Bearer olga-token',
    'content-type': 'application/x-git-receive-pack-request',
    'content-length': 1000
  };
  const slow = request(`${client.url}/git-receive-pack`, { method: 'POST', headers });
  slow.on('error', () => undefined);
  slow.write('00');
  await vi.waitUntil(() => holder.hub.calls.size === 1);
  try {
    expect(await tipOf(client, 'main')).toEqual({ status: 200, tip: null });
    const { commit, ok } = await pushCommit(client, 'main', null, 'meanwhile');
    expect(ok).toBe(true);
    expect((await tipOf(client, 'main')).tip).toBe(commit);
  } finally {
    slow.destroy();
  }
});
