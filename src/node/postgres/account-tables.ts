/** The tables of people and their secrets, and how they come to be. */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { AccountRecord, SecretKind, SignIn } from '../../core/port';
import type { Right } from '../../core/model/access';

export type AccountTables = {
  account: {
    user_name: string;
    display_name: string;
    provider: AccountRecord['provider'];
    subject: string;
    admin: boolean;
    /** JSON. */
    groups: string;
    password: string | null;
    disabled: boolean;
    created: number;
  };
  secret: {
    id: string;
    kind: SecretKind;
    hash: string;
    user_name: string | null;
    name: string;
    at_most: Right;
    data: string;
    created: number;
    expires: number;
    used: number | null;
  };
  sign_in: {
    time: number;
    user_name: string;
    address: string;
    how: SignIn['how'];
    outcome: SignIn['outcome'];
  };
};

// Milliseconds need eight bytes; as double precision they come back as numbers, exact to 2^53.
const TIME = 'double precision';

export const accountMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('account')
      .addColumn('user_name', 'text', column => column.primaryKey())
      .addColumn('display_name', 'text', column => column.notNull())
      .addColumn('provider', 'text', column => column.notNull())
      .addColumn('subject', 'text', column => column.notNull())
      .addColumn('admin', 'boolean', column => column.notNull())
      .addColumn('groups', 'text', column => column.notNull())
      .addColumn('password', 'text')
      .addColumn('disabled', 'boolean', column => column.notNull())
      .addColumn('created', TIME, column => column.notNull())
      .addUniqueConstraint('account_subject', ['provider', 'subject'])
      .execute();
    await db.schema
      .createTable('secret')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('hash', 'text', column => column.notNull())
      .addColumn('user_name', 'text')
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('at_most', 'text', column => column.notNull())
      .addColumn('data', 'text', column => column.notNull())
      .addColumn('created', TIME, column => column.notNull())
      .addColumn('expires', TIME, column => column.notNull())
      .addColumn('used', TIME)
      .addUniqueConstraint('secret_hash', ['kind', 'hash'])
      .execute();
    await db.schema.createIndex('secret_user').on('secret').columns(['user_name', 'kind']).execute();
    await db.schema
      .createTable('sign_in')
      .addColumn('time', TIME, column => column.notNull())
      .addColumn('user_name', 'text', column => column.notNull())
      .addColumn('address', 'text', column => column.notNull())
      .addColumn('how', 'text', column => column.notNull())
      .addColumn('outcome', 'text', column => column.notNull())
      .execute();
    await db.schema.createIndex('sign_in_user').on('sign_in').columns(['user_name', 'time']).execute();
    await db.schema.createIndex('sign_in_address').on('sign_in').columns(['address', 'time']).execute();
  }
};

/** The number of refused sign-ins, as a number: PostgreSQL counts in eight bytes. */
export const refusedCount = sql<number>`cast(count(*) as double precision)`;
