/** What the hub's pages say. */
import type { Identity } from '../../../core/model/access';
import { offerFacts } from '../../../core/model/grant-words';
import type { LinkOffer } from '../../../core/model/namespace';
import type { SecretInfo } from './accounts';
import { html, page } from './html';
import type { Html, Page } from './html';
import { SHORTEST_PASSWORD } from './passwords';

/** What every form needs. */
export type FormContext = { readonly path: (path: string) => string; readonly form: string };

const field = ({ form }: FormContext): Html => html`<input type="hidden" name="form" value="${form}" />`;
const problem = (text: string | null): Html | null =>
  text === null ? null : html`<p class="bad" role="alert">${text}</p>`;
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

export type ProviderButton = { readonly id: string; readonly title: string };

export function signInPage(
  context: FormContext,
  options: {
    readonly next: string;
    readonly providers: readonly ProviderButton[];
    readonly passwords: boolean;
    readonly error: string | null;
  }
): Page {
  const next = html`${field(context)}<input type="hidden" name="next" value="${options.next}" />`;
  const buttons = options.providers.map(
    ({ id, title }) =>
      html`<form method="post" action="${context.path(`/login/${id}`)}">
        ${next}<button>Sign in with ${title}</button>
      </form>`
  );
  const passwords = html`<form method="post" action="${context.path('/login')}">
    ${next}
    <label for="user">Name</label>
    <input id="user" name="user" autocomplete="username" autocapitalize="none" required autofocus />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required />
    <button>Sign in</button>
  </form>`;
  return page('Sign in', html`${problem(options.error)}${buttons}${options.passwords && passwords}`, [
    // The form's answer leads to the provider.
    ...(buttons.length > 0 ? ['http:', 'https:'] : [])
  ]);
}

export function invitationPage(
  context: FormContext,
  code: string,
  options: { readonly admin: boolean; readonly user: string; readonly error: string | null }
): Page {
  const what = options.admin
    ? 'You make the first account of this hub. It is an administrator’s: it invites others.'
    : 'You are invited to this hub. Choose a name and a password.';
  return page(
    'Make your account',
    html`${problem(options.error)}
      <p>${what}</p>
      <form method="post" action="${context.path(`/account/invitation/${encodeURIComponent(code)}`)}">
        ${field(context)}
        <label for="user">Name, as others find you</label>
        <input
          id="user"
          name="user"
          value="${options.user}"
          autocomplete="username"
          autocapitalize="none"
          required
          autofocus
        />
        <label for="display">Full name</label>
        <input id="display" name="display" autocomplete="name" />
        <label for="password">Password, at least ${SHORTEST_PASSWORD} characters</label>
        <input
          id="password"
          name="password"
          type="password"
          minlength="${SHORTEST_PASSWORD}"
          autocomplete="new-password"
          required
        />
        <button>Make the account</button>
      </form>`
  );
}

export function devicePage(
  context: FormContext,
  options: { readonly identity: Identity; readonly error: string | null; readonly code: string }
): Page {
  return page(
    'Sign in a program',
    html`${problem(options.error)}
      <p>
        You are signed in as ${options.identity.displayName}. Type the code that <code>branchbook login</code> or
        JupyterLab shows you.
      </p>
      <form method="get" action="${context.path('/device')}">
        <label for="code">Code</label>
        <input
          id="code"
          name="code"
          class="code"
          value="${options.code}"
          autocomplete="off"
          autocapitalize="characters"
          required
          autofocus
        />
        <button>Next</button>
      </form>`
  );
}

export function confirmDevicePage(
  context: FormContext,
  options: { readonly identity: Identity; readonly code: string; readonly name: string }
): Page {
  return page(
    'Let this program in?',
    html`<p class="code">${options.code}</p>
      <p>
        <strong>${options.name}</strong> wants to work as ${options.identity.displayName}. It will be able to do all
        that you may do here, until you revoke its token.
      </p>
      <p>
        Let it in only when you started it yourself just now, and it shows this very code. Nobody else should have sent
        you the code.
      </p>
      <form method="post" action="${context.path('/device')}">
        ${field(context)}<input type="hidden" name="code" value="${options.code}" />
        <button name="answer" value="confirmed">It is mine: let it in</button>
        <button name="answer" value="refused" class="plain">Refuse</button>
      </form>`
  );
}

export function messagePage(title: string, text: string): Page {
  return page(title, html`<p>${text}</p>`);
}

export function accountPage(
  context: FormContext,
  options: {
    readonly identity: Identity;
    readonly tokens: readonly SecretInfo[];
    /** They may invite others, to accounts of the hub's own. */
    readonly invites: boolean;
    /** Shown this once. */
    readonly told: { readonly what: string; readonly secret: string } | null;
    readonly error: string | null;
  }
): Page {
  const { identity, tokens, invites, told } = options;
  return page(
    identity.displayName,
    html`${problem(options.error)}
      ${
        told &&
        html`<p role="status"><strong>${told.what}</strong> It is shown this once:</p>
          <pre>${told.secret}</pre>`
      }
      <div class="who">
        <p class="dim">Signed in as ${identity.user}${identity.admin && html`, an administrator`}.</p>
        <form method="post" action="${context.path('/logout')}">
          ${field(context)}<button class="plain">Sign out</button>
        </form>
      </div>
      <h2>Tokens</h2>
      <p>Programs come in with a token in place of your password: <code>branchbook login</code>, git and Git LFS.</p>
      ${tokens.length > 0 && tokenTable(context, tokens)} ${tokenForm(context)} ${invites && invitationForm(context)}`
  );
}

function tokenForm(context: FormContext): Html {
  return html`<form method="post" action="${context.path('/account/tokens')}">
    ${field(context)}
    <label for="name">What a new token is for</label>
    <input id="name" name="name" maxlength="100" required />
    <label for="days">Days it is good for</label>
    <input id="days" name="days" type="number" min="1" max="366" value="90" required />
    <label for="atMost">It may</label>
    <select id="atMost" name="atMost">
      <option value="manage">do all that I may</option>
      <option value="edit">look, run and change</option>
      <option value="view">look only</option>
    </select>
    <button>Make a token</button>
  </form>`;
}

function tokenTable(context: FormContext, tokens: readonly SecretInfo[]): Html {
  const rows = tokens.map(
    ({ id, name, expires, used }) =>
      html`<tr>
        <td>${name}</td>
        <td>${used ? day(used) : 'never'}</td>
        <td>${day(expires)}</td>
        <td>
          <form method="post" action="${context.path('/account/tokens/revoke')}">
            ${field(context)}<input type="hidden" name="id" value="${id}" />
            <button class="plain" aria-label="Revoke ${name}">Revoke</button>
          </form>
        </td>
      </tr>`
  );
  return html`<table>
    <thead>
      <tr>
        <th scope="col">For</th>
        <th scope="col">Last used</th>
        <th scope="col">Until</th>
        <th></th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function invitationForm(context: FormContext): Html {
  return html`<h2>Invite somebody</h2>
    <p>They get an address to open, good for a week and for one account.</p>
    <form method="post" action="${context.path('/account/invitations')}">
      ${field(context)}
      <label for="whom">Who it is for (a note for you)</label>
      <input id="whom" name="whom" maxlength="100" required />
      <button>Make an invitation</button>
    </form>`;
}

/** `offer`: null when the link is not valid. */
export function joinPage(
  context: FormContext,
  options: {
    readonly offer: LinkOffer | null;
    readonly link: string;
    readonly code: string;
    readonly lab: string;
    /** We know that they have this one: it need not be asked for. */
    readonly sure: boolean;
  }
): Page {
  if (options.offer === null) {
    return messagePage(
      'This link is not valid',
      'It never was, it expired, or it was revoked or used up. Ask who sent it to you for a new one.'
    );
  }
  const facts = offerFacts(options.offer).map(
    ([what, words]) =>
      html`<dt>${what}</dt>
        <dd>${words}</dd>`
  );
  const address = html`<label for="lab">Address of your JupyterLab</label>
    <input id="lab" name="lab" type="url" value="${options.lab}" required />
    <p class="dim">It needs the Branchbook extension. The address is remembered in this browser.</p>`;
  return page(
    'Something is shared with you',
    html`<dl>${facts}</dl>
      <p class="dim">Nothing is taken before you say so in JupyterLab, or give the command.</p>
      <h2>Open it in JupyterLab</h2>
      <form method="post" action="${context.path(`/join/${encodeURIComponent(options.code)}`)}">
        ${field(context)}
        ${
          options.sure
            ? html`<details>
                <summary>Another JupyterLab than mine here</summary>
                ${address}
              </details>`
            : address
        }
        <button>Open in my JupyterLab</button>
      </form>
      <h2>Or by command</h2>
      <pre>branchbook join ${options.link}</pre>`,
    ['http:', 'https:']
  );
}
