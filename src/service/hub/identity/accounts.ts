/** Who may come in: the hub's own accounts, those that other providers vouch for, invitations, tokens and sessions. */
import { BranchbookError } from '../../../core/error';
import { covers } from '../../../core/model/access';
import type { Identity, Right } from '../../../core/model/access';
import type { AccountRecord, IAccountRecords, IClock, IRandom, SecretKind, SecretRecord } from '../../../core/port';
import { hashPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD, verifyPassword } from './passwords';
import { hashSecret, newSecret, newToken } from './secrets';
import { SignInGuard } from './sign-in-guard';

const DAY = 86_400_000;
const SESSION_LIFETIME = 14 * DAY;
const VOUCHED_LIFETIME = DAY / 2;
const INVITATION_LIFETIME = 7 * DAY;
export const LONGEST_TOKEN_LIFETIME = 366 * DAY;
/** When a token was used last is told to the hour; a write for every request would cost more than it tells. */
const USED_GRAIN = 3_600_000;
const LONGEST_NAME = 100;
const USER_NAME = /^[a-z0-9](?:[a-z0-9._@-]{0,61}[a-z0-9])?$/i;

/** Who another provider says somebody is. */
export type Profile = Pick<AccountRecord, 'user' | 'displayName' | 'provider' | 'subject' | 'admin' | 'groups'>;

/** A secret as its owner may see it in a list. */
export type SecretInfo = Pick<SecretRecord, 'id' | 'name' | 'atMost' | 'created' | 'expires' | 'used'>;

export type AccountsOptions = {
  readonly records: IAccountRecords;
  readonly clock: IClock;
  readonly random: IRandom;
};

export class Accounts {
  readonly guard: SignInGuard;
  private readonly _records: IAccountRecords;
  private readonly _clock: IClock;

  constructor(private readonly _options: AccountsOptions) {
    this._records = _options.records;
    this._clock = _options.clock;
    this.guard = new SignInGuard(_options.records, _options.clock);
  }

  // -------------------------------------------------------------------------------------------- invitations

  /** The code of an invitation that makes the first account, an administrator's; null when there is one. */
  async inviteOwner(): Promise<string | null> {
    return (await this._records.accounts()).some(account => account.admin)
      ? null
      : this._invite({ by: null, admin: true, name: 'the first administrator' });
  }

  /** The code of an invitation for one person. FORBIDDEN unless `by` is an administrator. */
  async invite(by: Identity, name: string): Promise<string> {
    if (!by.admin) {
      throw new BranchbookError('FORBIDDEN', 'Only administrators of the hub invite people to it.', {
        right: 'manage',
        object: 'hub'
      });
    }
    return this._invite({ by: by.user, admin: false, name });
  }

  /** What an invitation is for; null when it is unknown, used or expired. */
  async invitation(code: string): Promise<{ readonly admin: boolean } | null> {
    const secret = await this._live('invitation', code);
    return secret && (JSON.parse(secret.data) as { admin: boolean });
  }

  /** Make the account that an invitation is for. LINK_INVALID, NAME_INVALID, USAGE. */
  async accept(code: string, user: string, displayName: string, password: string): Promise<Identity> {
    checkUserName(user);
    checkPassword(password);
    const stored = await hashPassword(password);
    if ((await this._live('invitation', code)) === null) {
      throw invalidInvitation();
    }
    if ((await this._records.account(user)) || (await this._records.hasNamesake(user))) {
      throw nameTaken(user);
    }
    // Of two who come at once with it, one gets it.
    const secret = await this._records.takeSecret('invitation', hashSecret(code));
    if (secret === null || secret.expires <= this._clock.now()) {
      throw invalidInvitation();
    }
    const { admin } = JSON.parse(secret.data) as { admin: boolean };
    const account: AccountRecord = {
      user,
      displayName: shownName(displayName) || user,
      provider: 'local',
      subject: user,
      admin,
      groups: [],
      password: stored,
      disabled: false,
      created: this._clock.now()
    };
    if (!(await this._records.addAccount(account))) {
      await this._records.addSecret(secret);
      throw nameTaken(user);
    }
    return toIdentity(account);
  }

  // ----------------------------------------------------------------------------------------------- signing in

  /** null when the name or the password is wrong; which, is not told. RATE_LIMITED. */
  async signIn(user: string, password: string, address: string): Promise<Identity | null> {
    return this.guard.attempt({ user, address, how: 'local' }, async () => {
      const account = await this._records.account(user);
      const isRight = await verifyPassword(password, account?.password ?? null);
      return isRight && account && !account.disabled ? toIdentity(account) : null;
    });
  }

  /**
   * The account of somebody another provider vouches for, made or brought up to date. null when it is disabled, or when
   * the name is another provider's: nobody becomes somebody else by being called so elsewhere.
   */
  async vouchedFor(profile: Profile): Promise<Identity | null> {
    if (!USER_NAME.test(profile.user)) {
      return null;
    }
    const known = await this._records.accountOf(profile.provider, profile.subject);
    if (known === null && (await this._records.hasNamesake(profile.user))) {
      return null;
    }
    if (known === null) {
      const account = {
        ...profile,
        displayName: shownName(profile.displayName) || profile.user,
        password: null,
        disabled: false,
        created: this._clock.now()
      };
      return (await this._records.addAccount(account)) ? toIdentity(account) : null;
    }
    const { admin, groups } = profile;
    const displayName = shownName(profile.displayName) || profile.user;
    const current = { ...known, displayName, admin, groups };
    if (JSON.stringify(current) !== JSON.stringify(known)) {
      await this._records.changeAccount(known.user, { displayName, admin, groups });
    }
    return known.disabled ? null : toIdentity(current);
  }

  // -------------------------------------------------------------------------------------- tokens and sessions

  /** A personal token, told this once. `lifetime`: milliseconds. It gives no more than what made it. USAGE. */
  async createToken(
    owner: Identity,
    name: string,
    lifetime: number,
    atMost: Right = owner.atMost ?? 'manage'
  ): Promise<{ readonly token: string; readonly info: SecretInfo }> {
    if (!covers(owner.atMost ?? 'manage', atMost)) {
      throw usage('atMost', 'A token gives no more than the sign-in that makes it.');
    }
    if (!(lifetime > 0 && lifetime <= LONGEST_TOKEN_LIFETIME) || name.trim() === '') {
      throw usage('lifetime', 'A token has a name, and a lifetime of at most 366 days.');
    }
    const token = newToken();
    const secret = this._secret('token', token, { user: owner.user, name: name.trim(), lifetime, atMost });
    await this._records.addSecret(secret);
    return { token, info: toInfo(secret) };
  }

  async tokens(owner: Identity): Promise<readonly SecretInfo[]> {
    return (await this._records.secretsOf('token', owner.user)).map(toInfo);
  }

  /** ENTRY_UNKNOWN. */
  async revokeToken(owner: Identity, id: string): Promise<void> {
    if (!(await this._records.deleteSecret('token', owner.user, id))) {
      throw new BranchbookError('ENTRY_UNKNOWN', 'You have no such token.', { what: 'token', name: id });
    }
  }

  /** The secret of a browser's session, for its cookie. Who else vouches for somebody is asked again the next day. */
  async startSession(identity: Identity): Promise<string> {
    await this._records.sweepSecrets(this._clock.now());
    const session = newSecret();
    const lifetime = identity.provider === 'local' ? SESSION_LIFETIME : VOUCHED_LIFETIME;
    const given = { user: identity.user, name: 'browser', lifetime, atMost: identity.atMost };
    await this._records.addSecret(this._secret('session', session, given));
    return session;
  }

  /** Whose token or session it is; null when it is unknown, expired or revoked, or its owner may not come in. */
  async owner(kind: 'token' | 'session', secret: string): Promise<Identity | null> {
    const now = this._clock.now();
    const found = await this._records.ownedSecret(kind, hashSecret(secret));
    if (found === null || found.secret.expires <= now || found.owner.disabled) {
      return null;
    }
    const { id, used, atMost } = found.secret;
    if (now - (used ?? 0) > USED_GRAIN) {
      await this._records.changeSecret(id, null, { used: now });
    }
    return limited(toIdentity(found.owner), atMost);
  }

  /** The next request with it is refused. Again is no failure. */
  async revokeSecret(kind: 'token' | 'session', secret: string): Promise<void> {
    await this._records.takeSecret(kind, hashSecret(secret));
  }

  private async _live(kind: SecretKind, secret: string): Promise<SecretRecord | null> {
    const found = await this._records.secret(kind, hashSecret(secret));
    return found && found.expires > this._clock.now() ? found : null;
  }

  private async _invite(what: { by: string | null; admin: boolean; name: string }): Promise<string> {
    const code = newSecret();
    const given = { user: what.by, name: what.name, lifetime: INVITATION_LIFETIME };
    const data = JSON.stringify({ admin: what.admin });
    await this._records.addSecret({ ...this._secret('invitation', code, given), data });
    return code;
  }

  private _secret(
    kind: SecretKind,
    secret: string,
    given: { user: string | null; name: string; lifetime: number; atMost?: Right | undefined }
  ): SecretRecord {
    const created = this._clock.now();
    return {
      id: this._options.random.hex(8),
      kind,
      hash: hashSecret(secret),
      user: given.user,
      name: given.name,
      atMost: given.atMost ?? 'manage',
      data: '{}',
      created,
      expires: created + given.lifetime,
      used: null
    };
  }
}

export function toIdentity({ user, displayName, groups, admin, provider }: AccountRecord): Identity {
  return { user, displayName, groups, admin, provider };
}

/** `manage` is no limit; with less, nobody administers the hub. */
export function limited(identity: Identity, atMost: Right): Identity {
  return atMost === 'manage' ? identity : { ...identity, admin: false, atMost };
}

function toInfo({ id, name, atMost, created, expires, used }: SecretRecord): SecretInfo {
  return { id, name, atMost, created, expires, used };
}

/** Without what is not seen, or turns around what stands beside it. */
function shownName(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, LONGEST_NAME);
}

function checkUserName(user: string): void {
  if (!USER_NAME.test(user)) {
    const reason = 'use 1 to 63 letters, digits, “.”, “_”, “-” and “@”, with a letter or digit at both ends';
    throw new BranchbookError('NAME_INVALID', `Nobody can be called that: ${reason}.`, { name: user, reason });
  }
}

function checkPassword(password: string): void {
  if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD) {
    throw usage('password', `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters.`);
  }
}

function usage(argument: string, reason: string): BranchbookError {
  return new BranchbookError('USAGE', reason, { argument, reason });
}

function nameTaken(user: string): BranchbookError {
  return new BranchbookError('ENTRY_EXISTS', `Somebody is already called ${user} here.`, {
    what: 'account',
    name: user
  });
}

function invalidInvitation(): BranchbookError {
  return new BranchbookError(
    'LINK_INVALID',
    'This invitation is not valid, or not any more.',
    {},
    'Ask an administrator of the hub for a new one.'
  );
}
