import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/node/postgres/database';
import type { OpenDatabase } from '../../../src/node/postgres/database';
import { SqlDirectory } from '../../../src/node/postgres/sql-directory';
import { clock } from '../../../src/node/process/time';
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
