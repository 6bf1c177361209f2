/** One request of a browser: its cookies, its form, and that the form is ours. */
import type { FastifyReply } from 'fastify';
import { BranchbookError } from '../../../core/error';
import { textOf } from '../body';
import { callerOf, sameSecret } from '../credentials';
import type { HubCall } from '../route';
import type { Page } from './html';
import { newSecret } from './secrets';

export const SESSION_COOKIE = 'branchbook_session';
const CSRF_COOKIE = 'branchbook_form';
export const STATE_COOKIE = 'branchbook_state';
export const LAB_COOKIE = 'branchbook_lab';
/** Bytes of a form. */
export const FORM_LIMIT = 16 * 1024;

/** Seconds that cookies live; left out = until the browser is closed. */
type CookieOptions = { readonly seconds?: number };

export class Browser {
  readonly cookies: Readonly<Record<string, string>>;
  private readonly _set: string[] = [];
  private readonly _base: URL;

  /** `hub`: the hub's address as browsers see it. */
  constructor(
    private readonly _call: HubCall,
    private readonly _reply: FastifyReply,
    readonly hub: string
  ) {
    this.cookies = parseCookies(_call.request.headers.cookie ?? '');
    this._base = new URL(hub);
  }

  get address(): string {
    return callerOf(this._call.request.ip);
  }

  get query(): URLSearchParams {
    return new URL(this._call.request.url, 'http://hub.invalid').searchParams;
  }

  /** A path of the hub, for links and forms. */
  path(path: string): string {
    return `${this._base.pathname.replace(/\/+$/, '')}${path}`;
  }

  /** HttpOnly and SameSite=Lax: no script reads it, and no other site's form sends it. null deletes it. */
  setCookie(name: string, value: string | null, { seconds }: CookieOptions = {}): void {
    const age = value === null ? 0 : seconds;
    this._set.push(
      [
        `${name}=${encodeURIComponent(value ?? '')}`,
        `Path=${this.path('/')}`,
        'HttpOnly',
        'SameSite=Lax',
        ...(this._base.protocol === 'https:' ? ['Secure'] : []),
        ...(age === undefined ? [] : [`Max-Age=${age}`])
      ].join('; ')
    );
  }

  /** What every form of ours carries: only a page of ours knows what the cookie says. */
  formSecret(): string {
    const known = this.cookies[CSRF_COOKIE];
    if (known) {
      return known;
    }
    const secret = newSecret();
    this.setCookie(CSRF_COOKIE, secret);
    return secret;
  }

  /** The fields of a form that came from a page of ours. FORBIDDEN for others. */
  async form(): Promise<URLSearchParams> {
    const origin = this._call.request.headers.origin;
    const fields = new URLSearchParams(await textOf(this._call.stream));
    const known = this.cookies[CSRF_COOKIE] ?? '';
    const isOurs = known !== '' && sameSecret(known, fields.get('form') ?? '');
    if (!isOurs || (origin !== undefined && origin !== this._base.origin)) {
      throw new BranchbookError(
        'FORBIDDEN',
        'This form did not come from a page of this hub.',
        {},
        'Open the page again, and allow its cookies.'
      );
    }
    return fields;
  }

  send({ body, headers }: Page, status = 200): void {
    this._cookies().code(status).headers(headers).send(body);
  }

  /** Elsewhere, by GET. */
  redirect(to: string): void {
    this._cookies().header('cache-control', 'no-store').redirect(to, 303);
  }

  private _cookies(): FastifyReply {
    return this._set.length === 0 ? this._reply : this._reply.header('set-cookie', this._set);
  }
}

/** A path of ours to go on to after signing in; never somewhere else. */
export function ownPath(next: string | null): string | null {
  return next !== null && /^\/(?![/\\])[\w\-./?=&%]*$/.test(next) ? next : null;
}

function parseCookies(header: string): Readonly<Record<string, string>> {
  const pairs = header.split(';').map(pair => pair.trim().split('=', 2) as [string, string?]);
  return Object.fromEntries(pairs.flatMap(([name, value]) => (value ? [[name, decode(value)]] : [])));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
