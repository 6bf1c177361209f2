import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import type { Anomaly, SchemaResult, TableSchema } from '../../src/core/model/table-schema';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import type { IProject } from '../../src/core/port';
import { temporaryDirectory } from '../support/temporary-directory';
import { expectHealthy } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const CSV = 'data/sales.csv';
const FILE = `schemas/${CSV}.json`;

const csv = (...rows: readonly string[]): string => `id,status,price\n${rows.join('\n')}\n`;
const GOOD = csv(...Array.from({ length: 40 }, (_, n) => `${n},${n % 2 ? 'paid' : 'open'},${n}.5`));
const schemaText = (schema: object): string =>
  `${JSON.stringify({ format: 'branchbook-schema/1', ...schema }, null, 2)}\n`;

const codes = (anomalies: readonly Anomaly[] | undefined): readonly string[] =>
  (anomalies ?? []).map(({ code }) => code);

type Outcome<A extends SchemaResult['action']> = Extract<SchemaResult, { action: A }>;
const infer = async (verbs: Verbal, update?: boolean): Promise<Outcome<'infer'>> =>
  (await verbs.run('schema', { action: 'infer', path: CSV, ...(update && { update }) })) as Outcome<'infer'>;
const check = async (verbs: Verbal, ...paths: readonly string[]): Promise<Outcome<'check'>> =>
  (await verbs.run('schema', { action: 'check', paths })) as Outcome<'check'>;

/** What a refused change must leave as it was. */
function state({ read, git }: Verbal): unknown {
  return [read(), git('for-each-ref'), git('ls-files', '--stage'), git('reflog', '--all')];
}

describe('schema infer', () => {
  it('writes a first draft that a snapshot then holds the table to', async () => {
    const verbs = await openVerbs();
    verbs.write({ '.gitattributes': '*.csv filter=lfs diff=lfs merge=lfs -text\n', [CSV]: GOOD });
    const result = await infer(verbs);
    expect(result).toMatchObject({ created: true, file: FILE, added: [], kept: [], schema: { key: ['id'] } });
    expect(readFileSync(join(verbs.root, FILE), 'utf8')).toBe(`{
  "format": "branchbook-schema/1",
  "key": ["id"],
  "severity": "warn",
  "rows": {
    "min": 1
  },
  "newColumns": "warn",
  "columns": {
    "id": {
      "type": "integer",
      "required": true,
      "maxNullShare": 0,
      "min": 0
    },
    "status": {
      "type": "string",
      "required": true,
      "maxNullShare": 0,
      "domain": ["open", "paid"]
    },
    "price": {
      "type": "float",
      "required": true,
      "maxNullShare": 0,
      "min": 0,
      "finite": true
    }
  }
}
`);
    expect((await verbs.run('snapshot', {})).anomalies).toEqual([]);
    expect((await check(verbs)).tables).toMatchObject([{ path: CSV, rows: 40, columns: 3, anomalies: [] }]);
  });

  it('never overwrites what is there, and adds only what is new', async () => {
    const verbs = await openVerbs();
    const edited = schemaText({ note: 'ours', columns: { status: { domain: ['paid'] }, old: {} } });
    verbs.write({ [CSV]: GOOD, [FILE]: edited });
    const error = await verbs.fail('schema', { action: 'infer', path: CSV });
    expect(error).toMatchObject({ code: 'SCHEMA_EXISTS', exit: 3 });
    expect(readFileSync(join(verbs.root, FILE), 'utf8')).toBe(edited);

    const result = await infer(verbs, true);
    expect(result.created).toBe(false);
    expect(result.added.map(({ where }) => where)).toContain('columns.price.finite');
    expect(result.kept).toEqual([
      { where: 'columns.status.domain', file: '1 values', data: '["open"]' },
      { where: 'columns.old', file: 'there', data: 'no such column' }
    ]);
    const written = JSON.parse(readFileSync(join(verbs.root, FILE), 'utf8')) as Record<string, object>;
    expect(written).toMatchObject({ note: 'ours', columns: { status: { domain: ['paid'] }, old: {} } });
    expect(Object.keys(written['columns']!)).toEqual(['status', 'old', 'id', 'price']);

    const before = readFileSync(join(verbs.root, FILE));
    expect((await infer(verbs, true)).added).toEqual([]);
    expect(readFileSync(join(verbs.root, FILE))).toEqual(before);
  });

  it('refuses what is no table, and changes nothing', async () => {
    const verbs = await openVerbs();
    verbs.write({ 'a.parquet': 'no parquet', 'b.txt': 'text', [CSV]: GOOD });
    const failures = {
      'none.csv': 'PATH_UNKNOWN',
      data: 'PATH_UNKNOWN',
      'a.parquet': 'FORMAT_INVALID',
      'b.txt': 'FORMAT_INVALID',
      '../x.csv': 'PATH_UNSAFE',
      [`${'x'.repeat(249)}.csv`]: 'PATH_UNSAFE'
    };
    for (const [path, code] of Object.entries(failures)) {
      expect((await verbs.fail('schema', { action: 'infer', path })).code, path).toBe(code);
    }
    expect(Object.keys(verbs.read()).filter(path => path.startsWith('schemas'))).toEqual([]);
  });

  it('does not follow a link out of the project', async () => {
    const verbs = await openVerbs();
    const outside = temporaryDirectory();
    verbs.write({ [CSV]: GOOD });
    symlinkSync(outside, join(verbs.root, 'schemas'));
    expect((await verbs.fail('schema', { action: 'infer', path: CSV })).code).toBe('PATH_UNSAFE');
    mkdirSync(join(outside, 'data'));
    writeFileSync(join(outside, 'data/sales.csv.json'), 'secret');
    for (const action of ['infer', 'show'] as const) {
      const error = await verbs.fail('schema', { action, path: CSV });
      expect(error.code).toBe('PATH_UNSAFE');
      expect(error.message).not.toContain('secret');
    }
    const { tables } = await check(verbs, CSV);
    expect(codes(tables[0]!.anomalies)).toEqual(['INVALID_SCHEMA_SPECIFICATION']);
  });
});

describe('schema show and check', () => {
  it('show the rules, or where the file is wrong', async () => {
    const verbs = await openVerbs();
    verbs.write({ [FILE]: schemaText({ colour: 1, columns: { __proto__: {}, price: { min: 1 } } }) });
    const shown = (await verbs.run('schema', { action: 'show', path: CSV })) as Outcome<'show'>;
    expect(shown).toMatchObject({ file: FILE, unknown: ['colour'], schema: { columns: [{ name: 'price', min: 1 }] } });
    verbs.write({ [FILE]: '{\n  "format": 1\n}' });
    expect(await verbs.fail('schema', { action: 'show', path: CSV })).toMatchObject({
      code: 'FORMAT_INVALID',
      data: { line: 2 }
    });
    expect((await verbs.fail('schema', { action: 'show', path: 'other.csv' })).code).toBe('PATH_UNKNOWN');
    expect((await verbs.fail('schema', { action: 'check', paths: ['other.csv'] })).code).toBe('PATH_UNKNOWN');
  });

  it('check every table that has a schema, against the last snapshot too', async () => {
    const verbs = await openVerbs();
    expect((await check(verbs)).notices).toHaveLength(1);
    const rules = schemaText({ rows: { ratio: { min: 0.9 } }, columns: {} });
    const others = { 'schemas/data.json': '{"$schema": "http://example.org"}', 'schemas/user.json': 'no JSON' };
    await verbs.snapshot({ [CSV]: GOOD, [FILE]: rules, 'schemas/gone.csv.json': rules, ...others });
    expect(await check(verbs)).toMatchObject({
      tables: [{ anomalies: [] }],
      notices: [expect.stringContaining('gone.csv')]
    });
    verbs.write({ [CSV]: csv('1,paid,1.5') });
    expect(codes((await check(verbs)).tables[0]!.anomalies)).toEqual(['COMPARATOR_LOW_NUM_EXAMPLES']);
  });

  it('survive hostile files', async () => {
    const verbs = await openVerbs();
    const files: Readonly<Record<string, string>> = {
      deep: '['.repeat(100_000),
      huge: `{"format": "branchbook-schema/1", "x": "${'x'.repeat(9_000_000)}"}`,
      latin: '{"format": "branchbook-schema/1", "x": "\u00ff"}',
      empty: '',
      number: '1',
      newer: '{"format": "branchbook-schema/99"}',
      proto: '{"__proto__": {"format": "branchbook-schema/1"}}',
      types: '{"format": "branchbook-schema/1", "columns": {"id": {"min": {}}}}'
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(verbs.root, 'schemas/data'), { recursive: true });
      writeFileSync(join(verbs.root, FILE), text, name === 'latin' ? 'latin1' : 'utf8');
      verbs.write({ [CSV]: GOOD });
      const { tables } = await check(verbs, CSV);
      expect(codes(tables[0]!.anomalies), name).toEqual(['INVALID_SCHEMA_SPECIFICATION']);
      expect(tables[0]!.anomalies[0]!.message.length).toBeLessThan(300);
      const error = await verbs.fail('snapshot', { paths: [CSV] });
      expect(error.code, name).toBe('SCHEMA_VIOLATED');
    }
  });
});

describe('a snapshot', () => {
  const strict = (rules: object): string => schemaText({ severity: 'fail', ...rules });

  it('tells what is not as expected, and is taken', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ [CSV]: GOOD });
    await infer(verbs);
    verbs.write({ [CSV]: `${GOOD}40,lost,-3\n` });
    const { anomalies } = await verbs.run('snapshot', { paths: [CSV] });
    expect(codes(anomalies)).toEqual(['ENUM_TYPE_UNEXPECTED_STRING_VALUES', 'FLOAT_TYPE_SMALL_FLOAT']);
    expect(anomalies![0]).toMatchObject({ path: CSV, column: 'status', severity: 'warn', rows: 1 });
  });

  it('says nothing about tables without a schema, and does not read them', async () => {
    const verbs = await openVerbs();
    const project: IProject = { ...verbs.project, tables: broken() };
    verbs.write({ [CSV]: GOOD, 'other.csv': GOOD, 'schemas/another.csv.json': strict({}) });
    expect(await runOperation(project, operations.snapshot, {})).not.toHaveProperty('anomalies');
  });

  it.each(['asset', 'text'])('is refused before anything moves when a rule marked fail is broken: %s', async kind => {
    const verbs = await openVerbs();
    if (kind === 'asset') {
      await verbs.snapshot({ '.gitattributes': '*.csv filter=lfs diff=lfs merge=lfs -text\n' });
    }
    await verbs.snapshot({ [CSV]: GOOD, [FILE]: strict({ key: ['id'], columns: {} }) });
    verbs.write({ [CSV]: `${GOOD}3,paid,1\n`, 'notes.md': 'more' });
    const before = state(verbs);
    const error = await verbs.fail('snapshot', {});
    expect(error).toMatchObject({ code: 'SCHEMA_VIOLATED', exit: 3, status: 409 });
    expect(error.message).toContain('1 row repeats the key "id" of another row, for example "3" (2 rows)');
    expect(error.hint).toContain('--allow-anomalies');
    expect(codes(error.data['anomalies'] as Anomaly[])).toEqual(['DATASET_DUPLICATE_KEYS']);
    expect(state(verbs)).toEqual(before);

    const { anomalies } = await verbs.run('snapshot', { allowAnomalies: true });
    expect(codes(anomalies)).toEqual(['DATASET_DUPLICATE_KEYS']);
    expect(verbs.git('status', '--porcelain')).toBe('');
  });

  it('compares with the version before', async () => {
    const verbs = await openVerbs();
    const rules = schemaText({ rows: { ratio: { min: 0.5, max: 2 } }, columns: {} });
    const first = await verbs.run('snapshot', (verbs.write({ [CSV]: GOOD, [FILE]: rules }), {}));
    expect(first.anomalies).toEqual([]);
    verbs.write({ [CSV]: csv('1,paid,1') });
    expect(codes((await verbs.run('snapshot', {})).anomalies)).toEqual(['COMPARATOR_LOW_NUM_EXAMPLES']);
    verbs.write({ [CSV]: GOOD });
    expect(codes((await verbs.run('snapshot', {})).anomalies)).toEqual(['COMPARATOR_HIGH_NUM_EXAMPLES']);
  });

  it('finds drift beyond the thresholds of the file', async () => {
    const verbs = await openVerbs();
    const drift = { psi: { warn: 0.1, fail: 0.5 }, 'jensen-shannon': { warn: 0.9 } };
    const rules = schemaText({
      newColumns: 'allow',
      columns: { price: { drift }, status: { drift: { 'chi-squared': { warn: 0.01 } } } }
    });
    await verbs.snapshot({ [CSV]: GOOD, [FILE]: rules });
    verbs.write({ [CSV]: csv(...Array.from({ length: 40 }, (_, n) => `${n},${n % 8 ? 'paid' : 'open'},${n * n}.5`)) });
    const error = await verbs.fail('snapshot', {});
    const anomalies = error.data['anomalies'] as readonly Anomaly[];
    expect(codes(anomalies)).toEqual([
      'COMPARATOR_CHI_SQUARED_LOW_P_VALUE',
      'COMPARATOR_POPULATION_STABILITY_INDEX_HIGH'
    ]);
    expect(anomalies.map(({ severity }) => severity)).toEqual(['warn', 'fail']);
    // 20 open and 20 paid, then 5 and 35: χ² = 2 · 7.5² / 12.5 + 2 · 7.5² / 27.5 = 13.0909, p = erfc(√(χ² / 2)).
    expect(anomalies[0]!.message).toContain('p-value 0.0002967,');
    expect(anomalies[1]!.message).toContain('natural logarithm');
    verbs.write({ [CSV]: GOOD.replace('39.5', '38.5') });
    expect((await verbs.run('snapshot', {})).anomalies).toEqual([]);
  });

  it('checks a table whose schema changed', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ [CSV]: GOOD });
    verbs.write({ [FILE]: strict({ rows: { min: 100 }, columns: {} }) });
    expect((await verbs.fail('snapshot', { paths: [FILE] })).code).toBe('SCHEMA_VIOLATED');
    verbs.write({ [FILE]: strict({ rows: { min: 10 }, columns: {} }) });
    expect((await verbs.run('snapshot', {})).anomalies).toEqual([]);
  });

  it('says that it could not check; only rules marked fail refuse it then', async () => {
    const verbs = await openVerbs();
    const project: IProject = { ...verbs.project, tables: broken() };
    verbs.write({ [CSV]: GOOD, [FILE]: schemaText({ columns: {} }) });
    const { anomalies } = await runOperation(project, operations.snapshot, {});
    expect(anomalies).toMatchObject([{ code: 'STATS_NOT_AVAILABLE', severity: 'warn', message: 'no DuckDB here' }]);
    verbs.write({ [CSV]: `${GOOD}99,paid,1\n`, [FILE]: strict({ columns: {} }) });
    await expect(runOperation(project, operations.snapshot, {})).rejects.toMatchObject({ code: 'SCHEMA_VIOLATED' });
    expect(codes((await runOperation(project, operations.snapshot, { allowAnomalies: true })).anomalies)).toEqual([
      'STATS_NOT_AVAILABLE'
    ]);
  });

  it('can be cancelled while a table is checked', async () => {
    const verbs = await openVerbs();
    verbs.write({ [CSV]: GOOD, [FILE]: strict({ columns: {} }) });
    const before = state(verbs);
    const cancel = new AbortController();
    const run = runOperation(
      verbs.project,
      operations.snapshot,
      {},
      {
        signal: cancel.signal,
        onProgress: ({ phase }) => phase === 'check tables' && cancel.abort()
      }
    );
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(state(verbs)).toEqual(before);
  });
});

describe('a merge', () => {
  it.each(['fast-forward', 'merge'])('is refused like a snapshot: %s', async kind => {
    const verbs = await openVerbs();
    const rules = { severity: 'fail', columns: { status: { domain: ['open', 'paid'] } } } satisfies Partial<
      Record<keyof TableSchema, unknown>
    >;
    await verbs.snapshot({ [CSV]: GOOD });
    await verbs.run('branch', { action: 'create', name: 'work', switch: true });
    await verbs.snapshot({ [CSV]: GOOD.replace('open', 'lost') });
    await verbs.run('switch', { branch: 'main' });
    if (kind === 'merge') {
      await verbs.snapshot({ [FILE]: schemaText({ newColumns: 'allow', ...rules }) });
    } else {
      await verbs.run('switch', { branch: 'work' });
      verbs.write({ [FILE]: schemaText({ newColumns: 'allow', ...rules }) });
      await verbs.run('snapshot', { allowAnomalies: true });
      await verbs.run('switch', { branch: 'main' });
    }
    const before = state(verbs);
    const error = await verbs.fail('merge', { branch: 'work' });
    expect(error).toMatchObject({ code: 'SCHEMA_VIOLATED', exit: 3 });
    expect(error.message).toContain('"lost"');
    expect(state(verbs)).toEqual(before);
    const merged = await verbs.run('merge', { branch: 'work', allowAnomalies: true });
    expect(merged.kind).toBe(kind);
    expect(codes(merged.anomalies)).toEqual(['ENUM_TYPE_UNEXPECTED_STRING_VALUES']);

    const { findings } = await verbs.run('check', {});
    expect(findings).toMatchObject([{ severity: 'warning', code: 'ENUM_TYPE_UNEXPECTED_STRING_VALUES', object: CSV }]);
    await expectHealthy({ ...verbs, run: (operation, args) => runOperation(verbs.project, operation, args) });
  });
});

function broken(): IProject['tables'] {
  return {
    open: () => Promise.reject(new BranchbookError('TABLES_UNAVAILABLE', 'no DuckDB here')),
    close: () => Promise.resolve()
  };
}
