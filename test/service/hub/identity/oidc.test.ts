/** Signing in at a real OpenID provider: discovery, code with PKCE, groups. */
import Provider from 'oidc-provider';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { profileOf } from '../../../../src/service/hub/identity/oidc';
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

it('names nobody by an address of e-mail that is not verified', () => {
  const settings = { userClaim: 'email', groupsClaim: 'groups', adminGroup: null, issuer: 'https://id.example.org' };
  const claims = { sub: '1', email: 'anna@example.org' };
  expect(profileOf(claims, settings)).toBeNull();
  expect(profileOf({ ...claims, email_verified: true }, settings)?.profile.user).toBe('anna@example.org');
});
