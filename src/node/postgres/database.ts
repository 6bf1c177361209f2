/** The hub's database: PostgreSQL, or PGlite, which is PostgreSQL in this process with its files in a folder. */
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration } from 'kysely/migration';
import { Pool } from 'pg';
import { BranchbookError } from '../../core/error';
import { databaseError } from './database-error';
import { openEmbedded, tidyEmbedded } from './embedded';
import { checks } from './migrations/checks';
import { namespaces } from './migrations/namespaces';
import type { Database } from './schema';

export type DatabaseAddress =
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Connections at most; default 10. */ readonly connections?: number;
    }
  /** `folder`: absolute; null keeps it in memory, for tests. */
  | { readonly kind: 'embedded'; readonly folder: string | null };

/** By name, in whose order they run. */
export type Migrations = { readonly [name: string]: Migration };

const own: Migrations = { '2026-11-21-namespaces': namespaces, '2026-11-22-checks': checks };

/** Any number, the same in all processes: who starts first migrates, the others wait. */
const MIGRATION_LOCK = 7_226_401;

/** Milliseconds: how often the embedded database is tidied. */
const TIDYING = 600_000;

export type OpenDatabase = {
  readonly db: Kysely<Database>;
  /** PLACE_UNREACHABLE when it does not answer now. */
  check(): Promise<void>;
  close(): Promise<void>;
};

/** Open it with its tables as this version knows them. `more`: of other parts. PLACE_UNREACHABLE, FORMAT_TOO_NEW. */
export async function openDatabase(address: DatabaseAddress, more: Migrations = {}): Promise<OpenDatabase> {
  const db = new Kysely<Database>({ dialect: address.kind === 'postgres' ? server(address) : embedded(address) });
  try {
    await migrate(db, { ...own, ...more }, address.kind === 'postgres');
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw databaseError(error);
  }
  const tidying =
    address.kind === 'embedded'
      ? setInterval(() => void tidyEmbedded(db).catch(() => undefined), TIDYING).unref()
      : null;
  return {
    db,
    check: async () => {
      await sql`select 1`.execute(db).catch(error => {
        throw databaseError(error);
      });
    },
    close: () => {
      clearInterval(tidying ?? undefined);
      return db.destroy();
    }
  };
}

function server({ url, connections = 10 }: Extract<DatabaseAddress, { kind: 'postgres' }>): PostgresDialect {
  // One connection more: who migrates holds one for the lock.
  const pool = new Pool({ connectionString: url, max: connections + 1, connectionTimeoutMillis: 10_000 });
  // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  // And one that breaks while somebody has it tells whoever waits for it, besides.
  pool.on('connect', client => client.on('error', () => undefined));
  return new PostgresDialect({ pool });
}

function embedded({ folder }: Extract<DatabaseAddress, { kind: 'embedded' }>): PGliteDialect {
  return new PGliteDialect({ pglite: () => openEmbedded(folder) });
}

async function migrate(db: Kysely<Database>, migrations: Migrations, locked: boolean): Promise<void> {
  const run = async (): Promise<void> => {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) {
      throw isUnknownMigration(error) ? tooNew() : error;
    }
  };
  if (!locked) {
    return run();
  }
  return db.connection().execute(async connection => {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.execute(connection);
    try {
      await run();
    } finally {
      await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`.execute(connection);
    }
  });
}

const isUnknownMigration = (error: unknown): boolean =>
  error instanceof Error && /previously executed migration .* is missing/.test(error.message);

function tooNew(): BranchbookError {
  return new BranchbookError(
    'FORMAT_TOO_NEW',
    'The database was set up by a newer Branchbook.',
    { found: 'newer', supported: Object.keys(own).at(-1) },
    'Update this hub.'
  );
}
