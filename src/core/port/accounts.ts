/** What the hub keeps about people and their secrets. Times are milliseconds since 1970. */
import type { Identity, Right } from '../model/access';

export type AccountRecord = {
  readonly user: string;
  readonly displayName: string;
  readonly provider: Exclude<Identity['provider'], 'system'>;
  /** Who it is to the provider; for the hub's own accounts, the user's name. */
  readonly subject: string;
  readonly admin: boolean;
  readonly groups: readonly string[];
  /** scrypt, with its parameters; null where the provider knows the person. */
  readonly password: string | null;
  readonly disabled: boolean;
  readonly created: number;
};

/**
 * `token`: personal, for programs; `session`: of a browser; `invitation`: makes an account, once; `device`: a program
 * that waits to be let in; `state`: a browser that was sent to another provider.
 */
export type SecretKind = 'token' | 'session' | 'invitation' | 'device' | 'state';

/** Something that is known only by its SHA-256. */
export type SecretRecord = {
  readonly id: string;
  readonly kind: SecretKind;
  readonly hash: string;
  /** Whose it is; null while it is nobody's yet. */
  readonly user: string | null;
  /** For people: what it is for. */
  readonly name: string;
  /** What it gives at most. */
  readonly atMost: Right;
  /** JSON text: what the kind needs to know. */
  readonly data: string;
  readonly created: number;
  readonly expires: number;
  readonly used: number | null;
};

export type SignIn = {
  readonly time: number;
  readonly user: string;
  /** Network address. */
  readonly address: string;
  readonly how: AccountRecord['provider'] | 'token' | 'device' | 'invitation';
  readonly outcome: 'ok' | 'refused';
};

/** Durable on return; several processes may work on the same records. */
export interface IAccountRecords {
  account(user: string): Promise<AccountRecord | null>;
  accountOf(provider: AccountRecord['provider'], subject: string): Promise<AccountRecord | null>;
  accounts(): Promise<readonly AccountRecord[]>;
  /** Whether somebody is called so but for capitals: people would take one for the other. */
  hasNamesake(user: string): Promise<boolean>;
  /** False when the name, or the provider's subject, is taken: then nothing was written. */
  addAccount(record: AccountRecord): Promise<boolean>;
  changeAccount(
    user: string,
    change: Partial<Pick<AccountRecord, 'displayName' | 'admin' | 'groups' | 'password' | 'disabled'>>
  ): Promise<void>;

  addSecret(record: SecretRecord): Promise<void>;
  secret(kind: SecretKind, hash: string): Promise<SecretRecord | null>;
  /** The same with the account of its owner; null also when it has none. */
  ownedSecret(
    kind: SecretKind,
    hash: string
  ): Promise<{ readonly secret: SecretRecord; readonly owner: AccountRecord } | null>;
  /** Newest first. */
  secretsOf(kind: SecretKind, user: string): Promise<readonly SecretRecord[]>;
  /** Finds and deletes in one step: of several who come at once, one gets it. */
  takeSecret(kind: SecretKind, hash: string): Promise<SecretRecord | null>;
  /** False when it is not there, or is not as `before` says. */
  changeSecret(
    id: string,
    before: Pick<SecretRecord, 'user' | 'data'> | null,
    change: Partial<Pick<SecretRecord, 'user' | 'name' | 'data' | 'used'>>
  ): Promise<boolean>;
  deleteSecret(kind: SecretKind, user: string, id: string): Promise<boolean>;
  /** Forget what expired before `time`. */
  sweepSecrets(time: number): Promise<void>;

  noteSignIn(signIn: SignIn): Promise<void>;
  /** Newest first, at most `limit`. */
  signIns(limit: number): Promise<readonly SignIn[]>;
  /** Refused ones since `since`: as that user, from that address, and as that user from there. */
  refusals(
    user: string,
    address: string,
    since: number
  ): Promise<{ readonly user: number; readonly address: number; readonly both: number }>;
  /** Whether that user was let in from there since `since`. */
  cameIn(user: string, address: string, since: number): Promise<boolean>;
}
