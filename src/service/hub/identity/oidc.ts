/** Any OpenID Connect provider: authorization code with PKCE. */
import type { Configuration } from 'openid-client';
import type { Profile } from './accounts';
import { providerFailed } from './provider';
import type { IProvider, Vouched } from './provider';

export type OidcSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button. */
  readonly title: string;
  /** Absolute: `<hub>/login/callback`. */
  readonly callback: string;
  /** Asked for besides `openid`. */
  readonly scopes: readonly string[];
  readonly userClaim: string;
  readonly groupsClaim: string;
  /** Members of this group run the hub; null = nobody by a group. */
  readonly adminGroup: string | null;
};

type Memo = { readonly verifier: string; readonly nonce: string };

/** What a provider says of somebody. */
export type Claims = { readonly [claim: string]: unknown };

export class Oidc implements IProvider {
  readonly id = 'oidc';
  readonly title: string;
  readonly callback: string;
  private _configuration: Promise<Configuration> | null = null;

  constructor(private readonly _settings: OidcSettings) {
    this.title = _settings.title;
    this.callback = _settings.callback;
  }

  async begin(state: string): Promise<{ readonly url: string; readonly memo: string }> {
    const client = await import('openid-client');
    const verifier = client.randomPKCECodeVerifier();
    const memo: Memo = { verifier, nonce: client.randomNonce() };
    const url = client.buildAuthorizationUrl(await this._discover(), {
      redirect_uri: this.callback,
      scope: ['openid', ...this._settings.scopes].join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce: memo.nonce
    });
    return { url: url.href, memo: JSON.stringify(memo) };
  }

  async finish(query: URLSearchParams, state: string, memo: string): Promise<Vouched | null> {
    const client = await import('openid-client');
    const { verifier, nonce } = JSON.parse(memo) as Memo;
    const configuration = await this._discover();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.callback}?${query}`), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true
      });
      const claims = tokens.claims();
      if (!claims) {
        return null;
      }
      const more = configuration.serverMetadata().userinfo_endpoint
        ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
        : {};
      return profileOf({ ...claims, ...more }, this._settings);
    } catch (error) {
      // fetch fails with a TypeError; all else is that the answer is not what we asked for.
      if (error instanceof TypeError || (error as { code?: unknown }).code === 'OAUTH_TIMEOUT') {
        throw providerFailed(this.title, error);
      }
      return null;
    }
  }

  /** Once; again when it failed. */
  private async _discover(): Promise<Configuration> {
    this._configuration ??= this._ask();
    try {
      return await this._configuration;
    } catch (error) {
      this._configuration = null;
      throw providerFailed(this.title, error);
    }
  }

  private async _ask(): Promise<Configuration> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this._settings;
    const url = new URL(issuer);
    const isHere = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    // Tokens travel in the clear on this machine only.
    const execute = isHere ? [client.allowInsecureRequests] : [];
    return client.discovery(url, clientId, clientSecret, undefined, { execute });
  }
}

/** null when there is no usable name. What an address of e-mail is not verified for names nobody. */
export function profileOf(
  claims: Claims,
  settings: Pick<OidcSettings, 'userClaim' | 'groupsClaim' | 'adminGroup' | 'issuer'>
): Vouched | null {
  const user = claims[settings.userClaim];
  const isVerified = settings.userClaim !== 'email' || claims['email_verified'] === true;
  if (typeof user !== 'string' || typeof claims['sub'] !== 'string' || !isVerified) {
    return null;
  }
  const given = claims[settings.groupsClaim];
  const groups = Array.isArray(given) ? given.filter(group => typeof group === 'string') : [];
  const profile: Profile = {
    user,
    displayName: typeof claims['name'] === 'string' ? claims['name'] : user,
    provider: 'oidc',
    subject: `${settings.issuer} ${claims['sub']}`,
    admin: settings.adminGroup !== null && groups.includes(settings.adminGroup),
    groups
  };
  return { profile, atMost: 'manage' };
}
