/** Records of namespaces in PostgreSQL. A permission is checked with one query by index. */
import { sql } from 'kysely';
import type { Kysely, RawBuilder, Transaction } from 'kysely';
import { keyOf, listNames } from '../../core/access/entry';
import { BranchbookError } from '../../core/error';
import { formatPrincipal } from '../../core/model/access';
import type { AuditEvent, AuditQuery, NamespaceRecord, ProjectRecord } from '../../core/model/namespace';
import type { Edit, Facts, IDirectory, Listed, NamespaceState, Who } from '../../core/port';
import { DatabaseCalls, inTransaction } from './database-calls';
import type { Patience } from './database-calls';
import type { Database } from './schema';

type Put = Extract<Edit, { readonly type: 'put' }>;

export class SqlDirectory implements IDirectory {
  private readonly _calls: DatabaseCalls<Database>;

  constructor(db: Kysely<Database>, clock: Patience) {
    this._calls = new DatabaseCalls(db, clock);
  }

  async facts(namespace: string, who: Who, projects: readonly string[] | 'all'): Promise<Facts | null> {
    if (!isText(namespace)) {
      return null;
    }
    const chosen = projects === 'all' ? null : projects.filter(isText);
    const query = sql<{ facts: FoundFacts | null }>`select facts_about(${namespace}, ${keysOf(who)}, ${chosen})
      as facts`;
    const facts = (await this._ask(query))[0]!.facts;
    return facts && toFacts(facts, who);
  }

  async list(who: Who, all: boolean): Promise<readonly Listed[]> {
    const keys = keysOf(who);
    const query = sql<{ facts: FoundFacts; members: number; projects: number }>`
      select facts_about(n.name, ${keys}, null) as facts,
        (select count(*)::int from members m where m.namespace = n.name) as members,
        (select count(*)::int from projects p where p.namespace = n.name) as projects
      from namespaces n where ${all} or n.open
        or exists (select 1 from members m where m.namespace = n.name and m.key = any(${keys}::text[]))
        or exists (select 1 from grants g where g.namespace = n.name and g.principal = any(${names(keys)}))`;
    return (await this._ask(query)).map(({ facts, ...counts }) => ({ facts: toFacts(facts, who), ...counts }));
  }

  /** One statement, so that all of it is of the same moment. */
  async state(namespace: string): Promise<NamespaceState | null> {
    const lists = Object.values(listNames).map(
      table => sql`(select coalesce(json_agg(${entryOf(table)} order by e.key), '[]') from ${sql.table(table)} e
        where e.namespace = n.name) as ${sql.ref(table)}`
    );
    const query = sql<
      Omit<NamespaceState, 'projects'> & { readonly projects: readonly Counted[] }
    >`select n.revision, n.record, ${sql.join(lists)} from namespaces n
      where n.name = ${namespace}`;
    const [row] = isText(namespace) ? await this._ask(query) : [];
    return row ? { ...row, projects: withBytes(row.projects) } : null;
  }

  async create(state: NamespaceState, events: readonly AuditEvent[]): Promise<boolean> {
    return this._change(events, async trx => {
      const { revision, record } = state;
      const row = { name: record.name, revision, ...columnsOf(record) };
      const made = await trx
        .insertInto('namespaces')
        .values(row)
        .onConflict(conflict => conflict.doNothing())
        .executeTakeFirst();
      if (Number(made.numInsertedOrUpdatedRows) === 0) {
        return false;
      }
      for (const edit of entriesOf(state)) {
        await applyEdit(trx, record.name, edit);
      }
      return true;
    });
  }

  async apply(
    namespace: string,
    revision: number,
    edits: readonly Edit[],
    events: readonly AuditEvent[]
  ): Promise<boolean> {
    return this._change(events, async trx => {
      const moved = await trx
        .updateTable('namespaces')
        .set({ revision: sql`revision + 1` })
        .where('name', '=', namespace)
        .where('revision', '=', revision)
        .executeTakeFirst();
      if (Number(moved.numUpdatedRows) === 0) {
        return false;
      }
      for (const edit of edits) {
        await applyEdit(trx, namespace, edit);
      }
      return true;
    });
  }

  async remove(namespace: string, revision: number, events: readonly AuditEvent[]): Promise<boolean> {
    return this._change(events, async trx => {
      const { numDeletedRows } = await trx
        .deleteFrom('namespaces')
        .where('name', '=', namespace)
        .where('revision', '=', revision)
        .executeTakeFirst();
      return Number(numDeletedRows) === 1;
    });
  }

  async namespaceOfLink(codeHash: string): Promise<string | null> {
    const [row] = await this._ask(sql<{ namespace: string }>`select namespace from links where hash = ${codeHash}`);
    return row?.namespace ?? null;
  }

  /** One that was counted and whose answer was lost is not counted again: it fails. */
  async addBytes(namespace: string, project: string, bytes: number): Promise<boolean> {
    const query = sql<{ outcome: 'counted' | 'full' | 'absent' }>`select count_bytes(${namespace}, ${project},
      ${bytes}::double precision) as outcome`;
    const { outcome } = (await this._calls.once(db => query.execute(db))).rows[0]!;
    if (outcome === 'absent') {
      const message = `There is no project ${project} in ${namespace}.`;
      throw new BranchbookError('PROJECT_UNKNOWN', message, { namespace, project });
    }
    return outcome === 'counted';
  }

  async usedBytes(namespace: string): Promise<number> {
    const query = sql<{ used: number }>`select coalesce(sum(bytes), 0)::float8 as used from projects
      where namespace = ${namespace}`;
    return (await this._ask(query))[0]!.used;
  }

  async append(events: readonly AuditEvent[]): Promise<void> {
    await this._calls.again(db => addEvents(db, events));
  }

  async audit(namespace: string, query: AuditQuery): Promise<readonly AuditEvent[]> {
    const { user, project, actions, target, since, until, before } = query;
    const rows = await this._calls.again(db => {
      let select = db.selectFrom('audit').select('event').where('namespace', '=', namespace);
      select = user === undefined ? select : select.where('person', '=', plain(user));
      select = project === undefined ? select : select.where('project', '=', plain(project));
      select = target === undefined ? select : select.where('target', '=', plain(target));
      select = since === undefined ? select : select.where('time', '>=', since);
      select = until === undefined ? select : select.where('time', '<', until);
      select = before === undefined ? select : select.where('id', '<', plain(before));
      select = actions === undefined ? select : select.where(sql<boolean>`starts_with(action, ${plain(actions)})`);
      return select
        .orderBy('id', 'desc')
        .limit(Math.min(query.limit ?? 100, 1000))
        .execute();
    });
    return rows.map(({ event }) => event as AuditEvent);
  }

  private async _ask<T>(query: RawBuilder<T>): Promise<readonly T[]> {
    return (await this._calls.again(db => query.execute(db))).rows;
  }

  /**
   * Change something together with its events. When an answer was lost, it is tried again: if it had happened, it does not
   * happen again, and its event is there.
   */
  private async _change(
    events: readonly AuditEvent[],
    work: (trx: Transaction<Database>) => Promise<boolean>
  ): Promise<boolean> {
    return this._calls.again(async (db, lost) => {
      const done = await inTransaction(db, async trx => {
        const changed = await work(trx);
        if (changed) {
          await addEvents(trx, events);
        }
        return changed;
      });
      return done || (lost > 0 && events.length > 0 && (await isRecorded(db, events)));
    });
  }
}

// ------------------------------------------------------------------------------------------------- reading

/** As `facts_about` tells them. */
type FoundFacts = Pick<Facts, 'memberships' | 'grants' | 'through'> & {
  readonly record: NamespaceRecord;
  readonly projects: readonly Counted[];
};

const keysOf = ({ user, groups }: Who): string[] => [`user:${user}`, ...groups.map(name => `group:${name}`)];

/** What grants may call them: themselves, their groups, and the namespaces that they are members of. */
const names = (keys: readonly string[]): RawBuilder<unknown> =>
  sql`(${keys}::text[] || array(select 'namespace:' || m.namespace from members m where m.key = any(${keys}::text[])))`;

/** A project's bytes are counted beside its entry; a JSON operator to put them in would refuse some characters. */
function entryOf(table: string): RawBuilder<unknown> {
  return table === 'projects' ? sql`json_build_object('entry', e.entry, 'bytes', e.bytes)` : sql`e.entry`;
}

type Counted = { readonly entry: ProjectRecord; readonly bytes: number };

const withBytes = (rows: readonly Counted[]): readonly ProjectRecord[] =>
  rows.map(({ entry, bytes }) => ({ ...entry, bytes }));

function toFacts({ record, memberships, grants, through, projects }: FoundFacts, who: Who): Facts {
  return {
    ...{ who, namespace: record, memberships, grants, projects: withBytes(projects) },
    through: through.map(({ name, label, created }) => ({ name, label, created }))
  };
}

// ------------------------------------------------------------------------------------------------- writing

function columnsOf(
  record: NamespaceRecord
): Pick<Database['namespaces'], 'open' | 'quota'> & { readonly record: string } {
  const open = Object.values(record.policy.everyone).some(right => right !== 'none');
  return { record: JSON.stringify(record), open, quota: record.quota.bytes };
}

/** PostgreSQL's text has no character 0: what has one is no name there. */
const isText = (name: string): boolean => !name.includes('\0');
const plain = (text: string): string => text.replaceAll('\0', '');

function entriesOf(state: NamespaceState): readonly Put[] {
  return (Object.keys(listNames) as readonly (keyof typeof listNames)[]).flatMap(kind =>
    state[listNames[kind]].map(entry => ({ type: 'put', kind, entry }) as Put)
  );
}

async function applyEdit(trx: Transaction<Database>, namespace: string, edit: Edit): Promise<void> {
  if (edit.type === 'record') {
    await trx.updateTable('namespaces').set(columnsOf(edit.record)).where('name', '=', namespace).execute();
    return;
  }
  const table = sql.table(listNames[edit.kind]);
  if (edit.type === 'delete') {
    await sql`delete from ${table} where namespace = ${namespace} and key = ${plain(edit.key)}`.execute(trx);
    return;
  }
  const columns = {
    namespace,
    key: keyOf(edit.kind, edit.entry),
    entry: JSON.stringify(edit.entry),
    ...searched(edit)
  };
  const set = Object.keys(columns).map(name => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`);
  await sql`insert into ${table} (${sql.join(Object.keys(columns).map(name => sql.ref(name)))})
    values (${sql.join(Object.values(columns))})
    on conflict (namespace, key) do update set ${sql.join(set)}`.execute(trx);
}

function searched(edit: Put): { readonly [column: string]: string } {
  switch (edit.kind) {
    case 'grant':
      return { principal: formatPrincipal(edit.entry.principal) };
    case 'link':
      return { hash: edit.entry.codeHash };
    default:
      return {};
  }
}

async function isRecorded(db: Kysely<Database>, events: readonly AuditEvent[]): Promise<boolean> {
  const ids = events.map(({ id }) => id);
  return (await db.selectFrom('audit').select('id').where('id', 'in', ids).execute()).length > 0;
}

async function addEvents(db: Kysely<Database>, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) {
    return;
  }
  const rows = events.map(event => ({
    ...{ id: event.id, namespace: plain(event.namespace), time: event.time, person: plain(event.user) },
    ...{
      action: event.action,
      project: event.project && plain(event.project),
      target: event.target && plain(event.target)
    },
    event: JSON.stringify(event)
  }));
  await db
    .insertInto('audit')
    .values(rows)
    .onConflict(conflict => conflict.doNothing())
    .execute();
}
