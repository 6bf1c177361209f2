import { describe, expect, it } from 'vitest';
import type { ColumnDrift, DriftMeasure } from '../../../src/core/model/diff';
import type { AnomalyCode, ColumnRules } from '../../../src/core/model/table-schema';
import { canFail } from '../../../src/core/table/find-anomalies';
import { anomaliesOf } from './anomaly-harness';
import type { Case } from './anomaly-harness';

/** Rules for the column `x`. */
const x = (rules: Omit<ColumnRules, 'name'>): Case['schema'] => ({ columns: [{ name: 'x', ...rules }] });

const measure = (name: DriftMeasure['name'], value: number, pValue?: number): DriftMeasure => ({
  name,
  value,
  ...(pValue !== undefined && { pValue }),
  level: 'none',
  formula: 'as in the books'
});
const drifted = (...measures: readonly DriftMeasure[]): readonly ColumnDrift[] => [
  { column: 'x', kind: 'number', n: [3, 3], nulls: [0, 0], level: 'none', measures, bins: [] }
];
const three = "'a', 'b', 'c'";

/** Each code: a table that has it, with the rows it concerns and a word of its message, and one that has not. */
const cases: readonly (readonly [AnomalyCode, Case, number | null, string, Case])[] = [
  [
    'SCHEMA_MISSING_COLUMN',
    { schema: { ...x({ required: true }), newColumns: 'allow' }, now: 'SELECT 1 AS y' },
    null,
    'New in the table: "y"',
    { schema: x({ required: true }), now: '1' }
  ],
  [
    'SCHEMA_MISSING_COLUMN',
    { schema: { key: ['x'] }, now: 'SELECT 1 AS y' },
    null,
    '"x" is missing',
    { schema: { ...x({ required: false }), newColumns: 'allow' }, now: 'SELECT 1 AS y' }
  ],
  [
    'SCHEMA_NEW_COLUMN',
    { schema: x({}), now: 'SELECT 1 AS x, 2 AS y' },
    null,
    '"y" ("INTEGER")',
    { schema: { ...x({}), newColumns: 'allow' }, now: 'SELECT 1 AS x, 2 AS y' }
  ],
  [
    'INVALID_DOMAIN_SPECIFICATION',
    { schema: x({ domain: [] }), now: three },
    null,
    'empty',
    { schema: x({ domain: ['a', 'b', 'c'] }), now: three }
  ],
  [
    'DOMAIN_INVALID_FOR_TYPE',
    { schema: x({ min: 'a' }), now: '1' },
    null,
    '"min"',
    { schema: x({ min: 1 }), now: '1' }
  ],
  [
    'DOMAIN_INVALID_FOR_TYPE',
    { schema: x({ max: 3 }), now: three },
    null,
    '"max"',
    { schema: x({ length: { max: 3 } }), now: three }
  ],
  [
    'DOMAIN_INVALID_FOR_TYPE',
    { schema: x({ length: { max: 3 } }), now: '1' },
    null,
    '"length"',
    { schema: x({ domain: [1] }), now: '1' }
  ],
  [
    'DOMAIN_INVALID_FOR_TYPE',
    { schema: x({ min: '2026-13-45' }), now: "DATE '2026-01-01'" },
    null,
    'is no date',
    { schema: x({ min: '2026-01-01' }), now: "DATE '2026-01-01'" }
  ],
  [
    'DATASET_LOW_NUM_EXAMPLES',
    { schema: { rows: { min: 4 } }, now: three },
    3,
    '3 rows, at least 4',
    { schema: { rows: { min: 3 } }, now: three }
  ],
  [
    'DATASET_HIGH_NUM_EXAMPLES',
    { schema: { rows: { max: 2 } }, now: three },
    3,
    '3 rows, at most 2',
    { schema: { rows: { max: 3 } }, now: three }
  ],
  [
    'COMPARATOR_LOW_NUM_EXAMPLES',
    { schema: { rows: { ratio: { min: 0.5 } } }, now: '1', before: three },
    1,
    '0.333333 times the 3',
    { schema: { rows: { ratio: { min: 0.5 } } }, now: '1, 2', before: three }
  ],
  [
    'COMPARATOR_HIGH_NUM_EXAMPLES',
    { schema: { rows: { ratio: { max: 2 } } }, now: three, before: '1' },
    3,
    '3 times the 1',
    { schema: { rows: { ratio: { max: 2 } } }, now: three }
  ],
  ['DATASET_UNREADABLE_ROWS', { schema: {}, now: '1', broken: 2 }, 2, '2 lines', { schema: {}, now: '1' }],
  [
    'DATASET_DUPLICATE_KEYS',
    { schema: { key: ['x'] }, now: '1, 2, 2, 2' },
    2,
    '"2" (3 rows)',
    { schema: { key: ['x'] }, now: '1, 2, 3' }
  ],
  [
    'DATASET_DUPLICATE_KEYS',
    { schema: { key: ['a', 'b'] }, now: "SELECT * FROM (VALUES (1, 'p'), (1, 'q'), (1, 'p')) AS t(a, b)" },
    1,
    '"a", "b"',
    { schema: { key: ['a', 'b'] }, now: "SELECT * FROM (VALUES (1, 'p'), (1, 'q')) AS t(a, b)" }
  ],
  [
    'DATASET_NULL_KEYS',
    { schema: { key: ['x'] }, now: '1, NULL' },
    1,
    '1 row has no value',
    { schema: { key: ['x'] }, now: '1, 2' }
  ],
  [
    'UNEXPECTED_DATA_TYPE',
    { schema: x({ type: 'string' }), now: '1, 1' },
    2,
    '"INTEGER" where string',
    { schema: x({ type: 'string' }), now: '1', format: 'csv' }
  ],
  [
    'UNEXPECTED_DATA_TYPE',
    { schema: x({ type: 'integer' }), now: 'true' },
    1,
    'BOOLEAN',
    { schema: x({ type: 'boolean' }), now: 'true' }
  ],
  [
    'VALUE_NESTEDNESS_MISMATCH',
    { schema: x({ type: 'integer' }), now: '[1]' },
    1,
    'INTEGER[]',
    { schema: x({ type: 'list' }), now: '[1]' }
  ],
  [
    'BOOL_TYPE_BIG_INT',
    { schema: x({ type: 'boolean' }), now: '0, 1, 7' },
    1,
    '"7"',
    { schema: x({ type: 'boolean' }), now: '0, 1' }
  ],
  [
    'BOOL_TYPE_SMALL_INT',
    { schema: x({ type: 'boolean' }), now: '0, -1' },
    1,
    '"-1"',
    { schema: x({ type: 'boolean' }), now: '0, NULL' }
  ],
  [
    'BOOL_TYPE_UNEXPECTED_STRING',
    { schema: x({ type: 'boolean' }), now: "'true', 'maybe'", format: 'csv' },
    1,
    '"maybe"',
    { schema: x({ type: 'boolean' }), now: "'true', 'F'", format: 'csv' }
  ],
  [
    'BOOL_TYPE_UNEXPECTED_STRING',
    { schema: x({ type: 'boolean' }), now: "'true'" },
    1,
    '"true"',
    { schema: x({ type: 'boolean' }), now: 'false' }
  ],
  [
    'BOOL_TYPE_UNEXPECTED_FLOAT',
    { schema: x({ type: 'boolean' }), now: '0.5::DOUBLE, 1' },
    1,
    '"0.5"',
    { schema: x({ type: 'boolean' }), now: '0::DOUBLE, 1' }
  ],
  [
    'INT_TYPE_SMALL_INT',
    { schema: x({ min: 2 }), now: '1, 2, 3' },
    1,
    '1 row below 2',
    { schema: x({ min: 1 }), now: '1, 2, 3' }
  ],
  [
    'INT_TYPE_BIG_INT',
    { schema: x({ max: 2 }), now: '1, 2, 3, 3' },
    2,
    '"3" (2 rows)',
    { schema: x({ max: 3 }), now: '1, 2, 3' }
  ],
  [
    'INT_TYPE_NOT_INT_STRING',
    { schema: x({ type: 'integer' }), now: "'1', 'many', '1.5'", format: 'csv' },
    2,
    '"many"',
    { schema: x({ type: 'integer' }), now: "'1', ' 2', '-3.0'", format: 'csv' }
  ],
  [
    'INT_TYPE_FRACTION',
    { schema: x({ type: 'integer' }), now: "1::DOUBLE, 1.5, 'nan'::DOUBLE" },
    2,
    '"1.5"',
    { schema: x({ type: 'integer' }), now: '1::DOUBLE, NULL' }
  ],
  [
    'INT_TYPE_BIG_INT',
    { schema: x({ max: 9007199254740992 }), now: '9007199254740993::HUGEINT * 1000' },
    1,
    'above',
    { schema: x({ max: 1e19 }), now: '9007199254740993' }
  ],
  [
    'FLOAT_TYPE_SMALL_FLOAT',
    { schema: x({ min: 0 }), now: "-0.5::DOUBLE, 'nan'::DOUBLE" },
    1,
    '"-0.5"',
    { schema: x({ min: 0 }), now: "0.0::DOUBLE, 'nan'::DOUBLE" }
  ],
  [
    'FLOAT_TYPE_SMALL_FLOAT',
    { schema: x({ min: 0 }), now: "1::DOUBLE, '-inf'::DOUBLE" },
    1,
    '-inf',
    { schema: x({ min: 0 }), now: "1::DOUBLE, 'inf'::DOUBLE" }
  ],
  [
    'FLOAT_TYPE_BIG_FLOAT',
    { schema: x({ max: 1 }), now: '1.01::DECIMAL(5,2), 1' },
    1,
    '"1.01"',
    { schema: x({ max: 1.01 }), now: '1.01::DECIMAL(5,2)' }
  ],
  [
    'FLOAT_TYPE_BIG_FLOAT',
    { schema: x({ max: 1 }), now: "1::DOUBLE, 'inf'::DOUBLE" },
    1,
    'inf',
    { schema: x({ max: 1 }), now: "1::DOUBLE, 'nan'::DOUBLE" }
  ],
  [
    'FLOAT_TYPE_STRING_NOT_FLOAT',
    { schema: x({ type: 'float' }), now: "'1.5', 'n/a'", format: 'csv' },
    1,
    '"n/a"',
    { schema: x({ type: 'float' }), now: '1, 2' }
  ],
  [
    'FLOAT_TYPE_HAS_NAN',
    { schema: x({ finite: true }), now: "1::DOUBLE, 'nan'" },
    1,
    'NaN in 1 row',
    { schema: x({ finite: true }), now: '1::DOUBLE, NULL' }
  ],
  [
    'FLOAT_TYPE_HAS_INF',
    { schema: x({ finite: true }), now: "1::DOUBLE, 'inf', '-inf'" },
    2,
    'infinite in 2 rows',
    { schema: x({ finite: false }), now: "1::DOUBLE, 'inf'" }
  ],
  [
    'TIME_TYPE_EARLY',
    { schema: x({ min: '2026-01-01' }), now: "DATE '1815-12-10', DATE '2026-01-01'" },
    1,
    '"1815-12-10"',
    { schema: x({ min: '1815-12-10' }), now: "DATE '1815-12-10'" }
  ],
  [
    'TIME_TYPE_LATE',
    { schema: x({ max: '2026-01-01T12:00:00' }), now: "TIMESTAMP '2026-01-01 12:00:01'" },
    1,
    '2026-01-01 12:00:01',
    { schema: x({ max: '2026-01-01T12:00:00' }), now: "TIMESTAMP '2026-01-01 12:00:00'" }
  ],
  [
    'TIME_TYPE_LATE',
    { schema: x({ max: '12:00' }), now: "TIME '12:00:01'" },
    1,
    '12:00:01',
    { schema: x({ max: '12:00:01' }), now: "TIME '12:00:01'" }
  ],
  [
    'TIME_TYPE_STRING_NOT_TIME',
    { schema: x({ type: 'date' }), now: "'2026-01-01', 'tomorrow'", format: 'csv' },
    1,
    '"tomorrow"',
    { schema: x({ type: 'timestamp' }), now: "DATE '2026-01-01'", format: 'csv' }
  ],
  [
    'STRING_TYPE_SHORT',
    { schema: x({ length: { min: 2 } }), now: "'ab', 'c', ''" },
    2,
    'less than 2 characters',
    { schema: x({ length: { min: 1 } }), now: three }
  ],
  [
    'STRING_TYPE_LONG',
    { schema: x({ length: { max: 1 } }), now: "'ab', 'c'" },
    1,
    '"ab"',
    { schema: x({ length: { max: 2 } }), now: "'ab', 'c'" }
  ],
  [
    'FEATURE_TYPE_LOW_NUMBER_VALUES',
    { schema: x({ length: { min: 2 } }), now: '[1], [1, 2]' },
    1,
    '"[1]"',
    { schema: x({ length: { min: 1 } }), now: '[1]' }
  ],
  [
    'FEATURE_TYPE_HIGH_NUMBER_VALUES',
    { schema: x({ length: { max: 1 } }), now: '[1], [1, 2]' },
    1,
    '"[1, 2]"',
    { schema: x({ length: { max: 2 } }), now: '[1, 2]' }
  ],
  [
    'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
    { schema: x({ domain: ['a', 'b'] }), now: `${three}, 'c', NULL` },
    2,
    '"c" (2 rows)',
    { schema: x({ domain: ['a', 'b', 'c', 'd'] }), now: `${three}, NULL` }
  ],
  [
    'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
    { schema: x({ domain: [1, 1.5] }), now: '1, 2' },
    1,
    '"2"',
    { schema: x({ domain: [1, '2'] }), now: '1, 2' }
  ],
  [
    'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
    { schema: x({ domain: ['01', '2'], type: 'string' }), now: '1, 3', format: 'csv' },
    1,
    '"3"',
    { schema: x({ domain: ['01', '2'], type: 'string' }), now: '1, 2', format: 'csv' }
  ],
  [
    'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
    { schema: x({ domain: ['0', '1'] }), now: 'SELECT CAST(range % 60 AS VARCHAR) AS x FROM range(600)' },
    580,
    '"10" (10 rows)',
    {
      schema: x({ domain: Array.from({ length: 60 }, (_, n) => n) }),
      now: 'SELECT CAST(range % 60 AS VARCHAR) AS x FROM range(600)'
    }
  ],
  [
    'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
    { schema: x({ domain: [true] }), now: 'true, false' },
    1,
    '"false"',
    { schema: x({ domain: [true, false] }), now: 'true, false' }
  ],
  [
    'FEATURE_TYPE_NOT_PRESENT',
    { schema: x({ maxNullShare: 0.9 }), now: 'NULL::INTEGER' },
    1,
    'no value in any of 1 row',
    { schema: x({ required: true }), now: 'NULL::INTEGER' }
  ],
  [
    'FEATURE_TYPE_LOW_FRACTION_PRESENT',
    { schema: x({ maxNullShare: 0.2 }), now: '1, NULL, 3' },
    1,
    '33.333333 %, at most 20 %',
    { schema: x({ maxNullShare: 0.34 }), now: '1, NULL, 3' }
  ],
  [
    'FEATURE_TYPE_LOW_NUMBER_PRESENT',
    { schema: x({ minCount: 3 }), now: '1, NULL, 3' },
    1,
    '2 values, at least 3',
    { schema: x({ minCount: 2 }), now: '1, NULL, 3' }
  ],
  [
    'FEATURE_TYPE_LOW_UNIQUE',
    { schema: x({ distinct: { min: 3 } }), now: '1, 1, 2' },
    null,
    '2 different values',
    { schema: x({ distinct: { min: 2 } }), now: '1, 1, 2' }
  ],
  [
    'FEATURE_TYPE_HIGH_UNIQUE',
    { schema: x({ distinct: { max: 1 } }), now: '1, 1, 2', approximate: 0.5 },
    null,
    '2 different values, at most 1',
    { schema: x({ distinct: { max: 2 } }), now: '1, 1, 2', approximate: 2 }
  ],
  [
    'FEATURE_TYPE_DUPLICATE_VALUES',
    { schema: x({ unique: true }), now: '1, 1, 2, NULL, NULL' },
    1,
    '"1" (2 rows)',
    { schema: x({ unique: true }), now: '1, 2, NULL, NULL' }
  ],
  [
    'FEATURE_TYPE_DUPLICATE_VALUES',
    { schema: x({ unique: true }), now: '1, 1, 2', approximate: 1.5 },
    1,
    '"1"',
    { schema: x({ unique: true }), now: '1, 2, 3', approximate: 0.5 }
  ],
  [
    'COMPARATOR_POPULATION_STABILITY_INDEX_HIGH',
    { schema: x({ drift: { psi: { warn: 0.1 } } }), now: '1', before: '1', drift: drifted(measure('psi', 0.1)) },
    null,
    'psi 0.1, the threshold is 0.1 (n = 3 and 3; as in the books)',
    { schema: x({ drift: { psi: { warn: 0.1 } } }), now: '1', before: '1', drift: drifted(measure('psi', 0.09)) }
  ],
  [
    'COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH',
    {
      schema: { drift: { 'jensen-shannon': { fail: 0.2 } } },
      now: '1',
      before: '1',
      drift: drifted(measure('jensen-shannon', 0.3))
    },
    null,
    'jensen-shannon 0.3',
    { schema: x({ drift: {} }), now: '1', before: '1', drift: drifted(measure('jensen-shannon', 0.3)) }
  ],
  [
    'COMPARATOR_KOLMOGOROV_SMIRNOV_HIGH',
    {
      schema: x({ drift: { 'kolmogorov-smirnov': { warn: 0.2 } } }),
      now: '1',
      before: '1',
      drift: drifted(measure('kolmogorov-smirnov', 0.25, 0.9))
    },
    null,
    'kolmogorov-smirnov 0.25',
    {
      schema: x({ drift: { 'kolmogorov-smirnov': { warn: 0.3 } } }),
      now: '1',
      before: '1',
      drift: drifted(measure('kolmogorov-smirnov', 0.25, 0.001))
    }
  ],
  [
    'COMPARATOR_CHI_SQUARED_LOW_P_VALUE',
    {
      schema: x({ drift: { 'chi-squared': { warn: 0.05 } } }),
      now: '1',
      before: '1',
      drift: drifted(measure('chi-squared', 12, 0.01))
    },
    null,
    'chi-squared p-value 0.01',
    {
      schema: x({ drift: { 'chi-squared': { warn: 0.05 } } }),
      now: '1',
      before: '1',
      drift: drifted(measure('chi-squared', 12, 0.5))
    }
  ],
  [
    'COMPARATOR_CONTROL_DATA_MISSING',
    { schema: { drift: { psi: { fail: 0.1 } } }, now: '1', before: 'NULL::INTEGER' },
    null,
    'no values of "x"',
    { schema: { drift: { psi: { fail: 0.1 } } }, now: '1' }
  ]
];

describe('anomalies of a table', () => {
  it.each(cases.map(([code, bad, rows, words, good], index) => ({ index, code, bad, rows, words, good })))(
    '$index $code: found where it is, not where it is not',
    async ({ code, bad, rows, words, good }) => {
      const found = await anomaliesOf(bad);
      expect(found.map(anomaly => anomaly.code)).toEqual([code]);
      const [anomaly] = found;
      expect(anomaly!.rows).toBe(rows);
      expect(anomaly!.message).toContain(words);
      expect(anomaly!.message.endsWith('.')).toBe(true);
      expect(anomaly!.hint).not.toBe('');
      expect(await anomaliesOf(good)).toEqual([]);
    }
  );

  it('count the rows and show the most frequent values', async () => {
    const [anomaly] = await anomaliesOf({
      schema: x({ domain: ['a'] }),
      now: "SELECT x FROM (VALUES ('a', 5), ('b', 3), ('c', 9), ('d', 1), ('e', 2)) AS t(x, n), range(n)"
    });
    expect(anomaly).toMatchObject({
      rows: 15,
      examples: [
        { value: 'c', count: 9 },
        { value: 'b', count: 3 },
        { value: 'e', count: 2 }
      ]
    });
  });

  it('have the severity of the column, else of the table', async () => {
    const severities = async (schema: Case['schema']): Promise<readonly string[]> =>
      (await anomaliesOf({ schema, now: '1' })).map(({ severity }) => severity);
    expect(await severities(x({ min: 2 }))).toEqual(['warn']);
    expect(await severities({ ...x({ min: 2 }), severity: 'fail' })).toEqual(['fail']);
    expect(await severities({ ...x({ min: 2, severity: 'warn' }), severity: 'fail' })).toEqual(['warn']);
    expect(await severities({ ...x({ min: 2, severity: 'fail' }), rows: { min: 5 } })).toEqual(['warn', 'fail']);
    expect(await severities({ columns: [{ name: 'y' }], newColumns: 'fail' })).toEqual(['fail']);
    const both = { drift: { psi: { warn: 0.1, fail: 0.2 } } };
    const drift = drifted(measure('psi', 0.15));
    expect(await anomaliesOf({ schema: both, now: '1', before: '1', drift })).toMatchObject([{ severity: 'warn' }]);
    const more = drifted(measure('psi', 0.2));
    expect(await anomaliesOf({ schema: both, now: '1', before: '1', drift: more })).toMatchObject([
      { severity: 'fail' }
    ]);
  });

  it('check values of integers that pandas wrote as floats', async () => {
    const found = await anomaliesOf({ schema: x({ type: 'integer', min: 2 }), now: '1::DOUBLE, 2, NULL' });
    expect(found).toMatchObject([{ code: 'FLOAT_TYPE_SMALL_FLOAT', rows: 1 }]);
  });

  it('spell out text from the table, and cut it', async () => {
    const [anomaly] = await anomaliesOf({
      schema: x({ domain: ['a'] }),
      now: `'<img src=x>' || chr(27) || '[31m' || chr(8238) || repeat('long ', 1000)`
    });
    expect(anomaly!.message).toContain('"<img src=x>\\u001b[31m\\u202elong');
    expect(anomaly!.message.length).toBeLessThan(300);
  });

  it('take names of columns as they are', async () => {
    const name = `"; DROP TABLE now; --'?$1`;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const rules = { name, domain: ['a'], unique: true, length: { max: 1 } };
    const now = `SELECT unnest(['a', 'bb', 'bb']) AS ${quoted}`;
    const found = await anomaliesOf({ schema: { key: [name], columns: [rules] }, now });
    expect(found.map(({ code, rows }) => [code, rows])).toEqual([
      ['DATASET_DUPLICATE_KEYS', 1],
      ['ENUM_TYPE_UNEXPECTED_STRING_VALUES', 2],
      ['STRING_TYPE_LONG', 2],
      ['FEATURE_TYPE_DUPLICATE_VALUES', 1]
    ]);
  });

  it('are found in hundreds of columns at once', async () => {
    const columns = Array.from({ length: 210 }, (_, n) => ({ name: `c${n}`, domain: ['a', 'b'], unique: true }));
    const now = `SELECT ${columns.map(({ name }, n) => `unnest(['a', '${n % 2 ? 'b' : 'z'}']) AS ${name}`).join(', ')}`;
    const found = await anomaliesOf({ schema: { columns }, now });
    expect(found).toHaveLength(105);
    expect(found.every(({ rows }) => rows === 1)).toBe(true);
  }, 60_000);
});

describe('a schema that can refuse', () => {
  it('has something marked fail', () => {
    expect(canFail({ columns: [{ name: 'x', min: 1 }] })).toBe(false);
    expect(canFail({ columns: [], severity: 'fail' })).toBe(true);
    expect(canFail({ columns: [], newColumns: 'fail' })).toBe(true);
    expect(canFail({ columns: [{ name: 'x', severity: 'fail' }] })).toBe(true);
    expect(canFail({ columns: [{ name: 'x', drift: { psi: { fail: 1 } } }] })).toBe(true);
    expect(canFail({ columns: [], drift: { psi: { warn: 1 } } })).toBe(false);
  });
});
