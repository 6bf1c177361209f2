/** The hub as a service of a real JupyterHub. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServerSharing } from '../../../../src/node/compute/server-sharing';
import { jupyterHubSettings } from '../../../../src/service/hub/identity/jupyterhub';
import { PageBrowser, startIdentityHub } from '../../../support/identity-hub';
import type { IdentityHub } from '../../../support/identity-hub';
import { startJupyterHub, until } from '../../../support/servers/jupyterhub';
import type { TestJupyterHub } from '../../../support/servers/jupyterhub';
import { temporaryDirectory } from '../../../support/temporary-directory';

const core = resolve(__dirname, '..', '..', '..', '..', 'branchbook', '_core', 'branchbook.cjs');
const ACCESS = 'access:services!service=branchbook';

let jupyter: TestJupyterHub;
let hub: IdentityHub;
beforeAll(async () => {
  jupyter = await startJupyterHub();
  hub = await startIdentityHub({
    localAccounts: false,
    jupyterHub: jupyter.settings,
    port: jupyter.servicePort,
    publicUrl: jupyter.serviceUrl
  });
}, 120_000);
afterAll(async () => {
  await hub?.close();
  await jupyter?.stop();
});

/** Through JupyterHub's proxy, as everybody comes. */
const me = (token: string): Promise<Response> =>
  fetch(`${jupyter.serviceUrl}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });

it('knows people by the tokens that JupyterHub gave them, as far as their scopes go', async () => {
  const read = await jupyter.token('ben', [ACCESS, 'custom:branchbook:read']);
  const write = await jupyter.token('ben', [ACCESS, 'custom:branchbook:write']);
  const manage = await jupyter.token('anna', [ACCESS, 'custom:branchbook:manage']);
  expect(await (await me(read)).json()).toEqual({
    user: 'ben',
    displayName: 'ben',
    groups: ['vision'],
    admin: false,
    provider: 'jupyterhub',
    atMost: 'view'
  });
  expect(await (await me(write)).json()).toMatchObject({ user: 'ben', atMost: 'edit' });
  const anna = (await (await me(manage)).json()) as { readonly atMost?: string };
  expect(anna).toMatchObject({ user: 'anna', admin: true });
  expect(anna.atMost).toBeUndefined();
});

it('lets nobody in by a token that is for something else', async () => {
  for (const scopes of [['custom:branchbook:write'], [ACCESS], ['read:users:name!user']]) {
    expect((await me(await jupyter.token('ben', scopes))).status, scopes.join()).toBe(401);
  }
  expect((await me('0123456789abcdef0123456789abcdef')).status).toBe(401);
  // The service's own token is no person's.
  expect((await me(jupyter.settings.apiToken)).status).toBe(401);
});

it('forgets within a minute what JupyterHub took back', async () => {
  const token = await jupyter.token('ben', [ACCESS, 'custom:branchbook:read']);
  expect((await me(token)).status).toBe(200);
  const tokens = (await (await jupyter.api('/users/ben/tokens')).json()) as {
    readonly api_tokens: readonly { readonly id: string }[];
  };
  await Promise.all(tokens.api_tokens.map(({ id }) => jupyter.api(`/users/ben/tokens/${id}`, { method: 'DELETE' })));
  hub.clock.ahead = 60_001;
  expect((await me(token)).status).toBe(401);
  hub.clock.ahead = 0;
});

it('signs people in to its pages at JupyterHub', async () => {
  const browser = new PageBrowser();
  await jupyter.signIn(browser, 'ben');
  const page = await browser.get(`${jupyter.serviceUrl}/login?next=${encodeURIComponent('/device?code=ABCD')}`);
  expect(page.text).not.toContain('type="password"');
  const sent = await browser.submit(page.text, `${jupyter.serviceUrl}/login/jupyterhub`, {});
  const arrived = await browser.follow(new URL(sent.location, jupyter.url).href);
  expect(arrived.url).toBe(`${jupyter.serviceUrl}/device?code=ABCD`);
  expect(arrived.text).toContain('You are signed in as ben');
  const log = await hub.records.signIns(1);
  expect(log[0]).toMatchObject({ user: 'ben', how: 'jupyterhub', outcome: 'ok' });
});

it('invites nobody: who may come, JupyterHub says', async () => {
  const browser = new PageBrowser();
  await jupyter.signIn(browser, 'anna');
  const page = await browser.get(`${jupyter.serviceUrl}/login`);
  const sent = await browser.submit(page.text, `${jupyter.serviceUrl}/login/jupyterhub`, {});
  const account = await browser.follow(new URL(sent.location, jupyter.url).href);
  expect(account.text).toContain('Signed in as anna, an administrator');
  expect(account.text).not.toContain('Invite somebody');
  const asked = await browser.submit(account.text, `${jupyter.serviceUrl}/account/invitations`, { whom: 'Ben' });
  expect(asked.status).toBe(404);
});

it('takes an answer of JupyterHub only in the browser that asked', async () => {
  const [asked, other] = [new PageBrowser(), new PageBrowser()];
  await jupyter.signIn(asked, 'ben');
  const page = await asked.get(`${jupyter.serviceUrl}/login`);
  const sent = await asked.submit(page.text, `${jupyter.serviceUrl}/login/jupyterhub`, {});
  const callback = await asked.get(new URL(sent.location, jupyter.url).href);
  const url = new URL(callback.location, jupyter.url).href;
  expect(url).toContain('/oauth_callback?code=');
  expect((await other.get(url)).status).toBe(401);
  expect((await asked.get(url)).status).toBe(303);
  // Nor twice.
  expect((await asked.get(url)).status).toBe(401);
});

/** What a server of this person's finds in its environment, with a token of these scopes. */
async function serverSharing(scopes: readonly string[]): Promise<ServerSharing> {
  return new ServerSharing({
    JUPYTERHUB_USER: 'ben',
    JUPYTERHUB_SERVER_NAME: '',
    JUPYTERHUB_API_URL: jupyter.settings.apiUrl,
    JUPYTERHUB_API_TOKEN: await jupyter.token('ben', scopes),
    JUPYTERHUB_PUBLIC_HUB_URL: `${jupyter.url}/hub/`
  });
}

const SHARES = ['shares!user', 'read:users:name', 'read:groups:name'];

it('shares a server with a person and a group, and takes it back', async () => {
  const sharing = await serverSharing(SHARES);
  await sharing.share({ user: 'anna' });
  await sharing.share({ user: 'anna' });
  await sharing.share({ group: 'vision' });
  const { shares } = await sharing.list();
  expect(shares.map(({ principal }) => principal)).toEqual(
    expect.arrayContaining([
      { kind: 'user', name: 'anna' },
      { kind: 'group', name: 'vision' }
    ])
  );
  expect(shares).toHaveLength(2);
  await sharing.unshare({ user: 'anna' });
  await sharing.unshare({ group: 'vision' });
  expect((await sharing.list()).shares).toEqual([]);
});

it('makes a link to a server that somebody else can open, until links are ended', async () => {
  const sharing = await serverSharing(SHARES);
  const link = await sharing.link(3600);
  expect(link).toContain(`${jupyter.url}/hub/accept-share?code=`);
  const { codes } = await sharing.list();
  expect(codes).toHaveLength(1);
  expect(Date.parse(codes[0]!.expires!)).toBeGreaterThan(Date.parse(codes[0]!.created));
  const anna = new PageBrowser();
  await jupyter.signIn(anna, 'anna');
  expect((await anna.get(link)).status).toBe(200);
  await sharing.revokeCodes();
  expect((await sharing.list()).codes).toEqual([]);
  expect((await anna.get(link)).status).toBe(404);
});

it('says what keeps a server from being shared', async () => {
  const powerless = await serverSharing(['read:users:name!user']);
  await expect(powerless.share({ user: 'anna' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const sharing = await serverSharing(SHARES);
  await expect(sharing.share({ user: 'nobody-we-know' })).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  expect((await sharing.list()).shares).toEqual([]);
  expect(() => new ServerSharing({})).toThrow('no server of a JupyterHub');
});

it('is found through JupyterHub’s proxy, knowing no more than what JupyterHub tells services', async () => {
  const data = temporaryDirectory();
  const env = { ...process.env, ...jupyter.shippedEnvironment };
  const program = spawn(process.execPath, [core, 'hub', '--data', data], { env, stdio: 'ignore' });
  try {
    await until(async () => (await fetch(`${jupyter.shippedUrl}/health`)).ok);
    const page = await (await fetch(`${jupyter.shippedUrl}/login`)).text();
    expect(page).toContain('action="/services/shipped/login/jupyterhub"');
  } finally {
    const gone = once(program, 'exit');
    program.kill('SIGTERM');
    await gone;
  }
});

it('reads what JupyterHub tells a service that it starts', () => {
  const told = {
    JUPYTERHUB_SERVICE_NAME: 'branchbook',
    JUPYTERHUB_SERVICE_PREFIX: '/base/services/branchbook/',
    JUPYTERHUB_API_URL: 'http://127.0.0.1:8081/base/hub/api',
    JUPYTERHUB_API_TOKEN: 't',
    JUPYTERHUB_CLIENT_ID: 'service-branchbook',
    JUPYTERHUB_BASE_URL: '/base/'
  };
  expect(jupyterHubSettings(told)).toMatchObject({
    browserUrl: '/base/hub',
    callback: '/base/services/branchbook/oauth_callback'
  });
  expect(jupyterHubSettings({ ...told, JUPYTERHUB_API_TOKEN: '' })).toBeNull();
  // A person's server is told all but the name.
  expect(jupyterHubSettings({ ...told, JUPYTERHUB_SERVICE_NAME: undefined })).toBeNull();
});
