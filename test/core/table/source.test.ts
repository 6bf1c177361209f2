import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { numbered, ROW } from '../../../src/core/table/row-numbers';
import { attachTable } from '../../../src/core/table/source';
import type { SqlValue } from '../../../src/core/port';
import type { TableInfo } from '../../../src/core/model/table';
import { temporaryDirectory } from '../../support/temporary-directory';
import { openSession } from '../../support/tables';

type Attached = { readonly info: TableInfo; readonly rows: readonly (readonly SqlValue[])[] };

async function attach(name: string, content: string | Uint8Array, dialect?: Record<string, string>): Promise<Attached> {
  // Kept contents have no ending: the name in the project says the format.
  const file = join(temporaryDirectory(), 'content');
  writeFileSync(file, content);
  const session = await openSession(file);
  const info = await attachTable(session, { file, path: `data/${name}`, name: 't', ...(dialect && { dialect }) });
  return { info, rows: (await session.query('FROM t')).rows };
}

const names = (info: TableInfo): string[] => info.columns.map(column => `${column.name} ${column.type}`);

describe('CSV', () => {
  it('finds delimiter, header and types', async () => {
    const { info, rows } = await attach('a.csv', 'id;name;at\n1;"Ada; L";1815-12-10\n2;Alan;1912-06-23\n');
    expect(names(info)).toEqual(['id BIGINT', 'name VARCHAR', 'at DATE']);
    expect(info).toMatchObject({ format: 'csv', rows: 2, files: 1, brokenCount: 0, dialect: { delimiter: ';' } });
    expect(rows).toEqual([
      [1n, 'Ada; L', '1815-12-10'],
      [2n, 'Alan', '1912-06-23']
    ]);
  });

  it('takes a dialect that it is told', async () => {
    const { info, rows } = await attach('a.csv', 'a|b\n1|2\n', { delimiter: '|', header: 'false' });
    expect(info.rows).toBe(2);
    expect(rows[0]).toEqual(['a', 'b']);
  });

  it('tells broken rows with their lines, and how many there are', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? `${i},x,1.5` : `${i},short`));
    const { info } = await attach('a.csv', `id,name,value\n${lines.join('\n')}\n`, { delimiter: ',', header: 'true' });
    expect(info.rows).toBe(250);
    expect(info.brokenCount).toBe(250);
    expect(info.broken).toHaveLength(100);
    expect(info.broken[0]).toMatchObject({ line: 3, text: '1,short' });
    expect(info.broken[1]!.line).toBe(5);
  });

  it('loses no row to a value or a quote that comes late', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i},${i}`);
    lines[25_000] = 'unknown,7';
    lines[26_000] = '26000,"1,5"';
    const { info, rows } = await attach('a.csv', `id,value\n${lines.join('\n')}\n`);
    expect(info.rows).toBe(30_000);
    expect(info.brokenCount).toBe(0);
    expect(rows[25_000]).toEqual(['unknown', '7']);
    expect(rows[26_000]).toEqual(['26000', '1,5']);
  });

  it('reads UTF-16, Latin-1, a byte order mark and gzip', async () => {
    const text = 'name,n\nJosé,1\nMüller,2\n';
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    const contents: [string, Uint8Array][] = [
      ['a.csv', utf16],
      ['a.csv', Buffer.from(text, 'latin1')],
      ['a.csv', Buffer.from(`\ufeff${text}`)],
      ['a.csv.gz', gzipSync(text)]
    ];
    for (const [name, bytes] of contents) {
      const { info, rows } = await attach(name, bytes);
      expect(info.columns.map(column => column.name)).toEqual(['name', 'n']);
      expect(rows.map(String)).toEqual(['José,1', 'Müller,2']);
    }
  });

  it('keeps what is UTF-8 of a file of mixed encodings, and tells the rest', async () => {
    const bytes = Buffer.concat([Buffer.from('name,n\nJosé,1\n'), Buffer.from('Müller,2\n', 'latin1')]);
    const { info, rows } = await attach('a.csv', bytes);
    expect(rows.map(String)).toEqual(['José,1']);
    expect(info.broken).toMatchObject([{ line: 3, reason: expect.stringContaining('utf-8') }]);
  });

  it('gives columns of one name different names, and says so', async () => {
    const { info } = await attach('a.csv', 'a,a,A\n1,2,3\n');
    expect(new Set(info.columns.map(column => column.name.toLowerCase())).size).toBe(3);
    expect(info.notices.join()).toContain('a');
  });

  it('reads 5,000 columns, no rows, and nothing at all', async () => {
    const header = Array.from({ length: 5000 }, (_, i) => `c${i}`).join(',');
    const row = Array.from({ length: 5000 }, (_, i) => i).join(',');
    expect((await attach('a.csv', `${header}\n${row}\n`)).info.columns).toHaveLength(5000);
    expect((await attach('a.csv', 'a,b\n')).info).toMatchObject({ rows: 0, columns: [{ name: 'a' }, { name: 'b' }] });
    expect((await attach('a.csv', '')).info).toMatchObject({ rows: 0, columns: [] });
  });

  it('reads a cell of 10 MB', async () => {
    const { rows } = await attach('a.csv', `id,text\n1,${'x'.repeat(10_000_000)}\n2,y\n`);
    expect(rows.map(([id, text]) => [id, String(text).length])).toEqual([
      [1n, 10_000_000],
      [2n, 1]
    ]);
  });

  it('is not fooled by a ZIP archive, nor by other bytes', async () => {
    const zip = Buffer.from('504b0304140000000800', 'hex');
    await expect(attach('a.csv', zip)).rejects.toMatchObject({ code: 'FORMAT_INVALID', message: /ZIP archive/ });
    await expect(attach('a.csv', Buffer.from([1, 0, 2, 0]))).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
    await expect(attach('a.csv.gz', 'a,b\n1,2\n')).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });

  it('numbers the rows in the order of the file', async () => {
    const file = join(temporaryDirectory(), 'a.tsv');
    writeFileSync(file, `id\tb\n${Array.from({ length: 5000 }, (_, i) => `${5000 - i}\tx`).join('\n')}\n`);
    const session = await openSession(file);
    await attachTable(session, { file, path: 'a.tsv', name: "it's" });
    const sql = `SELECT id FROM "${numbered("it's")}" WHERE "${ROW}" BETWEEN 10 AND 12 ORDER BY "${ROW}"`;
    expect((await session.query(sql)).rows).toEqual([[4990n], [4989n], [4988n]]);
  });
});

describe('a folder of CSV files', () => {
  it('is one table, which tells in which file a row is broken', async () => {
    const folder = temporaryDirectory();
    const texts = ['id,city\n1,Ulm\n2,Bonn\n', 'id,city,size\n3,Kiel,7\n4,Köln,x,y,z\n5,Jena,9\n'];
    const parts = texts.map((text, i) => {
      const file = join(folder, String(i));
      writeFileSync(file, text);
      return { file, path: `region=r${i}/part.csv` };
    });
    const session = await openSession(...parts.map(({ file }) => file));
    const info = await attachTable(session, { file: parts[0]!.file, path: 'data/cities', name: 't', parts });
    expect(info).toMatchObject({ format: 'csv', rows: 4, files: 2, brokenCount: 1 });
    expect(info.broken[0]).toMatchObject({ line: 3, reason: expect.stringContaining('region=r1/part.csv') as string });
    expect((await session.query('SELECT id, city, size, region FROM t ORDER BY id')).rows).toEqual([
      [1n, 'Ulm', null, 'r0'],
      [2n, 'Bonn', null, 'r0'],
      [3n, 'Kiel', 7n, 'r1'],
      [5n, 'Jena', 9n, 'r1']
    ]);
  });
});

describe('JSON lines', () => {
  it('makes a column of every field', async () => {
    const { info, rows } = await attach('a.jsonl', '{"a":1,"b":{"c":[1,2]}}\n{"a":2.5,"d":"x"}\n');
    expect(names(info)).toEqual(['a DOUBLE', 'b STRUCT(c BIGINT[])', 'd VARCHAR']);
    expect(rows[1]).toEqual([2.5, null, 'x']);
  });

  it('tells lines that are no objects', async () => {
    const { info, rows } = await attach('a.ndjson', '{"a":1}\n{"a":2,\n\n{"a":3}\n[1]\nnull\n');
    expect(rows).toEqual([[1n], [3n]]);
    expect(info.broken.map(({ line, text }) => [line, text])).toEqual([
      [2, '{"a":2,'],
      [5, '[1]'],
      [6, 'null']
    ]);
    expect(info.brokenCount).toBe(3);
  });

  it('may be empty', async () => {
    expect((await attach('a.jsonl', '')).info).toMatchObject({ rows: 0, columns: [] });
  });
});

describe('Parquet', () => {
  async function parquet(sql: string): Promise<string> {
    const file = join(temporaryDirectory(), 'a.parquet');
    const { openTables } = await import('../../support/tables');
    const session = await (await openTables()).open({ files: [], writes: [file] }, {});
    await session.query(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
    await session.close();
    return file;
  }

  it('is read where it lies, with row numbers', async () => {
    const file = await parquet("SELECT range AS id, 'x' || range AS name FROM range(300000)");
    const session = await openSession(file);
    const info = await attachTable(session, { file, path: 'a.parquet', name: 't' });
    expect(info).toMatchObject({
      format: 'parquet',
      rows: 300_000,
      columns: [{ name: 'id', type: 'BIGINT', kind: 'number' }, { name: 'name' }]
    });
    expect((await session.query(`SELECT id FROM "${numbered('t')}" WHERE "${ROW}" = 299999`)).rows).toEqual([
      [299_999n]
    ]);
  });

  it('is refused when it is cut off', async () => {
    const { readFileSync } = await import('node:fs');
    const whole = readFileSync(await parquet('SELECT range FROM range(10000)'));
    await expect(attach('a.parquet', whole.subarray(0, 2000))).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
    await expect(attach('a.parquet', '')).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
    const damaged = Uint8Array.from(whole).fill(255, whole.length - 60, whole.length - 10);
    await expect(attach('a.parquet', damaged)).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });

  it('in folders is one table, with their keys as columns', async () => {
    const files = [await parquet('SELECT 20240 AS v'), await parquet('SELECT 20250 AS v')];
    const parts = files.map((file, i) => ({ file, path: `year=${2024 + i}/part.parquet` }));
    const session = await openSession(...files);
    const info = await attachTable(session, { file: files[0]!, path: 'data/sales', name: 't', parts });
    expect(info).toMatchObject({ rows: 2, files: 2 });
    expect((await session.query('FROM t ORDER BY v')).rows).toEqual([
      [20_240, 2024n],
      [20_250, 2025n]
    ]);
  });
});
