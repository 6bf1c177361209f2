/** The hub's own accounts, by their pages and routes, as browsers and programs see them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linkInvalid } from '../../../../src/core/access/links';
import type { BranchbookError } from '../../../../src/core/error';
import { HubHttp } from '../../../../src/node/hub/http';
import { signInByDevice } from '../../../../src/node/place/device-sign-in';
import { isHub } from '../../../../src/node/place/probe-hub';
import { clock } from '../../../../src/node/process/time';
import { PageBrowser, startIdentityHub } from '../../../support/identity-hub';
import type { IdentityHub } from '../../../support/identity-hub';

const PASSWORD = 'correct horse battery';
const NASTY = '<img src=x onerror=alert(1)>"\'';
const DAY = 86_400_000;

let hub: IdentityHub;
let owner: PageBrowser;
beforeAll(async () => {
  hub = await startIdentityHub({
    offer: async code => {
      if (code !== 'good') {
        throw linkInvalid();
      }
      const offered = {
        namespace: 'vision',
        title: NASTY,
        right: 'view',
        object: { kind: 'project', project: 'iris' }
      } as const;
      return { ...offered, gives: 'grant', uses: 'many', expires: Date.UTC(2026, 11, 3), by: NASTY, workspace: null };
    }
  });
  owner = new PageBrowser();
  const invitation = (await hub.identity.ownerInvitation())!;
  const page = await owner.get(invitation);
  const made = await owner.submit(page.text, invitation, { user: 'anna', display: NASTY, password: PASSWORD });
  expect(made.location).toBe('/account');
});
afterAll(() => hub.close());

const me = (token: string): Promise<Response> =>
  fetch(`${hub.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });

async function newToken(lifetime = DAY, atMost?: string): Promise<string> {
  const token = await tokenOfPage();
  const response = await fetch(`${hub.url}/api/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'script', lifetime, ...(atMost && { atMost }) })
  });
  return ((await response.json()) as { token: string }).token;
}

let shown: string | null = null;
async function tokenOfPage(): Promise<string> {
  if (shown === null) {
    const page = await owner.get(`${hub.url}/account`);
    const fields = { name: NASTY, days: '30', atMost: 'manage' };
    const made = await owner.submit(page.text, `${hub.url}/account/tokens`, fields);
    shown = /<pre>(bb_[\w-]+)<\/pre>/.exec(made.text)![1]!;
  }
  return shown;
}

it('invites the first administrator once', async () => {
  expect(await hub.identity.ownerInvitation()).toBeNull();
  expect((await owner.get(`${hub.url}/`)).location).toBe('/account');
  expect((await owner.get(`${hub.url}/account`)).text).toContain('an administrator');
});

it('lets nobody in twice by one invitation', async () => {
  const page = await owner.get(`${hub.url}/account`);
  const told = await owner.submit(page.text, `${hub.url}/account/invitations`, { whom: 'ben' });
  const invitation = /<pre>(http[^<]+)<\/pre>/.exec(told.text)![1]!;
  const guests = [new PageBrowser(), new PageBrowser()];
  const answers = await Promise.all(
    guests.map(async (guest, index) => {
      const form = await guest.get(invitation);
      return guest.submit(form.text, invitation, { user: `ben${index}`, display: '', password: PASSWORD });
    })
  );
  expect(answers.map(answer => answer.status).sort()).toEqual([303, 404]);
  const winner = guests[answers.findIndex(answer => answer.status === 303)]!;
  const account = await winner.get(`${hub.url}/account`);
  expect(account.text).not.toContain('an administrator');
  const refused = await winner.submit(account.text, `${hub.url}/account/invitations`, { whom: 'eve' });
  expect(refused.status).toBe(403);
});

it('keeps only hashes of what lets people in', async () => {
  const token = await tokenOfPage();
  const stored = JSON.stringify([
    await hub.records.accounts(),
    await hub.records.secretsOf('token', 'anna'),
    await hub.records.secretsOf('session', 'anna')
  ]);
  expect(stored).toContain('scrypt$');
  for (const secret of [PASSWORD, token, owner.cookie('branchbook_session')!]) {
    expect(stored).not.toContain(secret);
  }
});

it('takes a token until it expires or is revoked', async () => {
  const token = await newToken();
  expect(await (await me(token)).json()).toMatchObject({ user: 'anna', admin: true, provider: 'local' });
  expect((await me(`${token}x`)).status).toBe(401);
  hub.clock.ahead = DAY + 1;
  expect((await me(token)).status).toBe(401);
  hub.clock.ahead = 0;
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${hub.url}/api/v1/login`, { method: 'DELETE', headers })).status).toBe(200);
  expect((await me(token)).status).toBe(401);
});

it('gives a weaker token what it says, and nothing stronger by it', async () => {
  const weak = await newToken(DAY, 'view');
  expect(await (await me(weak)).json()).toMatchObject({ user: 'anna', admin: false, atMost: 'view' });
  const response = await fetch(`${hub.url}/api/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weak}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'stronger', lifetime: DAY, atMost: 'manage' })
  });
  expect(response.status).toBe(400);
});

it('revokes a token by its page', async () => {
  const token = await newToken();
  const tokens = await hub.identity.accounts.tokens((await hub.identity.authenticate(token))!);
  const page = await owner.get(`${hub.url}/account`);
  await owner.submit(page.text, `${hub.url}/account/tokens/revoke`, { id: tokens[0]!.id });
  expect((await me(token)).status).toBe(401);
});

it('shows what people write as text', async () => {
  await tokenOfPage();
  for (const path of ['/account', '/join/good', `/device?code=${encodeURIComponent(NASTY)}`]) {
    const { text, headers } = await owner.get(`${hub.url}${path}`);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('<script');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'nonce-/);
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

it('takes forms of its own pages only', async () => {
  const fields = { name: 'stolen', days: '1', atMost: 'view' };
  const before = (await hub.identity.accounts.tokens((await hub.identity.authenticate(await tokenOfPage()))!)).length;
  const url = `${hub.url}/account/tokens`;
  expect((await owner.post(url, fields)).status).toBe(403);
  expect((await owner.post(url, { ...fields, form: 'guess' })).status).toBe(403);
  const form = owner.cookie('branchbook_form')!;
  expect((await owner.post(url, { ...fields, form }, { origin: 'https://evil.example' })).status).toBe(403);
  const after = await hub.identity.accounts.tokens((await hub.identity.authenticate(await tokenOfPage()))!);
  expect(after).toHaveLength(before);
});

it('leads on only to pages of its own', async () => {
  for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/%0d%0aset-cookie:x']) {
    const guest = new PageBrowser();
    const page = await guest.get(`${hub.url}/login?next=${encodeURIComponent(next)}`);
    const answer = await guest.submit(page.text, `${hub.url}/login`, { user: 'anna', password: PASSWORD, next });
    expect([answer.status, new URL(answer.location, hub.url).origin]).toEqual([303, hub.url]);
  }
});

it('ends a session with signing out', async () => {
  const guest = new PageBrowser();
  const page = await guest.get(`${hub.url}/login`);
  await guest.submit(page.text, `${hub.url}/login`, { user: 'anna', password: PASSWORD });
  const session = guest.cookie('branchbook_session')!;
  const account = await guest.get(`${hub.url}/account`);
  await guest.submit(account.text, `${hub.url}/logout`, {});
  const again = await fetch(`${hub.url}/account`, {
    headers: { cookie: `branchbook_session=${session}` },
    redirect: 'manual'
  });
  expect(again.headers.get('location')).toBe('/login?next=%2Faccount');
});

it('signs a program in by a code that is confirmed in the browser', async () => {
  expect(await isHub(hub.url)).toBe(true);
  let confirming: Promise<unknown> | null = null;
  const confirm = async (phase: string): Promise<void> => {
    const [, url, code] = /^Open (\S+) and confirm the code (\S+)$/.exec(phase)!;
    const page = await owner.get(`${url}?code=${code!.toLowerCase().replace('-', ' ')}`);
    expect(page.text).toContain(code);
    await owner.submit(page.text, url!, { answer: 'confirmed' });
    // A code is confirmed once.
    expect((await owner.get(`${url}?code=${code}`)).status).toBe(404);
  };
  const token = await signInByDevice(hub.url, clock, { onProgress: ({ phase }) => (confirming ??= confirm(phase)) });
  await confirming;
  const http = new HubHttp({ url: hub.url, token: () => Promise.resolve(token) });
  expect(await http.json({ method: 'GET', path: '/api/v1/me' })).toMatchObject({ user: 'anna' });
  http.close();
});

it('tells a program that it was refused, or came too late', async () => {
  const refused = await hub.identity.devices.start(`${hub.url}/device`, NASTY);
  const shownTo = await owner.get(`${hub.url}/device?code=${refused.userCode}`);
  expect([shownTo.text.includes('&lt;img'), shownTo.text.includes('<img')]).toEqual([true, false]);
  const identity = (await hub.identity.authenticate(await tokenOfPage()))!;
  expect(await hub.identity.devices.redeem(refused.deviceCode)).toBeNull();
  await hub.identity.devices.answer(identity, refused.userCode, 'refused');
  await expect(hub.identity.devices.redeem(refused.deviceCode)).rejects.toThrow('refused in the browser');
  const late = await hub.identity.devices.start(`${hub.url}/device`, 'a script');
  hub.clock.ahead = 11 * 60_000;
  await expect(hub.identity.devices.answer(identity, late.userCode, 'confirmed')).rejects.toThrow('No program waits');
  await expect(hub.identity.devices.redeem(late.deviceCode)).rejects.toThrow('not valid any more');
  hub.clock.ahead = 0;
});

it('says in words what a link gives, and leads to the JupyterLab of whoever opens it', async () => {
  expect((await owner.get(`${hub.url}/join/bad`)).status).toBe(404);
  const page = await owner.get(`${hub.url}/join/good`);
  for (const words of ['viewer', 'read the code, data and models of iris', '3 December 2026', 'vision']) {
    expect(page.text).toContain(words);
  }
  const body = JSON.stringify({ code: 'good' });
  const headers = { 'content-type': 'application/json' };
  const offer = await fetch(`${hub.url}/api/v1/offer`, { method: 'POST', headers, body });
  expect(await offer.json()).toMatchObject({ namespace: 'vision', by: NASTY, right: 'view' });
  expect(page.text).toContain(`branchbook join ${hub.url}/join/good`);
  expect(page.text).toContain('http://localhost:8888/lab');
  const lab = 'https://jupyter.example.org/user/anna/lab?reset';
  const opened = await owner.submit(page.text, `${hub.url}/join/good`, { lab });
  expect(new URL(opened.location).searchParams.get('branchbook-join')).toBe(`${hub.url}/join/good`);
  expect(new URL(opened.location).origin).toBe('https://jupyter.example.org');
  expect((await owner.get(`${hub.url}/join/good`)).text).toContain(lab);
  expect((await owner.submit(page.text, `${hub.url}/join/good`, { lab: 'javascript:alert(1)' })).status).toBe(400);
});

it('stops guessing, whoever is guessed', async () => {
  const { accounts } = hub.identity;
  const guess = (user: string, address: string): Promise<unknown> =>
    accounts.signIn(user, 'wrong password', address).catch((error: unknown) => error);
  const outcomes: unknown[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) {
    outcomes.push(await guess('anna', `10.0.0.${attempt}`));
  }
  expect(outcomes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => null));
  expect((outcomes[10] as BranchbookError).code).toBe('RATE_LIMITED');
  // The right password does not help before the wait is over.
  await expect(accounts.signIn('anna', PASSWORD, '10.0.0.99')).rejects.toThrow('Too many');
  hub.clock.ahead = 16 * 60_000;
  expect(await accounts.signIn('anna', PASSWORD, '10.0.0.99')).toMatchObject({ user: 'anna' });
  const log = await hub.records.signIns(5);
  expect(log[0]).toMatchObject({ user: 'anna', outcome: 'ok', how: 'local', address: '10.0.0.99' });
  expect(log[1]).toMatchObject({ user: 'anna', outcome: 'refused' });
  // Forty guesses at the same time are no more than forty one after the other.
  const guesses = await Promise.all(Array.from({ length: 40 }, (_, index) => guess('anna', `10.0.1.${index}`)));
  expect(guesses.filter(outcome => outcome === null)).toHaveLength(10);
  await expect(accounts.signIn('anna', PASSWORD, '10.0.0.98')).rejects.toThrow('Too many');
  // Whoever guesses shuts nobody out: where she came in before she comes in, also in the middle of it.
  expect(await accounts.signIn('anna', PASSWORD, '10.0.0.99')).toMatchObject({ user: 'anna' });
  hub.clock.ahead = 0;
}, 120_000);

it('lets nobody be called like somebody else but for capitals, or what is not seen', async () => {
  const identity = (await hub.identity.authenticate(await tokenOfPage()))!;
  const { accounts } = hub.identity;
  const code = await accounts.invite(identity, 'another anna');
  await expect(accounts.accept(code, 'Anna', 'Anna', PASSWORD)).rejects.toMatchObject({ code: 'ENTRY_EXISTS' });
  for (const name of ['аnna', 'anna\u200b', 'ann\u00e4', ' anna']) {
    await expect(accounts.accept(code, name, '', PASSWORD), name).rejects.toMatchObject({ code: 'NAME_INVALID' });
  }
  const made = await accounts.accept(code, 'dora', '\u202eannA\u200b\u0007 ', PASSWORD);
  expect(made.displayName).toBe('annA');
  const profile = { displayName: '', provider: 'oidc', admin: false, groups: [] } as const;
  expect(await accounts.vouchedFor({ ...profile, user: 'ANNA', subject: 'y' })).toBeNull();
  expect(await accounts.vouchedFor({ ...profile, user: 'Emil', subject: 'z' })).toMatchObject({ displayName: 'Emil' });
});

it('lets nobody become somebody else by being called so elsewhere', async () => {
  const profile = { user: 'anna', displayName: 'A', provider: 'oidc', subject: 'x', admin: true, groups: [] } as const;
  expect(await hub.identity.accounts.vouchedFor(profile)).toBeNull();
  const other = await hub.identity.accounts.vouchedFor({ ...profile, user: 'carla', groups: ['vision'] });
  expect(other).toMatchObject({ user: 'carla', groups: ['vision'], provider: 'oidc' });
  expect(await hub.identity.accounts.vouchedFor({ ...profile, user: 'renamed', groups: [] })).toMatchObject({
    user: 'carla',
    groups: []
  });
});
