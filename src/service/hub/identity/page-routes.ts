/** The hub's pages: signing in and out, the account, letting programs in, invitations. */
import type { FastifyReply } from 'fastify';
import { BranchbookError, hasCode } from '../../../core/error';
import type { Identity, Right } from '../../../core/model/access';
import { rights } from '../../../core/model/access';
import { sameSecret } from '../credentials';
import type { HubCall, HubRoute } from '../route';
import { limited } from './accounts';
import { Browser, FORM_LIMIT, ownPath, SESSION_COOKIE, STATE_COOKIE } from './browser';
import type { HubIdentity } from './identity';
import { accountPage, confirmDevicePage, devicePage, invitationPage, messagePage, signInPage } from './pages';
import type { FormContext } from './pages';
import type { IProvider } from './provider';
import { hashSecret, newSecret } from './secrets';

const DAY = 86_400_000;
const STATE_LIFETIME = 10 * 60_000;

type State = { readonly provider: string; readonly memo: string; readonly next: string };
type Answer = (browser: Browser, call: HubCall) => Promise<void>;

export function pageRoutes(identity: HubIdentity): readonly HubRoute[] {
  const pages = new Pages(identity);
  const get = (path: string, why: string, answer: Answer): HubRoute => pageRoute(identity, 'GET', path, why, answer);
  const post = (path: string, why: string, answer: Answer): HubRoute => pageRoute(identity, 'POST', path, why, answer);
  const bySession = 'a page: it looks itself for the browser’s session';
  const before = 'a page for people who are not signed in yet';
  return [
    get('/', 'it leads to a page', async browser => browser.redirect(browser.path('/account'))),
    get('/login', before, browser => pages.showSignIn(browser)),
    post('/login', before, browser => pages.signIn(browser)),
    post('/logout', bySession, browser => pages.signOut(browser)),
    ...identity.providers.flatMap(provider => [
      post(`/login/${provider.id}`, before, browser => pages.begin(browser, provider)),
      get(callbackPath(provider), before, browser => pages.finish(browser, provider))
    ]),
    get('/account', bySession, browser => pages.account(browser)),
    post('/account/tokens', bySession, browser => pages.makeToken(browser)),
    post('/account/tokens/revoke', bySession, browser => pages.revokeToken(browser)),
    // Where others know who people are, nobody is invited to an account of the hub's own.
    ...(identity.options.localAccounts
      ? [
          post('/account/invitations', bySession, browser => pages.invite(browser)),
          get('/account/invitation/:code', before, (browser, { params }) =>
            pages.showInvitation(browser, params['code']!)
          ),
          post('/account/invitation/:code', before, (browser, { params }) => pages.accept(browser, params['code']!))
        ]
      : []),
    get('/device', bySession, browser => pages.showDevice(browser)),
    post('/device', bySession, browser => pages.answerDevice(browser))
  ];
}

/** JupyterHub has a path of its own for it, which the proxy keeps. */
const callbackPath = ({ id }: IProvider): string => (id === 'jupyterhub' ? '/oauth_callback' : '/login/callback');

/** A route that answers with a page, whatever happens. */
export function pageRoute(
  identity: HubIdentity,
  method: 'GET' | 'POST',
  path: string,
  why: string,
  answer: Answer
): HubRoute {
  return {
    method,
    path,
    need: { on: 'nothing', why },
    rate: method === 'POST' ? 'sign-in' : 'ordinary',
    body: method === 'POST' ? 'stream' : 'none',
    bodyLimit: method === 'POST' ? FORM_LIMIT : 0,
    handle: async (call: HubCall, reply: FastifyReply) => {
      const browser = new Browser(call, reply, identity.options.publicUrl());
      try {
        await answer(browser, call);
      } catch (thrown) {
        const error = BranchbookError.from(thrown);
        if (error.code === 'INTERNAL') {
          throw thrown;
        }
        browser.send(messagePage('That did not work', `${error.message} ${error.hint}`.trim()), error.status);
      }
    }
  };
}

export const contextOf = (browser: Browser): FormContext => ({
  path: path => browser.path(path),
  form: browser.formSecret()
});

class Pages {
  constructor(private readonly _hub: HubIdentity) {}

  async showSignIn(browser: Browser, error: string | null = null, next = browser.query.get('next')): Promise<void> {
    const { providers, options } = this._hub;
    const shown = { next: ownPath(next) ?? '', providers, passwords: options.localAccounts, error };
    browser.send(signInPage(contextOf(browser), shown), error === null ? 200 : 401);
  }

  async signIn(browser: Browser): Promise<void> {
    const form = await browser.form();
    const user = form.get('user')?.trim() ?? '';
    const signed = this._hub.options.localAccounts
      ? await this._hub.accounts.signIn(user, form.get('password') ?? '', browser.address)
      : null;
    if (signed === null) {
      return this.showSignIn(browser, 'The name or the password is wrong.', form.get('next'));
    }
    await this._enter(browser, signed, form.get('next'));
  }

  async signOut(browser: Browser): Promise<void> {
    await browser.form();
    const session = browser.cookies[SESSION_COOKIE];
    if (session) {
      await this._hub.accounts.revokeSecret('session', session);
    }
    browser.setCookie(SESSION_COOKIE, null);
    browser.redirect(browser.path('/login'));
  }

  /** Send the browser to the provider; what comes back must bring the state that is in its cookie. */
  async begin(browser: Browser, provider: IProvider): Promise<void> {
    const form = await browser.form();
    const { records, clock, random } = this._hub.options;
    const state = newSecret();
    const { url, memo } = await provider.begin(state);
    const kept: State = { provider: provider.id, memo, next: form.get('next') ?? '' };
    const created = clock.now();
    await records.addSecret({
      id: random.hex(8),
      kind: 'state',
      hash: hashSecret(state),
      user: null,
      name: provider.id,
      atMost: 'manage',
      data: JSON.stringify(kept),
      created,
      expires: created + STATE_LIFETIME,
      used: null
    });
    browser.setCookie(STATE_COOKIE, state, { seconds: STATE_LIFETIME / 1000 });
    browser.redirect(url);
  }

  async finish(browser: Browser, provider: IProvider): Promise<void> {
    const state = browser.query.get('state') ?? '';
    const isOurs = state !== '' && sameSecret(browser.cookies[STATE_COOKIE] ?? '', state);
    const kept = isOurs ? await this._hub.options.records.takeSecret('state', hashSecret(state)) : null;
    browser.setCookie(STATE_COOKIE, null);
    if (kept === null || kept.name !== provider.id || kept.expires <= this._hub.options.clock.now()) {
      return this.showSignIn(browser, 'Signing in took too long, or did not begin here. Try again.');
    }
    const { memo, next } = JSON.parse(kept.data) as State;
    const vouched = await provider.finish(browser.query, state, memo);
    const { accounts } = this._hub;
    const who = { user: vouched?.profile.user ?? '', address: browser.address, how: provider.id };
    const signed = vouched && (await accounts.vouchedFor(vouched.profile));
    await accounts.guard.note(who, signed === null ? 'refused' : 'ok');
    if (signed === null || vouched === null) {
      return this.showSignIn(browser, `${provider.title} does not let you in here, or your name is taken.`, next);
    }
    await this._enter(browser, limited(signed, vouched.atMost), next);
  }

  async account(browser: Browser, told: { what: string; secret: string } | null = null): Promise<void> {
    const identity = await this._requireSession(browser);
    if (identity === null) {
      return;
    }
    const tokens = await this._hub.accounts.tokens(identity);
    const invites = identity.admin && this._hub.options.localAccounts;
    browser.send(accountPage(contextOf(browser), { identity, tokens, invites, told, error: null }));
  }

  async makeToken(browser: Browser): Promise<void> {
    const form = await browser.form();
    const identity = await this._requireSession(browser);
    if (identity === null) {
      return;
    }
    const atMost = rights.find(right => right === form.get('atMost')) ?? 'view';
    const most: Right =
      identity.atMost && rights.indexOf(identity.atMost) < rights.indexOf(atMost) ? identity.atMost : atMost;
    const lifetime = Number(form.get('days')) * DAY;
    const { token } = await this._hub.accounts.createToken(identity, form.get('name') ?? '', lifetime, most);
    await this.account(browser, { what: 'Your new token.', secret: token });
  }

  async revokeToken(browser: Browser): Promise<void> {
    const form = await browser.form();
    const identity = await this._requireSession(browser);
    if (identity === null) {
      return;
    }
    await this._hub.accounts.revokeToken(identity, form.get('id') ?? '');
    browser.redirect(browser.path('/account'));
  }

  async invite(browser: Browser): Promise<void> {
    const form = await browser.form();
    const identity = await this._requireSession(browser);
    if (identity === null) {
      return;
    }
    const code = await this._hub.accounts.invite(identity, form.get('whom')?.slice(0, 100) ?? '');
    const secret = `${browser.hub}/account/invitation/${code}`;
    await this.account(browser, { what: 'The address of the invitation.', secret });
  }

  async showInvitation(browser: Browser, code: string, error: string | null = null, user = ''): Promise<void> {
    const invitation = await this._hub.accounts.invitation(code);
    if (invitation === null) {
      browser.send(messagePage('This invitation is not valid', 'Ask an administrator of the hub for a new one.'), 404);
      return;
    }
    const shown = { admin: invitation.admin, user, error };
    browser.send(invitationPage(contextOf(browser), code, shown), error === null ? 200 : 400);
  }

  async accept(browser: Browser, code: string): Promise<void> {
    const form = await browser.form();
    const user = form.get('user')?.trim() ?? '';
    try {
      const { accounts } = this._hub;
      const password = form.get('password') ?? '';
      const identity = await accounts.accept(code, user, form.get('display') ?? '', password);
      await this._enter(browser, identity, null);
    } catch (error) {
      if (!hasCode(error, 'USAGE', 'NAME_INVALID', 'ENTRY_EXISTS')) {
        throw error;
      }
      await this.showInvitation(browser, code, error.message, user);
    }
  }

  async showDevice(browser: Browser, error: string | null = null): Promise<void> {
    const identity = await this._requireSession(browser);
    if (identity === null) {
      return;
    }
    const code = browser.query.get('code') ?? '';
    const found = code === '' ? null : await this._hub.devices.find(code);
    if (found) {
      browser.send(confirmDevicePage(contextOf(browser), { identity, code: found.userCode, name: found.name }));
      return;
    }
    const problem = error ?? (code === '' ? null : 'No program waits with this code, or not any more.');
    browser.send(devicePage(contextOf(browser), { identity, error: problem, code }), problem === null ? 200 : 404);
  }

  async answerDevice(browser: Browser): Promise<void> {
    const form = await browser.form();
    const identity = await this._requireSession(browser);
    if (identity === null) {
      return;
    }
    const answer = form.get('answer') === 'confirmed' ? 'confirmed' : 'refused';
    await this._hub.devices.answer(identity, form.get('code') ?? '', answer);
    browser.send(
      answer === 'confirmed'
        ? messagePage('The program is signed in', 'You can close this page and go on there.')
        : messagePage('Refused', 'The program was not let in.')
    );
  }

  private async _enter(browser: Browser, identity: Identity, next: string | null): Promise<void> {
    // A session that was there before belongs to whoever was signed in before.
    const old = browser.cookies[SESSION_COOKIE];
    if (old) {
      await this._hub.accounts.revokeSecret('session', old);
    }
    browser.setCookie(SESSION_COOKIE, await this._hub.accounts.startSession(identity));
    browser.redirect(browser.path(ownPath(next) ?? '/account'));
  }

  /** Who is signed in; sends to the page for that, and answers null, when nobody is. */
  private async _requireSession(browser: Browser): Promise<Identity | null> {
    const session = browser.cookies[SESSION_COOKIE];
    const identity = session ? await this._hub.accounts.owner('session', session) : null;
    if (identity === null) {
      const code = browser.query.get('code');
      const next = code === null ? '/account' : `/device?code=${encodeURIComponent(code)}`;
      browser.redirect(browser.path(`/login?next=${encodeURIComponent(next)}`));
    }
    return identity;
  }
}
