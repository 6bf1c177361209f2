/** Records of namespaces in PostgreSQL. A permission is checked with one query by index. */
import { sql } from 'kysely';
import type { Kysely, RawBuilder, Transaction } from 'kysely';
import { keyOf, listNames } from '../../core/access/entry';
import { BranchbookError } from '../../core/error';
import { formatPrincipal } from '../../core/model/access';
import type { AuditEvent, AuditQuery, NamespaceRecord, ProjectRecord } from '../../core/model/namespace';
import type { Edit, Facts, IDirectory, Listed, NamespaceState, Who } from '../../core/port';
import { databaseError, isConnectionLoss, isTransient } from './database-error';
import type { Database } from './schema';

/** How often to ask whether a change whose answer was lost has happened, and how long to wait in between. */
const RECALLS = 20;
const RECALL_MILLISECONDS = 250;

type Sleep = (milliseconds: number) => Promise<void>;
type Put = Extract<Edit, { readonly type: 'put' }>;

export class SqlDirectory implements IDirectory {
  constructor(
    private readonly _db: Kysely<Database>,
    private readonly _sleep: Sleep
  ) {}

  async facts(namespace: string, who: Who, projects: readonly string[] | 'all'): Promise<Facts | null> {
    const [row] = await this._ask(selectFacts(who, projects, sql`n.name = ${namespace}`));
    return row ? toFacts(row, who) : null;
  }

  async list(who: Who, all: boolean): Promise<readonly Listed[]> {
    const keys = keysOf(who);
    const concerned = sql`(n.open
      or exists (select 1 from members m where m.namespace = n.name and m.key = any(${keys}::text[]))
      or exists (select 1 from grants g where g.namespace = n.name and g.principal = any(${names(who)})))`;
    const rows = await this._ask(selectFacts(who, 'all', all ? sql`true` : concerned));
    return rows.map(row => ({ facts: toFacts(row, who), members: row.member_count, projects: row.project_count }));
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
    const [row] = await this._ask(query);
    return row ? { ...row, projects: withBytes(row.projects) } : null;
  }

  async create(state: NamespaceState, events: readonly AuditEvent[]): Promise<boolean> {
    return this._change(events, async trx => {
      const { revision, record } = state;
      const row = { name: record.name, revision, record: JSON.stringify(record), open: isOpen(record) };
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

  /** The namespace's row is held meanwhile, so that two cannot both take the last bytes. */
  async addBytes(namespace: string, project: string, bytes: number): Promise<boolean> {
    return this._within(async trx => {
      const held = await sql<{ record: NamespaceRecord }>`select record from namespaces where name = ${namespace}
        for update`.execute(trx);
      const most = held.rows[0]?.record.quota.bytes ?? null;
      const used = await sql<{ used: number }>`select coalesce(sum(bytes), 0)::float8 as used from projects
        where namespace = ${namespace}`.execute(trx);
      if (bytes > 0 && most !== null && used.rows[0]!.used + bytes > most) {
        return false;
      }
      const counted = await sql`update projects set bytes = greatest(0, bytes + ${bytes}::float8)
        where namespace = ${namespace} and key = ${project}`.execute(trx);
      if (Number(counted.numAffectedRows) === 0) {
        const message = `There is no project ${project} in ${namespace}.`;
        throw new BranchbookError('PROJECT_UNKNOWN', message, { namespace, project });
      }
      return true;
    });
  }

  async usedBytes(namespace: string): Promise<number> {
    const query = sql<{ used: number }>`select coalesce(sum(bytes), 0)::float8 as used from projects
      where namespace = ${namespace}`;
    return (await this._ask(query))[0]!.used;
  }

  async append(events: readonly AuditEvent[]): Promise<void> {
    await this._within(trx => addEvents(trx, events));
  }

  async audit(namespace: string, query: AuditQuery): Promise<readonly AuditEvent[]> {
    const { user, project, actions, target, since, until, before } = query;
    let select = this._db.selectFrom('audit').select('event').where('namespace', '=', namespace);
    select = user === undefined ? select : select.where('person', '=', plain(user));
    select = project === undefined ? select : select.where('project', '=', plain(project));
    select = target === undefined ? select : select.where('target', '=', plain(target));
    select = since === undefined ? select : select.where('time', '>=', since);
    select = until === undefined ? select : select.where('time', '<', until);
    select = before === undefined ? select : select.where('id', '<', plain(before));
    select = actions === undefined ? select : select.where(sql<boolean>`starts_with(action, ${plain(actions)})`);
    const rows = await guarded(() =>
      select
        .orderBy('id', 'desc')
        .limit(Math.min(query.limit ?? 100, 1000))
        .execute()
    );
    return rows.map(({ event }) => event as AuditEvent);
  }

  private async _ask<T>(query: RawBuilder<T>): Promise<readonly T[]> {
    return guarded(async () => (await query.execute(this._db)).rows);
  }

  /** Change something together with its events. A change whose answer was lost has happened when its event is there. */
  private async _change(
    events: readonly AuditEvent[],
    work: (trx: Transaction<Database>) => Promise<boolean>
  ): Promise<boolean> {
    try {
      return await this._within(async trx => {
        const done = await work(trx);
        if (done) {
          await addEvents(trx, events);
        }
        return done;
      });
    } catch (error) {
      if (!(error instanceof BranchbookError) || !isConnectionLoss(error.cause)) {
        throw error;
      }
      return this._recall(events, error);
    }
  }

  private async _recall(events: readonly AuditEvent[], failure: BranchbookError): Promise<boolean> {
    for (let recall = 1; recall <= RECALLS; recall += 1) {
      await this._sleep(RECALL_MILLISECONDS);
      const query = this._db.selectFrom('audit').select('id').where('id', '=', events[0]!.id);
      const found = await query.execute().catch(() => null);
      if (found) {
        return found.length > 0;
      }
    }
    throw failure;
  }

  private async _within<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
    return guarded(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this._db.transaction().execute(work);
        } catch (error) {
          if (!isTransient(error) || attempt === 5) {
            throw error;
          }
        }
      }
    });
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseError(error);
  }
}

// ------------------------------------------------------------------------------------------------- reading

type FactsRow = {
  readonly record: NamespaceRecord;
  readonly memberships: Facts['memberships'];
  readonly grants: Facts['grants'];
  readonly through: Facts['through'];
  readonly projects: readonly Counted[];
  readonly member_count: number;
  readonly project_count: number;
};

const keysOf = ({ user, groups }: Who): string[] => [`user:${user}`, ...groups.map(name => `group:${name}`)];

/** What grants may call them: themselves, their groups, and the namespaces that they are members of. */
function names(who: Who): RawBuilder<unknown> {
  const keys = keysOf(who);
  return sql`(${keys}::text[] || array(select 'namespace:' || m.namespace from members m where m.key = any(${keys}::text[])))`;
}

/** Each name is looked up by itself (`offset 0` keeps it so): by index, whatever the planner knows of the tables. */
function selectFacts(who: Who, projects: readonly string[] | 'all', where: RawBuilder<unknown>): RawBuilder<FactsRow> {
  const keys = keysOf(who);
  const wanted = projects === 'all' ? sql`true` : sql`e.key = any(${[...projects]}::text[])`;
  const counts =
    projects === 'all'
      ? sql`(select count(*)::int from members m where m.namespace = n.name) as member_count,
          (select count(*)::int from projects p where p.namespace = n.name) as project_count`
      : sql`0 as member_count, 0 as project_count`;
  return sql<FactsRow>`select n.record,
    (select coalesce(json_agg(found.entry), '[]') from unnest(${keys}::text[]) as mine(name), lateral (
      select m.entry from members m where m.key = mine.name and m.namespace = n.name offset 0) found) as memberships,
    (select coalesce(json_agg(found.entry), '[]') from unnest(${names(who)}) as mine(name), lateral (
      select g.entry from grants g where g.principal = mine.name and g.namespace = n.name offset 0) found) as grants,
    (select coalesce(json_agg(found.record), '[]') from unnest(${names(who)}) as mine(name), lateral (
      select o.record from namespaces o where mine.name like 'namespace:%' and o.name = substr(mine.name, 11) and exists (
        select 1 from grants g where g.principal = mine.name and g.namespace = n.name)) found) as through,
    (select coalesce(json_agg(${entryOf('projects')}), '[]') from projects e
      where e.namespace = n.name and ${wanted}) as projects,
    ${counts}
    from namespaces n where ${where}`;
}

/** A project's bytes are counted beside its entry; a JSON operator to put them in would refuse some characters. */
function entryOf(table: string): RawBuilder<unknown> {
  return table === 'projects' ? sql`json_build_object('entry', e.entry, 'bytes', e.bytes)` : sql`e.entry`;
}

type Counted = { readonly entry: ProjectRecord; readonly bytes: number };

const withBytes = (rows: readonly Counted[]): readonly ProjectRecord[] =>
  rows.map(({ entry, bytes }) => ({ ...entry, bytes }));

function toFacts({ record, memberships, grants, through, projects }: FactsRow, who: Who): Facts {
  return {
    ...{ who, namespace: record, memberships, grants, projects: withBytes(projects) },
    through: through.map(({ name, label, created }) => ({ name, label, created }))
  };
}

// ------------------------------------------------------------------------------------------------- writing

const isOpen = ({ policy }: NamespaceRecord): boolean => Object.values(policy.everyone).some(right => right !== 'none');

/** PostgreSQL's text has no character 0. */
const plain = (text: string): string => text.replaceAll('\0', '');

function entriesOf(state: NamespaceState): readonly Put[] {
  return (Object.keys(listNames) as readonly (keyof typeof listNames)[]).flatMap(kind =>
    state[listNames[kind]].map(entry => ({ type: 'put', kind, entry }) as Put)
  );
}

async function applyEdit(trx: Transaction<Database>, namespace: string, edit: Edit): Promise<void> {
  if (edit.type === 'record') {
    const set = { record: JSON.stringify(edit.record), open: isOpen(edit.record) };
    await trx.updateTable('namespaces').set(set).where('name', '=', namespace).execute();
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

async function addEvents(trx: Transaction<Database>, events: readonly AuditEvent[]): Promise<void> {
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
  await trx
    .insertInto('audit')
    .values(rows)
    .onConflict(conflict => conflict.doNothing())
    .execute();
}
