import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { JsonError, parseJson, printJson, toJson } from '../../../src/core/format/json-text';
import { parseSchema, schemaPath, tableOfSchema } from '../../../src/core/format/schema-file';

const FILE = 'schemas/data/sales.csv.json';

function failure(text: string): BranchbookError {
  try {
    parseSchema(text, FILE);
  } catch (error) {
    expect(error).toBeInstanceOf(BranchbookError);
    return error as BranchbookError;
  }
  throw new Error(`${text} was taken`);
}

const withColumn = (rules: string): string =>
  `{\n  "format": "branchbook-schema/1",\n  "columns": {\n    "price": {\n      ${rules}\n    }\n  }\n}\n`;

describe('JSON that people edit', () => {
  it('is the JSON of the language, for every value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const node = parseJson(text);
        expect(JSON.parse(printJson(node))).toEqual(JSON.parse(text));
        expect(JSON.parse(printJson(toJson(value)))).toEqual(JSON.parse(text));
        expect(printJson(parseJson(printJson(node)))).toBe(printJson(node));
      })
    );
  });

  it('accepts exactly what the language accepts, doubled names and deep nesting apart', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '1e5',
      '01',
      'null',
      ' ',
      '\n',
      '"',
      '\\'
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), parts => {
        const text = parts.join('');
        let reason: string | null = null;
        try {
          parseJson(text);
        } catch (error) {
          reason = (error as JsonError).reason;
        }
        if (!reason?.includes('twice')) {
          const valid = (() => {
            try {
              JSON.parse(text);
              return true;
            } catch {
              return false;
            }
          })();
          expect(reason === null, text).toBe(valid);
        }
      }),
      { numRuns: 2000 }
    );
  });

  it('keeps order, spelling and names that are special elsewhere', () => {
    const text = '{\n  "2": 1.50,\n  "1": 12345678901234567890,\n  "__proto__": {\n    "constructor": []\n  }\n}';
    expect(printJson(parseJson(text))).toBe(text);
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object);
  });

  it('refuses what is too deep instead of running out of stack', () => {
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(JsonError);
    expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow(/deep/);
    expect(parseJson(`"${'x'.repeat(4_000_000)}"`)).toMatchObject({ kind: 'string' });
  });
});

describe('a schema file', () => {
  it('has a path beside the others', () => {
    expect(schemaPath('data/sales.csv')).toBe(FILE);
    expect(tableOfSchema(FILE)).toBe('data/sales.csv');
    expect(['schemas/.json', 'schemas/a.yaml', 'a/schemas/b.json'].map(tableOfSchema)).toEqual([null, null, null]);
  });

  it('is read with all it says, in the order of the file', () => {
    const { schema, unknown } = parseSchema(
      JSON.stringify({
        $schema: 'https://example.org/schema.json',
        format: 'branchbook-schema/1',
        key: ['id'],
        severity: 'fail',
        rows: { min: 1, ratio: { min: 0.5, max: 2 } },
        newColumns: 'allow',
        drift: { psi: { warn: 0.1, fail: 0.2 } },
        columns: {
          price: { type: 'float', required: true, maxNullShare: 0.5, min: 0, max: 1e6, finite: true, severity: 'warn' },
          kind: { domain: ['a', 1, true], length: { max: 3 }, distinct: { min: 2 }, unique: false, minCount: 4 }
        }
      }),
      FILE
    );
    expect(unknown).toEqual([]);
    expect(schema).toEqual({
      key: ['id'],
      severity: 'fail',
      rows: { min: 1, ratio: { min: 0.5, max: 2 } },
      newColumns: 'allow',
      drift: { psi: { warn: 0.1, fail: 0.2 } },
      columns: [
        {
          name: 'price',
          type: 'float',
          required: true,
          maxNullShare: 0.5,
          min: 0,
          max: 1e6,
          finite: true,
          severity: 'warn'
        },
        { name: 'kind', domain: ['a', 1, true], length: { max: 3 }, distinct: { min: 2 }, unique: false, minCount: 4 }
      ]
    });
  });

  it('takes columns of any name', () => {
    const names = ['__proto__', 'constructor', 'toString', '1', '0', '', 'a.b', '<b>'];
    const columns = names.map(name => `${JSON.stringify(name)}: {"type": "integer"}`).join(',');
    const { schema } = parseSchema(`{"format": "branchbook-schema/1", "columns": {${columns}}}`, FILE);
    expect(schema.columns).toEqual(names.map(name => ({ name, type: 'integer' })));
  });

  it('keeps and reports what it does not know', () => {
    const { unknown, document } = parseSchema(withColumn('"colour": "red",\n      "__proto__": {"min": 1}'), FILE);
    expect(unknown).toEqual([
      { where: 'columns.price.colour', line: 5 },
      { where: 'columns.price.__proto__', line: 6 }
    ]);
    expect(printJson(document)).toContain('"colour": "red"');
  });

  it.each([
    ['', 1, 'the text ends too early'],
    ['[]', 1, 'the schema must be an object'],
    ['{"columns": {}}', 1, '"format" is missing'],
    ['{\n"format": "branchbook-schema/1",\n"columns": []}', 3, 'columns must be an object'],
    [withColumn('"min": true'), 5, 'columns.price.min must be a number, or'],
    [withColumn('"type": "int"'), 5, 'columns.price.type must be one of'],
    [withColumn('"maxNullShare": 1.5'), 5, 'from 0 to 1'],
    [withColumn('"maxNullShare": "0"'), 5, 'from 0 to 1'],
    [withColumn('"required": 1'), 5, 'must be true or false'],
    [withColumn('"min": 2,\n"max": 1'), 4, 'columns.price.min is greater than columns.price.max'],
    [withColumn('"domain": ["a", null]'), 5, 'columns.price.domain must be a list'],
    [withColumn(`"domain": [${Array.from({ length: 101 }, (_, n) => n).join(',')}]`), 5, 'at most 100'],
    [withColumn('"drift": {"psi": 0.1}'), 5, 'columns.price.drift.psi must be an object'],
    [withColumn('"type": "float",\n"type": "float"'), 6, 'stands there twice'],
    [withColumn('"min": 1e999'), 5, 'must be a number'],
    [withColumn('"min": -1,'), 6, 'where a text in double quotes is expected'],
    ['{"format": "branchbook-schema/1", "key": []}', 1, 'key must be a list of one or more'],
    ['{"format": "branchbook-schema/1", "key": ["a", "a"]}', 1, 'key must be a list of different'],
    ['{"format": "something"}', 1, 'format must be "branchbook-schema/1"']
  ])('says on which line %s is wrong', (text, line, reason) => {
    const error = failure(text);
    expect(error).toMatchObject({ code: 'FORMAT_INVALID', data: { path: FILE, line } });
    expect(error.message).toContain(reason);
    expect(error.hint).not.toBe('');
  });

  it('is refused when a newer version wrote it', () => {
    expect(failure('{"format": "branchbook-schema/2"}').code).toBe('FORMAT_TOO_NEW');
  });
});
