/** Signing in at a real OpenID provider: discovery, code with PKCE, groups. */
import Provider from 'oidc-provider';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Oidc, profileOf } from '../../../../src/service/hub/identity/oidc';
import { PageBrowser, startIdentityHub } from '../../../support/identity-hub';
import type { IdentityHub } from '../../../support/identity-hub';
import { freePort } from '../../../support/servers/server';

let issuer: string;
let server: Server;
let hub: IdentityHub;
beforeAll(async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const client = {
    client_id: 'branchbook',
    client_secret: 'secret of the client',
    redirect_uris: [`${url}/login/callback`]
  };
  const provider = new Provider('http://127.0.0.1', {
    clients: [client],
    scopes: ['openid', 'profile', 'groups'],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'], groups: ['groups'] },
    pkce: { required: () => true },
    cookies: { keys: ['test'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, name: `Person ${id}`, groups: ['vision', 'admins'] })
    })
  });
  server = provider.listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The port is known only now, and the provider reads its name for every request.
  Object.defineProperty(provider, 'issuer', { value: issuer });
  hub = await startIdentityHub({
    localAccounts: false,
    port,
    oidc: at => ({
      issuer,
      clientId: client.client_id,
      clientSecret: client.client_secret,
      title: 'Example',
      callback: `${at}/login/callback`,
      scopes: ['profile', 'groups'],
      userClaim: 'preferred_username',
      groupsClaim: 'groups',
      adminGroup: 'admins'
    })
  });
});
afterAll(async () => {
  await hub?.close();
  await new Promise(resolve => server.close(resolve));
});

/** The provider's own pages for signing in and consenting. */
async function throughProvider(browser: PageBrowser, start: string, user: string): Promise<string> {
  let at = await browser.follow(start);
  for (let form = 0; form < 2 && at.url.startsWith(issuer); form += 1) {
    const prompt = /name="prompt" value="(\w+)"/.exec(at.text)![1]!;
    const fields = prompt === 'login' ? { prompt, login: user, password: 'x' } : { prompt };
    const answer = await browser.post(at.url, fields as Record<string, string>);
    at = await browser.follow(new URL(answer.location, at.url).href);
  }
  return at.url;
}

it('signs people in, with their groups', async () => {
  const browser = new PageBrowser();
  const page = await browser.get(`${hub.url}/login`);
  expect(page.text).toContain('Sign in with Example');
  const sent = await browser.submit(page.text, `${hub.url}/login/oidc`, {});
  const question = new URL(sent.location).searchParams;
  expect(question.get('code_challenge_method')).toBe('S256');
  expect(await throughProvider(browser, sent.location, 'carla')).toBe(`${hub.url}/account`);
  const identity = await hub.identity.accounts.owner('session', browser.cookie('branchbook_session')!);
  expect(identity).toMatchObject({ user: 'carla', displayName: 'Person carla', provider: 'oidc', admin: true });
  expect(identity!.groups).toEqual(['vision', 'admins']);
});

it('takes no answer that it did not ask for', async () => {
  const browser = new PageBrowser();
  await browser.get(`${hub.url}/login`);
  expect((await browser.get(`${hub.url}/login/callback?code=stolen&state=guess`)).status).toBe(401);
  const page = await browser.get(`${hub.url}/login`);
  const sent = await browser.submit(page.text, `${hub.url}/login/oidc`, {});
  const state = new URL(sent.location).searchParams.get('state')!;
  expect((await browser.get(`${hub.url}/login/callback?code=stolen&state=${state}`)).status).toBe(401);
  expect((await browser.get(`${hub.url}/login/callback?error=access_denied&state=${state}`)).status).toBe(401);
  expect(browser.cookie('branchbook_session')).toBeUndefined();
});

async function serving<T>(answer: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const told = createServer(answer).listen(0, '127.0.0.1');
  await new Promise(resolve => told.once('listening', resolve));
  try {
    return await use(`http://127.0.0.1:${(told.address() as AddressInfo).port}`);
  } finally {
    told.close().closeAllConnections();
  }
}

it('takes nothing to where a provider redirects it', async () => {
  const heard: string[] = [];
  const elsewhere: RequestListener = (request, response) => {
    heard.push(request.url ?? '');
    response.end('{}');
  };
  await serving(elsewhere, stolen => {
    const redirecting = new Set(['/.well-known/openid-configuration']);
    const asked: string[] = [];
    const provider: RequestListener = (request, response) => {
      const { pathname, origin } = new URL(request.url ?? '/', `http://${request.headers.host}`);
      asked.push(pathname);
      if (redirecting.has(pathname)) {
        response.writeHead(307, { location: `${stolen}${pathname}` }).end();
        return;
      }
      const endpoints = { authorization_endpoint: `${origin}/auth`, token_endpoint: `${origin}/token` };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/keys`, ...endpoints }));
    };
    return serving(provider, async url => {
      const oidc = new Oidc({
        ...{ issuer: url, clientId: 'branchbook', clientSecret: 'secret of the client', title: 'Example' },
        ...{ callback: 'http://127.0.0.1/login/callback', scopes: ['profile'] },
        ...{ userClaim: 'preferred_username', groupsClaim: 'groups', adminGroup: null }
      });
      await expect(oidc.begin('state')).rejects.toMatchObject({ code: 'PLACE_UNREACHABLE' });
      // It works again when the provider does, and what is to be kept secret stays with it.
      redirecting.clear();
      redirecting.add('/token');
      const { memo } = await oidc.begin('state');
      const answer = new URLSearchParams({ code: 'code', state: 'state', iss: url });
      expect(await oidc.finish(answer, 'state', memo)).toBeNull();
      expect(asked).toContain('/token');
    });
  });
  expect(heard).toEqual([]);
});

it('names nobody by an address of e-mail that is not verified', () => {
  const settings = { userClaim: 'email', groupsClaim: 'groups', adminGroup: null, issuer: 'https://id.example.org' };
  const claims = { sub: '1', email: 'anna@example.org' };
  expect(profileOf(claims, settings)).toBeNull();
  expect(profileOf({ ...claims, email_verified: true }, settings)?.profile.user).toBe('anna@example.org');
});
