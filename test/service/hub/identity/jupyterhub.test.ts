/** The hub as a service of a real JupyterHub. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jupyterHubSettings } from '../../../../src/service/hub/identity/jupyterhub';
import { PageBrowser, startIdentityHub } from '../../../support/identity-hub';
import type { IdentityHub } from '../../../support/identity-hub';
import { startJupyterHub } from '../../../support/servers/jupyterhub';
import type { TestJupyterHub } from '../../../support/servers/jupyterhub';

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
});
