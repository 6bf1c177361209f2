/** People and their secrets in PostgreSQL or PGlite. */
import type { Kysely } from 'kysely';
import type { AccountRecord, IAccountRecords, SecretKind, SecretRecord, SignIn } from '../../core/port';
import { refusedCount } from './account-tables';
import type { AccountTables } from './account-tables';

export class AccountRecords implements IAccountRecords {
  constructor(private readonly _db: Kysely<AccountTables>) {}

  async account(user: string): Promise<AccountRecord | null> {
    const row = await this._db.selectFrom('account').selectAll().where('user_name', '=', user).executeTakeFirst();
    return row ? toAccount(row) : null;
  }

  async accountOf(provider: AccountRecord['provider'], subject: string): Promise<AccountRecord | null> {
    const query = this._db.selectFrom('account').selectAll().where('provider', '=', provider);
    const row = await query.where('subject', '=', subject).executeTakeFirst();
    return row ? toAccount(row) : null;
  }

  async accounts(): Promise<readonly AccountRecord[]> {
    return (await this._db.selectFrom('account').selectAll().orderBy('user_name').execute()).map(toAccount);
  }

  async addAccount({ user, displayName, groups, ...rest }: AccountRecord): Promise<boolean> {
    const row = { ...rest, user_name: user, display_name: displayName, groups: JSON.stringify(groups) };
    const insert = this._db
      .insertInto('account')
      .values(row)
      .onConflict(conflict => conflict.doNothing());
    return (await insert.returning('user_name').executeTakeFirst()) !== undefined;
  }

  async changeAccount(user: string, change: Parameters<IAccountRecords['changeAccount']>[1]): Promise<void> {
    const { displayName, groups, ...rest } = change;
    const set = {
      ...rest,
      ...(displayName !== undefined && { display_name: displayName }),
      ...(groups !== undefined && { groups: JSON.stringify(groups) })
    };
    await this._db.updateTable('account').set(set).where('user_name', '=', user).execute();
  }

  async addSecret(record: SecretRecord): Promise<void> {
    await this._db.insertInto('secret').values(toSecretRow(record)).execute();
  }

  async secret(kind: SecretKind, hash: string): Promise<SecretRecord | null> {
    const query = this._db.selectFrom('secret').selectAll().where('kind', '=', kind).where('hash', '=', hash);
    const row = await query.executeTakeFirst();
    return row ? toSecret(row) : null;
  }

  async secretsOf(kind: SecretKind, user: string): Promise<readonly SecretRecord[]> {
    const query = this._db.selectFrom('secret').selectAll().where('user_name', '=', user).where('kind', '=', kind);
    return (await query.orderBy('created', 'desc').execute()).map(toSecret);
  }

  async takeSecret(kind: SecretKind, hash: string): Promise<SecretRecord | null> {
    const taken = this._db.deleteFrom('secret').where('kind', '=', kind).where('hash', '=', hash).returningAll();
    const row = await taken.executeTakeFirst();
    return row ? toSecret(row) : null;
  }

  async changeSecret(
    id: string,
    before: Parameters<IAccountRecords['changeSecret']>[1],
    change: Parameters<IAccountRecords['changeSecret']>[2]
  ): Promise<boolean> {
    const { user, ...rest } = change;
    let update = this._db
      .updateTable('secret')
      .set({ ...rest, ...(user !== undefined && { user_name: user }) })
      .where('id', '=', id);
    if (before) {
      update = update.where('data', '=', before.data);
      update =
        before.user === null ? update.where('user_name', 'is', null) : update.where('user_name', '=', before.user);
    }
    return (await update.returning('id').executeTakeFirst()) !== undefined;
  }

  async deleteSecret(kind: SecretKind, user: string, id: string): Promise<boolean> {
    const query = this._db.deleteFrom('secret').where('id', '=', id).where('user_name', '=', user);
    return (await query.where('kind', '=', kind).returning('id').executeTakeFirst()) !== undefined;
  }

  async sweepSecrets(time: number): Promise<void> {
    await this._db.deleteFrom('secret').where('expires', '<', time).execute();
  }

  async noteSignIn({ user, ...rest }: SignIn): Promise<void> {
    await this._db
      .insertInto('sign_in')
      .values({ ...rest, user_name: user })
      .execute();
  }

  async signIns(limit: number): Promise<readonly SignIn[]> {
    const rows = await this._db.selectFrom('sign_in').selectAll().orderBy('time', 'desc').limit(limit).execute();
    return rows.map(({ user_name, ...rest }) => ({ ...rest, user: user_name }));
  }

  async refusals(
    user: string,
    address: string,
    since: number
  ): Promise<{ readonly user: number; readonly address: number }> {
    const refused = this._db
      .selectFrom('sign_in')
      .select(refusedCount.as('count'))
      .where('outcome', '=', 'refused')
      .where('time', '>', since);
    const [byUser, byAddress] = await Promise.all([
      refused.where('user_name', '=', user).executeTakeFirstOrThrow(),
      refused.where('address', '=', address).executeTakeFirstOrThrow()
    ]);
    return { user: byUser.count, address: byAddress.count };
  }
}

function toAccount({ user_name, display_name, groups, ...rest }: AccountTables['account']): AccountRecord {
  return { ...rest, user: user_name, displayName: display_name, groups: JSON.parse(groups) as string[] };
}

function toSecretRow({ user, atMost, ...rest }: SecretRecord): AccountTables['secret'] {
  return { ...rest, user_name: user, at_most: atMost };
}

function toSecret({ user_name, at_most, ...rest }: AccountTables['secret']): SecretRecord {
  return { ...rest, user: user_name, atMost: at_most };
}
