import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/core/model/content';
import type { ShowArgs, ShowResult } from '../../src/core/model/result';
import { branchOperation } from '../../src/core/operation/branch';
import { contentFile, withContentFile } from '../../src/core/operation/content-file';
import { locate } from '../../src/core/operation/locate';
import { showOperation } from '../../src/core/operation/show';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import type { Sandbox } from './fixture';
import { createSandbox, expectHealthy } from './fixture';

const one = 'id,name\n1,Ada\n2,Alan\n';
const two = 'id,name\n1,Ada\n2,Alan\n3,Grace\n';

async function twoBranches(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  sandbox.git('config', 'branchbook.track', 'data/**');
  sandbox.write({ '.gitattributes': 'data/** filter=lfs diff=lfs merge=lfs -text\n', 'data/a.csv': one });
  await sandbox.run(snapshotOperation, { message: 'one' });
  await sandbox.run(branchOperation, { action: 'create', name: 'more', switch: true });
  sandbox.write({ 'data/a.csv': two });
  await sandbox.run(snapshotOperation, { message: 'two' });
  return sandbox;
}

async function show(sandbox: Sandbox, address: string, args: Partial<ShowArgs> = {}): Promise<Content> {
  const result: ShowResult = await sandbox.run(showOperation, { address, content: true, ...args });
  if (result.kind === 'snapshot' || !result.content) {
    throw new Error('There is no content.');
  }
  return result.content;
}

async function entryOf(sandbox: Sandbox, address: string) {
  return { entry: (await locate(sandbox.project, address)).entry! };
}

describe('what is in a version', () => {
  it('is told of every branch, with statistics and rows', async () => {
    const sandbox = await twoBranches();
    const page = { offset: 1, limit: 5 };
    expect(await show(sandbox, 'data/a.csv@main', { statistics: true, page })).toMatchObject({
      kind: 'table',
      table: { rows: 2, columns: [{ name: 'id' }, { name: 'name' }] },
      statistics: [{ name: 'id', mean: 1.5 }, { distinct: 2 }],
      page: { total: 2, rows: [[2, 'Alan']] }
    });
    expect(await show(sandbox, 'data/a.csv@more', { page })).toMatchObject({
      table: { rows: 3 },
      page: {
        rows: [
          [2, 'Alan'],
          [3, 'Grace']
        ]
      }
    });
    await expectHealthy(sandbox);
  });

  it('is the same when it is looked at again, from another branch, without the content', async () => {
    const sandbox = await twoBranches();
    const first = await show(sandbox, 'data/a.csv@main', { statistics: true });
    const tables = {
      open: () => Promise.reject(new Error('Nothing has to be read again.')),
      close: () => Promise.resolve()
    };
    const { runOperation } = await import('../../src/core/operation/run');
    const again = await runOperation({ ...sandbox.project, tables }, showOperation, {
      address: 'data/a.csv@main',
      statistics: true
    });
    expect(again).toMatchObject({ content: first });
  });

  it('is told of files that no snapshot has', async () => {
    const sandbox = await twoBranches();
    sandbox.write({ 'data/new.jsonl': '{"a":1}\n', 'data/a.csv': `${two}4,Edsger\n` });
    expect(await show(sandbox, 'data/new.jsonl', { workTree: true })).toMatchObject({ table: { rows: 1 } });
    expect(await show(sandbox, 'data/a.csv', { workTree: true })).toMatchObject({ table: { rows: 4 } });
    expect(await show(sandbox, 'data/a.csv')).toMatchObject({ table: { rows: 3 } });
    await expect(show(sandbox, '../a.csv', { workTree: true })).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    await expect(show(sandbox, 'data/none.csv', { workTree: true })).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
  });

  it('is one table where a folder is a partitioned dataset', async () => {
    const sandbox = await twoBranches();
    const { project, root } = sandbox;
    for (const year of [2024, 2025]) {
      sandbox.write({ [`data/sales/year=${year}/.keep`]: '' });
      const file = join(root, `data/sales/year=${year}/part.parquet`);
      const session = await project.tables.open({ files: [], writes: [file] }, {});
      await session.query(`COPY (SELECT ${year} * 10 + i AS v FROM range(3) r(i)) TO '${file}' (FORMAT parquet)`);
      await session.close();
    }
    await sandbox.run(snapshotOperation, { message: 'parts' });
    await sandbox.run(switchOperation, { branch: 'main' });
    const result = await sandbox.run(showOperation, {
      address: 'data/sales@more',
      statistics: true,
      page: { offset: 2, limit: 2, sort: [{ column: 'v', descending: true }] }
    });
    expect(result).toMatchObject({
      kind: 'snapshot',
      content: {
        table: { rows: 6, files: 2, columns: [{ name: 'v' }, { name: 'year', type: 'BIGINT' }] },
        statistics: [{ minimum: 20_240, maximum: 20_252 }, { distinct: 2 }],
        page: {
          total: 6,
          rows: [
            [20_250, 2025],
            [20_242, 2024]
          ]
        }
      }
    });
  });

  it('may be damaged, or not what its name says: then it is told so', async () => {
    const sandbox = await twoBranches();
    sandbox.write({
      'data/zip.csv': 'PK\u0003\u0004 and so on',
      'data/cut.parquet': 'PAR1 and no more',
      'data/x.unknown': 'abc'
    });
    expect(await show(sandbox, 'data/zip.csv', { workTree: true })).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('ZIP archive'),
      head: expect.stringMatching(/^504b0304/)
    });
    expect(await show(sandbox, 'data/cut.parquet', { workTree: true })).toMatchObject({ kind: 'unreadable' });
    await expectHealthy(sandbox);
  });
});

describe('a file with the content of a version', () => {
  it('is the one in the work tree, the one that waits, or one in the cache: never a needless copy', async () => {
    const sandbox = await twoBranches();
    const { project, root } = sandbox;
    expect(await contentFile(project, await entryOf(sandbox, 'data/a.csv@more'), {})).toBe(join(root, 'data/a.csv'));
    const waiting = await contentFile(project, await entryOf(sandbox, 'data/a.csv@main'), {});
    expect(waiting).toMatch(/\/(materialized|cache)\/[0-9a-f]{64}/);
    expect(readFileSync(waiting, 'utf8')).toBe(one);
    sandbox.write({ 'data/a.csv': 'changed' });
    const cached = await contentFile(project, await entryOf(sandbox, 'data/a.csv@more'), {});
    expect(cached).toContain('/cache/');
    expect(readFileSync(cached, 'utf8')).toBe(two);
  });

  it('is read again when a switch moves it meanwhile', async () => {
    const sandbox = await twoBranches();
    const source = await entryOf(sandbox, 'data/a.csv@more');
    const seen: string[] = [];
    const text = await withContentFile(sandbox.project, source, {}, async file => {
      if (seen.push(file) === 1) {
        // Another branch's content is at the same path by the time it is read.
        await sandbox.run(switchOperation, { branch: 'main' });
      }
      return readFileSync(file, 'utf8');
    });
    expect(text).toBe(two);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(join(sandbox.root, 'data/a.csv'));
  });

  it('is refused when it never stops changing', async () => {
    const sandbox = await twoBranches();
    let count = 0;
    const work = async (file: string): Promise<void> => {
      copyFileSync(file, `${file}.new`);
      writeFileSync(`${file}.new`, `${(count += 1)}`);
      renameSync(`${file}.new`, file);
    };
    const source = { workTreePath: 'data/a.csv' };
    await expect(withContentFile(sandbox.project, source, {}, work)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    expect(count).toBe(3);
  });
});
