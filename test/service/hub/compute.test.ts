/** Notebooks run on a real Jupyter Server through the hub, which keeps the server's token to itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { parseNotebook, runNotebook } from '../../../src/core/operation/run-notebook';
import { mayReach } from '../../../src/node/compute/endpoint-address';
import { Endpoints } from '../../../src/node/compute/endpoints';
import { HubHttp } from '../../../src/node/hub/http';
import { startKernel } from '../../../src/node/hub/kernel';
import { computeRoutes } from '../../../src/service/hub/compute/compute-routes';
import { startIdentityHub } from '../../support/identity-hub';
import type { IdentityHub } from '../../support/identity-hub';
import { startServer } from '../../support/servers/server';
import type { Server } from '../../support/servers/server';

const TOKEN = 'hidden-token-of-the-endpoint';
const folder = mkdtempSync(join(tmpdir(), 'branchbook-compute-'));
let jupyter: Server;
let hub: IdentityHub;
const clients = new Map<string, HubHttp>();
beforeAll(async () => {
  jupyter = await startServer('jupyter-server', port => ({
    argv: [
      ...['--allow-root', '--no-browser', `--ServerApp.port=${port}`, `--IdentityProvider.token=${TOKEN}`],
      ...[`--ServerApp.root_dir=${folder}`, '--ServerApp.port_retries=0']
    ],
    env: { HOME: folder, JUPYTER_RUNTIME_DIR: join(folder, 'runtime') },
    endsItself: true
  }));
  const seal = { seal: (text: string) => Buffer.from(text).toString('base64url'), open: unsealed };
  hub = await startIdentityHub({
    routes: computeRoutes({ endpoints: new Endpoints({ allowLoopback: true }), seal }),
    endpoint: ({ user }) => {
      if (user === 'vera') {
        throw new BranchbookError('FORBIDDEN', 'You may not run there.');
      }
      return { url: jupyter.url, token: TOKEN };
    }
  });
  for (const user of ['anna', 'ben', 'vera']) {
    const profile = { user, displayName: user, provider: 'oidc', subject: user, admin: false, groups: [] } as const;
    const identity = (await hub.identity.accounts.vouchedFor(profile))!;
    const { token } = await hub.identity.accounts.createToken(identity, 'test', 3_600_000);
    clients.set(user, new HubHttp({ url: hub.url, token: () => Promise.resolve(token) }));
  }
}, 120_000);
afterAll(async () => {
  clients.forEach(client => client.close());
  await hub?.close();
  await jupyter?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function unsealed(sealed: string): string {
  return Buffer.from(sealed, 'base64url').toString('utf8');
}

const cell = (source: string) => ({
  cell_type: 'code',
  id: 'a',
  metadata: {},
  source,
  outputs: ['old'],
  execution_count: 9
});

it('runs a notebook, keeps its outputs, and stops at the first error', async () => {
  const kernel = await startKernel(clients.get('anna')!, 'team', 'gpu', null);
  const sources = ['x = 20\nprint("one")\nprint("two")', 'x + 1', '1 / 0', 'print("never")'];
  const bytes = new TextEncoder().encode(JSON.stringify({ nbformat: 4, metadata: {}, cells: sources.map(cell) }));
  const ran = await runNotebook(parseNotebook('a.ipynb', bytes), kernel, {});
  await kernel.close();
  const [printed, shown, failed, skipped] = ran.notebook.cells as unknown as {
    outputs: { [key: string]: unknown }[];
  }[];
  expect(ran).toMatchObject({ cells: 3, failed: true });
  expect(printed!.outputs).toEqual([{ output_type: 'stream', name: 'stdout', text: 'one\ntwo\n' }]);
  expect(shown!.outputs[0]).toMatchObject({ output_type: 'execute_result', data: { 'text/plain': '21' } });
  expect(failed!.outputs[0]).toMatchObject({ output_type: 'error', ename: 'ZeroDivisionError' });
  expect(skipped).toMatchObject({ outputs: [], execution_count: null });
  expect(JSON.stringify(ran)).not.toContain(TOKEN);
});

it('gives each person their own kernels, and those without the right none', async () => {
  const http = clients.get('anna')!;
  const all = '/api/v1/namespaces/team/compute/gpu/kernels';
  const { kernel } = await http.json<{ kernel: string }>({ method: 'POST', path: all, json: {} });
  const stop = { method: 'DELETE', path: `${all}/${kernel}` } as const;
  await expect(clients.get('ben')!.json(stop)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  const elsewhere = { ...stop, path: stop.path.replace('/gpu/', '/other/') };
  await expect(http.json(elsewhere)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  await expect(startKernel(clients.get('vera')!, 'team', 'gpu', null)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await http.json(stop);
  await expect(http.json(stop)).rejects.toMatchObject({ code: 'COMPUTE_UNAVAILABLE' });
});

it('goes to no address where machines tell secrets, nor to its own unless that is allowed', async () => {
  const never = ['169.254.169.254', '::ffff:169.254.169.254', '0.0.0.0', 'fe80::1', 'fd00:ec2::254', '224.0.0.1'];
  expect(never.filter(address => mayReach(address, true))).toEqual([]);
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'].filter(one => mayReach(one, false))).toEqual([]);
  expect(['10.0.0.5', '192.168.1.4', '2001:db8::5'].every(address => mayReach(address, false))).toBe(true);
  const guarded = new Endpoints({ allowLoopback: false });
  for (const url of [jupyter.url, 'http://localhost:1', 'http://2130706433:1', 'http://169.254.169.254']) {
    await expect(guarded.start({ url, token: TOKEN }, null)).rejects.toMatchObject({ code: 'COMPUTE_UNAVAILABLE' });
  }
});
