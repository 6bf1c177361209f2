/** The hub's identity: who presents a token, and what its routes work with. */
import type { Identity } from '../../../core/model/access';
import type { LinkOffer } from '../../../core/model/namespace';
import type { IAccountRecords, IClock, IRandom } from '../../../core/port';
import type { IAuthenticator } from '../route';
import { Accounts } from './accounts';
import { Devices } from './devices';
import { JupyterHub } from './jupyterhub';
import type { JupyterHubSettings } from './jupyterhub';
import { Oidc } from './oidc';
import type { OidcSettings } from './oidc';
import type { IProvider } from './provider';
import { TOKEN_PREFIX } from './secrets';

export type IdentityOptions = {
  readonly records: IAccountRecords;
  readonly clock: IClock;
  readonly random: IRandom;
  /** Branchbook's version. */
  readonly version: string;
  /** The hub's address as browsers see it, without a slash at the end; known when it listens. */
  readonly publicUrl: () => string;
  /** Accounts of the hub's own: invitations and passwords. */
  readonly localAccounts: boolean;
  readonly jupyterHub: JupyterHubSettings | null;
  readonly oidc: OidcSettings | null;
  /** What a link would give. Takes nothing. LINK_INVALID. */
  readonly offer: (code: string) => Promise<LinkOffer>;
};

export class HubIdentity implements IAuthenticator {
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly providers: readonly IProvider[];
  private readonly _jupyterHub: JupyterHub | null;

  constructor(readonly options: IdentityOptions) {
    const { records, clock, random } = options;
    this.accounts = new Accounts({ records, clock, random });
    this.devices = new Devices(records, this.accounts, clock, random);
    this._jupyterHub = options.jupyterHub && new JupyterHub(options.jupyterHub, clock);
    this.providers = [this._jupyterHub, options.oidc && new Oidc(options.oidc)].filter(one => one !== null);
  }

  async authenticate(token: string): Promise<Identity | null> {
    return token.startsWith(TOKEN_PREFIX)
      ? this.accounts.owner('token', token)
      : ((await this._jupyterHub?.authenticate(token, this.accounts)) ?? null);
  }

  /** The address at which the first administrator makes their account; null when there is one, or others know people. */
  async ownerInvitation(): Promise<string | null> {
    const code = this.options.localAccounts ? await this.accounts.inviteOwner() : null;
    return code && `${this.options.publicUrl()}/account/invitation/${code}`;
  }
}
