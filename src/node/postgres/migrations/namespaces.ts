/** The tables of namespaces. A migration that was released is never changed: a later one does that. */
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * JSON is kept as text (`json`): `jsonb` refuses characters that names and messages may have. Ids are compared by bytes.
 */
const statements = [
  `create table namespaces (
     name text primary key, revision integer not null, record json not null, open boolean not null)`,
  `create table members (namespace text not null references namespaces on delete cascade, key text not null,
     entry json not null, primary key (namespace, key))`,
  `create index members_by_key on members (key, namespace)`,
  `create table grants (namespace text not null references namespaces on delete cascade, key text not null,
     principal text not null, entry json not null, primary key (namespace, key))`,
  `create index grants_by_principal on grants (principal, namespace)`,
  `create table links (namespace text not null references namespaces on delete cascade, key text not null,
     hash text not null unique, entry json not null, primary key (namespace, key))`,
  `create table projects (namespace text not null references namespaces on delete cascade, key text not null,
     bytes double precision not null default 0, entry json not null, primary key (namespace, key))`,
  `create table endpoints (namespace text not null references namespaces on delete cascade, key text not null,
     entry json not null, primary key (namespace, key))`,
  `create table requests (namespace text not null references namespaces on delete cascade, key text not null,
     entry json not null, primary key (namespace, key))`,
  // No reference: the log outlives what it is about.
  `create table audit (id text collate "C" primary key, namespace text not null, time double precision not null,
     person text not null, action text not null, project text, target text, event json not null)`,
  `create index audit_by_namespace on audit (namespace, id desc)`,
  `create function refuse_change() returns trigger language plpgsql as
     $$ begin raise exception 'the log is only added to'; end $$`,
  `create trigger audit_is_only_added_to before update or delete on audit
     for each row execute function refuse_change()`
];

export const namespaces: Migration = {
  async up(db): Promise<void> {
    for (const statement of statements) {
      await sql.raw(statement).execute(db);
    }
  }
};
