/** People and their secrets in PostgreSQL or PGlite. */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { AccountRecord, IAccountRecords, SecretKind, SecretRecord, SignIn } from '../../core/port';
import { refusedCount } from './account-tables';
import type { AccountTables } from './account-tables';
import { DatabaseCalls } from './database-calls';
import type { Patience } from './database-calls';

export class AccountRecords implements IAccountRecords {
  private readonly _calls: DatabaseCalls<AccountTables>;

  constructor(db: Kysely<AccountTables>, clock: Patience) {
    this._calls = new DatabaseCalls(db, clock);
  }

  async account(user: string): Promise<AccountRecord | null> {
    const [row] = await this._calls.again(db =>
      db.selectFrom('account').selectAll().where('user_name', '=', user).execute()
    );
    return row ? toAccount(row) : null;
  }

  async accountOf(provider: AccountRecord['provider'], subject: string): Promise<AccountRecord | null> {
    const [row] = await this._calls.again(db =>
      db.selectFrom('account').selectAll().where('provider', '=', provider).where('subject', '=', subject).execute()
    );
    return row ? toAccount(row) : null;
  }

  async accounts(): Promise<readonly AccountRecord[]> {
    const rows = await this._calls.again(db => db.selectFrom('account').selectAll().orderBy('user_name').execute());
    return rows.map(toAccount);
  }

  async hasNamesake(user: string): Promise<boolean> {
    const like = sql<boolean>`lower(user_name) = lower(${user}) and user_name <> ${user}`;
    const found = await this._calls.again(db => db.selectFrom('account').select('user_name').where(like).execute());
    return found.length > 0;
  }

  async addAccount({ user, displayName, groups, ...rest }: AccountRecord): Promise<boolean> {
    const row = { ...rest, user_name: user, display_name: displayName, groups: JSON.stringify(groups) };
    const made = await this._calls.once(db =>
      db
        .insertInto('account')
        .values(row)
        .onConflict(conflict => conflict.doNothing())
        .returning('user_name')
        .execute()
    );
    return made.length > 0;
  }

  async changeAccount(user: string, change: Parameters<IAccountRecords['changeAccount']>[1]): Promise<void> {
    const { displayName, groups, ...rest } = change;
    const set = {
      ...rest,
      ...(displayName !== undefined && { display_name: displayName }),
      ...(groups !== undefined && { groups: JSON.stringify(groups) })
    };
    await this._calls.again(db => db.updateTable('account').set(set).where('user_name', '=', user).execute());
  }

  async addSecret(record: SecretRecord): Promise<void> {
    await this._calls.once(db => db.insertInto('secret').values(toSecretRow(record)).execute());
  }

  async secret(kind: SecretKind, hash: string): Promise<SecretRecord | null> {
    const [row] = await this._calls.again(db =>
      db.selectFrom('secret').selectAll().where('kind', '=', kind).where('hash', '=', hash).execute()
    );
    return row ? toSecret(row) : null;
  }

  async ownedSecret(kind: SecretKind, hash: string): ReturnType<IAccountRecords['ownedSecret']> {
    const query = sql<{ secret: AccountTables['secret']; account: AccountTables['account'] }>`
      select to_json(s) as secret, to_json(a) as account
      from secret s join account a on a.user_name = s.user_name where s.kind = ${kind} and s.hash = ${hash}`;
    const [row] = (await this._calls.again(db => query.execute(db))).rows;
    return row ? { secret: toSecret(row.secret), owner: toAccount(row.account) } : null;
  }

  async secretsOf(kind: SecretKind, user: string): Promise<readonly SecretRecord[]> {
    const rows = await this._calls.again(db =>
      db
        .selectFrom('secret')
        .selectAll()
        .where('user_name', '=', user)
        .where('kind', '=', kind)
        .orderBy('created', 'desc')
        .execute()
    );
    return rows.map(toSecret);
  }

  async takeSecret(kind: SecretKind, hash: string): Promise<SecretRecord | null> {
    const [row] = await this._calls.once(db =>
      db.deleteFrom('secret').where('kind', '=', kind).where('hash', '=', hash).returningAll().execute()
    );
    return row ? toSecret(row) : null;
  }

  async changeSecret(
    id: string,
    before: Parameters<IAccountRecords['changeSecret']>[1],
    change: Parameters<IAccountRecords['changeSecret']>[2]
  ): Promise<boolean> {
    const { user, ...rest } = change;
    const changed = await this._calls.once(db => {
      let update = db
        .updateTable('secret')
        .set({ ...rest, ...(user !== undefined && { user_name: user }) })
        .where('id', '=', id);
      if (before) {
        update = update.where('data', '=', before.data).where(sql`user_name`, 'is not distinct from', before.user);
      }
      return update.returning('id').execute();
    });
    return changed.length > 0;
  }

  async deleteSecret(kind: SecretKind, user: string, id: string): Promise<boolean> {
    const deleted = await this._calls.once(db =>
      db
        .deleteFrom('secret')
        .where('id', '=', id)
        .where('user_name', '=', user)
        .where('kind', '=', kind)
        .returning('id')
        .execute()
    );
    return deleted.length > 0;
  }

  async sweepSecrets(time: number): Promise<void> {
    await this._calls.again(db => db.deleteFrom('secret').where('expires', '<', time).execute());
  }

  async noteSignIn({ user, ...rest }: SignIn): Promise<void> {
    await this._calls.once(db =>
      db
        .insertInto('sign_in')
        .values({ ...rest, user_name: user })
        .execute()
    );
  }

  async signIns(limit: number): Promise<readonly SignIn[]> {
    const rows = await this._calls.again(db =>
      db.selectFrom('sign_in').selectAll().orderBy('time', 'desc').limit(limit).execute()
    );
    return rows.map(({ user_name, ...rest }) => ({ ...rest, user: user_name }));
  }

  async refusals(user: string, address: string, since: number): ReturnType<IAccountRecords['refusals']> {
    const count = async (who: Partial<Record<'user_name' | 'address', string>>): Promise<number> => {
      const [row] = await this._calls.again(db => {
        const refused = db.selectFrom('sign_in').select(refusedCount.as('count')).where('outcome', '=', 'refused');
        const those = Object.entries(who) as ['user_name' | 'address', string][];
        return those
          .reduce((query, [column, value]) => query.where(column, '=', value), refused.where('time', '>', since))
          .execute();
      });
      return row!.count;
    };
    const [byUser, byAddress, both] = await Promise.all([
      count({ user_name: user }),
      count({ address }),
      count({ user_name: user, address })
    ]);
    return { user: byUser, address: byAddress, both };
  }

  async cameIn(user: string, address: string, since: number): Promise<boolean> {
    const found = await this._calls.again(db => {
      const query = db.selectFrom('sign_in').select('time').where('user_name', '=', user).where('time', '>', since);
      return query.where('address', '=', address).where('outcome', '=', 'ok').limit(1).execute();
    });
    return found.length > 0;
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
