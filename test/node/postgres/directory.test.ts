import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { openPlace } from '../../../src/core/access/context';
import type { AccessPorts } from '../../../src/core/access/context';
import { NamespaceService } from '../../../src/core/access/service';
import type { Identity } from '../../../src/core/model/access';
import { openDatabase } from '../../../src/node/postgres/database';
import type { OpenDatabase } from '../../../src/node/postgres/database';
import { DatabaseClock, databaseTime } from '../../../src/node/postgres/database-clock';
import { SqlDirectory } from '../../../src/node/postgres/sql-directory';
import { clock, random } from '../../../src/node/process/time';
import { directoryContract } from '../../contract/directory';
import { startPostgres } from '../../support/servers/postgres';

const open: OpenDatabase[] = [];
const server = startPostgres();

async function directory(address: Parameters<typeof openDatabase>[0]): Promise<SqlDirectory> {
  const database = await openDatabase(address);
  open.push(database);
  return new SqlDirectory(database.db, clock);
}

afterAll(async () => {
  await Promise.all(open.map(database => database.close()));
  await (await server).stop();
});

directoryContract('embedded', () => directory({ kind: 'embedded', folder: null }));
directoryContract('PostgreSQL', async () => directory({ kind: 'postgres', url: (await server).url }));

describe('two hubs whose clocks are hours apart', () => {
  it('go by the database: a link is good at both for as long, and the log is in order', async () => {
    const url = await (await server).createDatabase('clocks');
    const there = { time: clock.now() };
    const hub = async (ahead: number): Promise<{ clock: DatabaseClock; as: (user: string) => NamespaceService }> => {
      const own = { ...clock, now: () => there.time + ahead };
      const shared = await DatabaseClock.open(async () => there.time, own);
      const ports: AccessPorts = {
        ...{
          directory: await directory({ kind: 'postgres', url }),
          clock: shared,
          random,
          rules: openPlace,
          seal: null
        },
        ...{ sha256: text => createHash('sha256').update(text).digest('hex'), groupsOf: async () => [] }
      };
      const person = (user: string): Identity => ({
        user,
        displayName: user,
        groups: [],
        admin: false,
        provider: 'local'
      });
      return { clock: shared, as: user => new NamespaceService(ports, person(user)) };
    };
    const [slow, fast] = [await hub(-3_600_000), await hub(7_200_000)];
    const olga = slow.as('olga');
    await olga.create({ name: 'team', kind: 'team', title: '', label: 'unclassified', git: null });
    const plain = { right: 'view', object: { kind: 'namespace' }, gives: 'membership', workspace: null } as const;
    const { code } = await olga.createLink('team', { ...plain, uses: 'many', lifetime: 600_000 });
    for (const [each, at] of [fast, slow, fast].entries()) {
      there.time += 1_000;
      await at.as(`guest${each}`).join(code);
    }
    there.time += 600_000;
    for (const at of [slow, fast]) {
      await expect(at.as('late').join(code)).rejects.toMatchObject({ code: 'LINK_INVALID' });
    }
    const log = await olga.audit('team', { actions: 'link.use' });
    expect(log.filter(({ outcome }) => outcome === 'ok').map(({ user }) => user)).toEqual([
      'guest2',
      'guest1',
      'guest0'
    ]);
    [slow, fast].forEach(at => at.clock.dispose());
  });

  it('ask it for milliseconds since 1970', async () => {
    const { db } = await openDatabase({ kind: 'postgres', url: (await server).url });
    expect(Math.abs((await databaseTime(db)) - clock.now())).toBeLessThan(3_600_000);
    await db.destroy();
  });
});

describe('the database', () => {
  it('is set up once by many hub processes that start at the same time', async () => {
    const { createDatabase } = await server;
    const url = await createDatabase('many');
    const opened = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ kind: 'postgres', url, connections: 2 })));
    open.push(...opened);
    const { rows } = await sql`select name from kysely_migration`.execute(opened[0]!.db);
    expect(rows).toHaveLength(2);
  });

  it('refuses one that a newer version set up', async () => {
    const { createDatabase } = await server;
    const url = await createDatabase('newer');
    const later = { '9999-later': { up: async () => undefined } };
    open.push(await openDatabase({ kind: 'postgres', url }, later));
    await expect(openDatabase({ kind: 'postgres', url })).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' });
  });

  it('never changes a line of its log', async () => {
    const { db } = await openDatabase({ kind: 'postgres', url: (await server).url });
    await expect(db.updateTable('audit').set({ action: 'nothing' }).execute()).rejects.toThrow('only added to');
    await expect(db.deleteFrom('audit').execute()).rejects.toThrow('only added to');
    await db.destroy();
  });

  it('says that it cannot be reached, without its password', async () => {
    const failure = await openDatabase({ kind: 'postgres', url: 'postgres://hub:secret@127.0.0.1:1/hub' }).catch(
      e => e
    );
    expect(failure).toMatchObject({ code: 'PLACE_UNREACHABLE' });
    expect(JSON.stringify(failure)).not.toContain('secret');
  });
});
