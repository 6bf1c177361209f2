/** What every request asks, as functions of the database: planned once for each connection, and asked in one round trip. */
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What a decision needs to know about somebody, who is called `keys`; `chosen`: names of projects, null for all. As it is
 * STABLE, all of it is of one moment. Whatever the planner knows of the tables, it must not read one from end to end: a
 * plan that was made when it was small is kept. No `json` operator reads the entries: it would refuse some characters.
 */
const factsAbout = `create function facts_about(wanted text, keys text[], chosen text[]) returns json
  language plpgsql stable set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  homes text[] := array(select m.namespace from members m where m.key = any(keys));
  called text[] := keys || array(select 'namespace:' || home from unnest(homes) as home);
  found json;
begin
  if chosen is null then
    select json_agg(json_build_object('entry', p.entry, 'bytes', p.bytes)) into found
      from projects p where p.namespace = wanted;
  else
    select json_agg(json_build_object('entry', p.entry, 'bytes', p.bytes)) into found
      from projects p where p.namespace = wanted and p.key = any(chosen);
  end if;
  return (select json_build_object(
    'record', n.record,
    'memberships', (select coalesce(json_agg(m.entry), '[]') from members m
      where m.key = any(keys) and m.namespace = wanted),
    'grants', (select coalesce(json_agg(g.entry), '[]') from grants g
      where g.principal = any(called) and g.namespace = wanted),
    'through', (select coalesce(json_agg(o.record), '[]') from namespaces o
      where o.name = any(homes) and exists (select 1 from grants g
        where g.principal = 'namespace:' || o.name and g.namespace = wanted)),
    'projects', coalesce(found, '[]'))
    from namespaces n where n.name = wanted);
end $$`;

/** Bytes that a namespace may hold, null = any: beside its record, whose JSON may have what no operator reads. */
const quota = [
  'alter table namespaces add column quota double precision',
  `update namespaces set quota = (regexp_match(record::text, '"quota":\\{"bytes":(\\d+)'))[1]::double precision`
];

/**
 * Count bytes of a project up to the namespace's quota: 'counted', 'full', or 'absent'. The namespace's row is held
 * meanwhile, so that two cannot both take the last bytes; each statement sees what was committed before it.
 */
const countBytes = `create function count_bytes(wanted text, counted text, more double precision) returns text
  language plpgsql as $$
declare
  most double precision := (select n.quota from namespaces n where n.name = wanted);
begin
  if more > 0 and most is not null then
    select n.quota into most from namespaces n where n.name = wanted for no key update;
    if more + (select coalesce(sum(bytes), 0) from projects where namespace = wanted) > most then
      return 'full';
    end if;
  end if;
  update projects set bytes = greatest(0, bytes + more) where namespace = wanted and key = counted;
  return case when found then 'counted' else 'absent' end;
end $$`;

export const checks: Migration = {
  async up(db): Promise<void> {
    for (const statement of [factsAbout, ...quota, countBytes]) {
      await sql.raw(statement).execute(db);
    }
  }
};
