/** Writing schema files: a new one, or what an existing one lacks, so that every line people wrote stays. */
import type { ColumnRules, SchemaChange, SchemaDifference, TableSchema } from '../model/table-schema';
import { memberOf, printJson, toJson } from './json-text';
import type { JsonMember, JsonObject } from './json-text';
import { SCHEMA_FORMAT } from './schema-file';
import type { SchemaFile } from './schema-file';

/** The text of a new file. */
export function writeSchema(schema: TableSchema): string {
  const { columns, ...table } = schema;
  const head = toJson({ format: SCHEMA_FORMAT, ...table }) as JsonObject;
  const members = [...head.members, member('columns', { kind: 'object', line: 0, members: columns.map(toMember) })];
  return `${printJson({ ...head, members })}\n`;
}

function member(name: string, value: JsonMember['value']): JsonMember {
  return { name, line: 0, value };
}

function toMember({ name, ...rules }: ColumnRules): JsonMember {
  return member(name, toJson(rules));
}

/** The file's text with the columns it lacks, below its own. */
export function addColumns({ document }: SchemaFile, columns: readonly ColumnRules[]): string {
  const there = memberOf(document, 'columns');
  const known = there?.value.kind === 'object' ? there.value.members : [];
  const all = member('columns', { kind: 'object', line: 0, members: [...known, ...columns.map(toMember)] });
  const members = there ? document.members.map(each => (each === there ? all : each)) : [...document.members, all];
  return `${printJson({ ...document, members })}\n`;
}

export function newColumns({ schema }: SchemaFile, inferred: TableSchema): readonly ColumnRules[] {
  const known = new Set(schema.columns.map(({ name }) => name));
  return inferred.columns.filter(({ name }) => !known.has(name));
}

/** Everything that a list of columns says, as a list of places. */
export function describeColumns(columns: readonly ColumnRules[]): readonly SchemaChange[] {
  return columns.flatMap(({ name, ...rules }) =>
    Object.entries(rules).map(([rule, value]) => ({ where: `columns.${name}.${rule}`, to: words(value) }))
  );
}

/** Where the file and the data disagree. A rule that only one of them has is no disagreement. */
export function findDifferences({ schema }: SchemaFile, inferred: TableSchema): readonly SchemaDifference[] {
  const fresh = new Map(inferred.columns.map(rules => [rules.name, rules]));
  return schema.columns.flatMap(rules => {
    const data = fresh.get(rules.name);
    return data
      ? differences(rules, data)
      : [{ where: `columns.${rules.name}`, file: 'there', data: 'no such column' }];
  });
}

function differences(rules: ColumnRules, data: ColumnRules): readonly SchemaDifference[] {
  const found: SchemaDifference[] = [];
  const add = (rule: keyof ColumnRules, file: unknown, now: unknown): void =>
    void found.push({ where: `columns.${rules.name}.${rule}`, file: words(file), data: words(now) });
  if (rules.type !== undefined && data.type !== undefined && rules.type !== data.type) {
    add('type', rules.type, data.type);
  }
  const { maxNullShare = 1 } = data;
  if (rules.maxNullShare !== undefined && rules.maxNullShare < maxNullShare) {
    add('maxNullShare', rules.maxNullShare, maxNullShare);
  }
  const others = (data.domain ?? []).filter(value => !rules.domain?.some(known => String(known) === String(value)));
  if (rules.domain && others.length > 0) {
    found.push({
      where: `columns.${rules.name}.domain`,
      file: `${rules.domain.length} values`,
      data: words(others.slice(0, 5))
    });
  }
  return found;
}

function words(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
