/** What is written about schema files is held against what the program does. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { hasCode } from '../../../src/core/error';
import { parseSchema } from '../../../src/core/format/schema-file';

const read = (path: string): string => readFileSync(resolve(__dirname, '../../..', path), 'utf8');
const docs = read('docs/schemas.md');
type Node = { readonly properties: Readonly<Record<string, object>>; readonly $defs: Readonly<Record<string, Node>> };
const jsonSchema = JSON.parse(read('docs/branchbook-schema-1.json')) as Node;

/** Does the reader know the property? A wrong value is refused, an unknown property kept. */
function isKnown(text: string): boolean {
  try {
    return parseSchema(text, 'x').unknown.length === 0;
  } catch (error) {
    return hasCode(error, 'FORMAT_INVALID');
  }
}

const ofTable = (name: string): string => `{"format": "branchbook-schema/1", ${JSON.stringify(name)}: null}`;
const ofColumn = (name: string): string =>
  `{"format": "branchbook-schema/1", "columns": {"x": {${JSON.stringify(name)}: null}}}`;

it('the JSON Schema has the properties that the reader knows, and the page describes them', () => {
  const table = Object.keys(jsonSchema.properties);
  const column = Object.keys(jsonSchema.$defs['column']!.properties);
  expect(table.filter(name => !isKnown(name === 'format' ? '{"format": null}' : ofTable(name)))).toEqual([]);
  expect(column.filter(name => !isKnown(ofColumn(name)))).toEqual([]);
  expect(isKnown(ofTable('colour')) || isKnown(ofColumn('colour'))).toBe(false);
  for (const name of [...table, ...column, ...Object.keys(jsonSchema.$defs['drift']!.properties)]) {
    expect(docs).toContain(name.startsWith('$') ? name : `\`${name}\``);
  }
  const source = read('src/core/model/table-schema.ts');
  const [, rules] = /export type ColumnRules = \{(.*?)\n\};/s.exec(source)!;
  const known = [...rules!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(match => match[1]!);
  expect(known.filter(name => name !== 'name').sort()).toEqual([...column].sort());
});

it('the example of the page is a schema without unknown properties', () => {
  const [, example] = /```json\n(.*?)```/s.exec(docs)!;
  expect(parseSchema(example!, 'x')).toMatchObject({ unknown: [], schema: { key: ['order'] } });
});

it('the page lists every anomaly, and no other', () => {
  const source = read('src/core/model/table-schema.ts');
  const [, type] = /export type AnomalyCode =(.*?);/s.exec(source)!;
  const codes = [...type!.matchAll(/'([A-Z_]+)'/g)].map(match => match[1]!);
  expect(codes.length).toBeGreaterThan(30);
  const [, section] = docs.split('## Anomalies');
  const listed = [...section!.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(match => match[1]!);
  expect([...new Set(listed)].sort()).toEqual([...codes].sort());
});
