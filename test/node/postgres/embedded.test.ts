import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { disk } from '../../../src/node/fs/disk';
import { openDatabase } from '../../../src/node/postgres/database';
import type { OpenDatabase } from '../../../src/node/postgres/database';
import { ensureDatabase } from '../../../src/node/postgres/database-image';
import { tidyEmbedded } from '../../../src/node/postgres/embedded';
import { SqlDirectory } from '../../../src/node/postgres/sql-directory';
import { clock } from '../../../src/node/process/time';
import { temporaryDirectory } from '../../support/temporary-directory';

describe('a new embedded database', () => {
  const header = { folders: ['base', 'base/1'], files: [['PG_VERSION', 0, 3] as const, ['base/1/x', 3, 5] as const] };
  const imageIn = (folder: string): string => {
    writeFileSync(join(folder, 'image.gz'), gzipSync(`${JSON.stringify(header)}\n17\nhello`));
    return join(folder, 'image.gz');
  };

  it('appears whole, whatever an interrupted start left, and is then left alone', async () => {
    const home = temporaryDirectory();
    const [image, folder] = [imageIn(home), join(home, 'database')];
    mkdirSync(join(`${folder}.new`, 'base'), { recursive: true });
    mkdirSync(folder);
    await ensureDatabase(disk, image, folder);
    expect(readFileSync(join(folder, 'PG_VERSION'), 'utf8')).toBe('17\n');
    expect(readFileSync(join(folder, 'base/1/x'), 'utf8')).toBe('hello');
    expect(statSync(join(folder, 'base')).mode & 0o777).toBe(0o700);
    expect(existsSync(`${folder}.new`)).toBe(false);
    writeFileSync(join(folder, 'base/1/x'), 'changed');
    await ensureDatabase(disk, image, folder);
    expect(readFileSync(join(folder, 'base/1/x'), 'utf8')).toBe('changed');
  });

  it('takes no place where something is', async () => {
    const home = temporaryDirectory();
    const [image, folder] = [imageIn(home), join(home, 'database')];
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'all of it');
    await expect(ensureDatabase(disk, image, folder)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });
});

describe('the embedded database', () => {
  const at = (folder: string): Promise<OpenDatabase> => openDatabase({ kind: 'embedded', folder });

  it('has what was acknowledged when its process dies, before and after it was tidied, and flushes it', async () => {
    const home = temporaryDirectory();
    const first = await at(join(home, 'first'));
    const event = { namespace: 'n', user: 'olga', action: 'test', project: null, target: null, outcome: 'ok' } as const;
    const write = (id: string): Promise<void> =>
      new SqlDirectory(first.db, clock).append([{ ...event, id, time: 1, detail: 'x'.repeat(5_000) }]);
    await write('one');
    await tidyEmbedded(first.db);
    await write('two');
    // What a process that dies leaves.
    cpSync(join(home, 'first'), join(home, 'second'), { recursive: true });
    const second = await at(join(home, 'second'));
    const found = await new SqlDirectory(second.db, clock).audit('n', {});
    expect(found.map(({ id }) => id)).toEqual(['two', 'one']);
    const { rows } =
      await sql`select setting from pg_settings where name in ('fsync', 'wal_sync_method') order by name`.execute(
        second.db
      );
    expect(rows).toEqual([{ setting: 'on' }, { setting: 'fsync' }]);
    await Promise.all([first.close(), second.close()]);
  });
});
