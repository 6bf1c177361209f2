/**
 * JupyterHub: this hub runs as one of its services. People sign in there (OAuth), and programs bring the token that
 * JupyterHub gave them. What a token is good for here, its scopes say: it must be let in to the service
 * (`access:services!service=…`), and gives what `custom:<service>:read`, `:write` or `:manage` says, never more.
 */
import { createHash } from 'node:crypto';
import type { Identity, Right } from '../../../core/model/access';
import type { IClock } from '../../../core/port';
import { limited } from './accounts';
import type { Accounts, Profile } from './accounts';
import { providerFailed } from './provider';
import type { IProvider, Vouched } from './provider';
import { hashSecret, newSecret } from './secrets';

/** A token that was revoked there, or whose scopes changed, is known so long. */
const CACHE_LIFETIME = 60_000;
const CACHED = 10_000;
const PATIENCE = 10_000;

export type JupyterHubSettings = {
  readonly service: string;
  /** `http://127.0.0.1:8081/hub/api`: for us. */
  readonly apiUrl: string;
  readonly apiToken: string;
  /** `/hub/`, or `https://jupyter.example.org/hub/`: for browsers. */
  readonly browserUrl: string;
  readonly clientId: string;
  readonly callback: string;
};

/** What JupyterHub tells a service that it starts; null where it did not start us, or as somebody's server. */
export function jupyterHubSettings(environment: {
  readonly [name: string]: string | undefined;
}): JupyterHubSettings | null {
  const {
    JUPYTERHUB_SERVICE_NAME: service,
    JUPYTERHUB_SERVICE_PREFIX: prefix,
    JUPYTERHUB_API_URL: apiUrl,
    JUPYTERHUB_API_TOKEN: apiToken,
    JUPYTERHUB_CLIENT_ID: clientId
  } = environment;
  if (!service || !prefix || !apiUrl || !apiToken || !clientId) {
    return null;
  }
  const base = `${environment['JUPYTERHUB_HOST'] ?? ''}${environment['JUPYTERHUB_BASE_URL'] ?? '/'}`;
  return {
    service,
    apiUrl: apiUrl.replace(/\/+$/, ''),
    apiToken,
    browserUrl: `${base.replace(/\/*$/, '')}/hub`,
    clientId,
    callback: environment['JUPYTERHUB_OAUTH_CALLBACK_URL'] || `${prefix}oauth_callback`
  };
}

/** The part of JupyterHub's user model that we read. */
type UserModel = {
  readonly kind: string;
  readonly name: string;
  readonly admin?: boolean;
  readonly groups?: readonly string[];
  readonly scopes: readonly string[];
};

export class JupyterHub implements IProvider {
  readonly id = 'jupyterhub';
  readonly title = 'JupyterHub';
  readonly callback: string;
  private readonly _cache = new Map<string, { readonly until: number; readonly vouched: Vouched | null }>();

  constructor(
    private readonly _settings: JupyterHubSettings,
    private readonly _clock: IClock
  ) {
    this.callback = _settings.callback;
  }

  /** Who brings a token of JupyterHub's; null when it is none, or is not let in here. PLACE_UNREACHABLE. */
  async authenticate(token: string, accounts: Accounts): Promise<Identity | null> {
    const vouched = await this._cached(token);
    const identity = vouched && (await accounts.vouchedFor(vouched.profile));
    return vouched && identity ? limited(identity, vouched.atMost) : null;
  }

  async begin(state: string): Promise<{ readonly url: string; readonly memo: string }> {
    const verifier = newSecret();
    const parameters = new URLSearchParams({
      client_id: this._settings.clientId,
      redirect_uri: this.callback,
      response_type: 'code',
      state,
      // JupyterHub 6 checks it; 5 takes no notice.
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256'
    });
    return { url: `${this._settings.browserUrl}/api/oauth2/authorize?${parameters}`, memo: verifier };
  }

  async finish(query: URLSearchParams, _state: string, memo: string): Promise<Vouched | null> {
    const code = query.get('code');
    if (code === null) {
      return null;
    }
    const { apiUrl, apiToken, clientId } = this._settings;
    const response = await this._ask(`${apiUrl}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: this.callback,
        client_id: clientId,
        client_secret: apiToken,
        code_verifier: memo
      })
    });
    const token = response.ok ? ((await response.json()) as { access_token?: unknown }).access_token : null;
    return typeof token === 'string' ? this._lookUp(token) : null;
  }

  private async _cached(token: string): Promise<Vouched | null> {
    const key = hashSecret(token);
    const now = this._clock.now();
    const known = this._cache.get(key);
    if (known && known.until > now) {
      return known.vouched;
    }
    const vouched = await this._lookUp(token);
    this._cache.delete(key);
    this._cache.set(key, { until: now + CACHE_LIFETIME, vouched });
    if (this._cache.size > CACHED) {
      this._cache.delete(this._cache.keys().next().value!);
    }
    return vouched;
  }

  private async _lookUp(token: string): Promise<Vouched | null> {
    // What is no header's value is no token of JupyterHub's.
    if (!/^[\w.~+/=-]{1,512}$/.test(token)) {
      return null;
    }
    const response = await this._ask(`${this._settings.apiUrl}/user`, { headers: { authorization: `token ${token}` } });
    if (response.status >= 500) {
      throw providerFailed('JupyterHub', new Error(`status ${response.status}`));
    }
    return response.ok ? this._vouch((await response.json()) as UserModel) : null;
  }

  private _vouch({ kind, name, admin = false, groups = [], scopes }: UserModel): Vouched | null {
    const atMost = rightOfScopes(scopes, this._settings.service);
    if (kind !== 'user' || atMost === null) {
      return null;
    }
    const profile: Profile = { user: name, displayName: name, provider: this.id, subject: name, admin, groups };
    return { profile, atMost };
  }

  private async _ask(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
    } catch (error) {
      throw providerFailed('JupyterHub', error);
    }
  }
}

/** The most that a token with these scopes gives; null = it is not let in. */
export function rightOfScopes(scopes: readonly string[], service: string): Right | null {
  const has = (...any: readonly string[]): boolean => any.some(scope => scopes.includes(scope));
  if (!has('access:services', `access:services!service=${service}`)) {
    return null;
  }
  const scoped: readonly (readonly [string, Right])[] = [
    ['manage', 'manage'],
    ['write', 'edit'],
    ['read', 'view']
  ];
  return scoped.find(([scope]) => has(`custom:${service}:${scope}`))?.[1] ?? null;
}
