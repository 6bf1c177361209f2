/** Schema files, `schemas/<path>.json`: what people expect of a table. Format: README.md, "Schema file". */
import { BranchbookError } from '../error';
import type { Bounds, ColumnRules, DriftThresholds, RowRules, TableSchema, ValueType } from '../model/table-schema';
import { DOMAIN_MAX_VALUES } from '../model/table-schema';
import { JsonError, parseJson } from './json-text';
import type { JsonMember, JsonNode, JsonObject } from './json-text';

export const SCHEMA_FOLDER = 'schemas';
export const SCHEMA_FORMAT = 'branchbook-schema/1';
/** 5,000 columns need about one. */
export const SCHEMA_MAX_BYTES = 8 * 1024 * 1024;

export const valueTypes: readonly ValueType[] = [
  'boolean',
  'integer',
  'float',
  'string',
  'date',
  'time',
  'timestamp',
  'list',
  'struct',
  'binary',
  'other'
];
const driftMeasures = ['psi', 'jensen-shannon', 'kolmogorov-smirnov', 'chi-squared'] as const;

export type SchemaFile = {
  readonly schema: TableSchema;
  /** The text as it stands, for changing parts of it. */
  readonly document: JsonObject;
  /** Properties that mean nothing here, as dotted paths. They are kept. */
  readonly unknown: readonly { readonly where: string; readonly line: number }[];
};

/** Project path of the schema of a table, a file or a folder. */
export function schemaPath(table: string): string {
  return `${SCHEMA_FOLDER}/${table}.json`;
}

/** The table that a schema file is about; null for other files. */
export function tableOfSchema(path: string): string | null {
  const found = path.startsWith(`${SCHEMA_FOLDER}/`) && path.endsWith('.json');
  return found ? path.slice(SCHEMA_FOLDER.length + 1, -'.json'.length) || null : null;
}

/** FORMAT_INVALID with the line and the place, FORMAT_TOO_NEW. `path`: of the file, for the message. */
export function parseSchema(text: string, path: string): SchemaFile {
  try {
    const reader = new SchemaReader();
    const document = parseJson(text.replace(/^\uFEFF/, ''));
    const schema = reader.table(document);
    return { schema, document: document as JsonObject, unknown: reader.unknown };
  } catch (error) {
    if (error instanceof TooNew) {
      throw tooNew(path, error);
    }
    throw error instanceof JsonError ? invalid(path, error) : error;
  }
}

class TooNew extends JsonError {}

function tooNew(path: string, { reason }: TooNew): BranchbookError {
  return new BranchbookError(
    'FORMAT_TOO_NEW',
    `${path} is of the format ${reason}, which this Branchbook does not know.`,
    { path, found: reason, supported: SCHEMA_FORMAT },
    'Update Branchbook.'
  );
}

function invalid(path: string, { line, reason }: JsonError): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `${path}, line ${line}: ${reason}.`,
    { format: SCHEMA_FORMAT, path, line, reason },
    'Correct that line; docs/schemas.md describes every property.'
  );
}

type Decode<T> = (node: JsonNode, where: string) => T;

class SchemaReader {
  readonly unknown: { where: string; line: number }[] = [];

  private readonly _bounds: Decode<Bounds> = this._object<Bounds>({ min: amount, max: amount }, ordered);
  private readonly _threshold = this._object<{ warn?: number; fail?: number }>({ warn: amount, fail: amount });
  private readonly _drift: Decode<DriftThresholds> = this._object<DriftThresholds>(
    Object.fromEntries(driftMeasures.map(name => [name, this._threshold]))
  );
  private readonly _column = this._object<Omit<ColumnRules, 'name'>>(
    {
      description: text,
      type: oneOf(valueTypes),
      required: flag,
      maxNullShare: share,
      minCount: amount,
      domain,
      min: limit,
      max: limit,
      length: this._bounds,
      unique: flag,
      distinct: this._bounds,
      finite: flag,
      drift: this._drift,
      severity: oneOf(['warn', 'fail'])
    },
    ordered
  );
  private readonly _table = this._object<TableSchema & { $schema: string; format: string }>({
    $schema: text,
    format,
    description: text,
    key,
    severity: oneOf(['warn', 'fail']),
    rows: this._object<RowRules>({ min: amount, max: amount, ratio: this._bounds }, ordered),
    newColumns: oneOf(['warn', 'fail', 'allow']),
    drift: this._drift,
    columns: (node, where) => this._columns(node, where)
  });

  table(node: JsonNode): TableSchema {
    const { $schema: _ignored, format: found, columns = [], ...schema } = this._table(node, '');
    if (found === undefined) {
      throw new JsonError(node.line, `the property "format" is missing; it must be "${SCHEMA_FORMAT}"`);
    }
    return { ...schema, columns };
  }

  private _columns(node: JsonNode, where: string): readonly ColumnRules[] {
    return membersOf(node, where).map(({ name, value }) => ({ name, ...this._column(value, `${where}.${name}`) }));
  }

  /** An object of known properties, none of which must be there. */
  private _object<T extends object>(
    decoders: { readonly [name in keyof T]?: Decode<T[name]> },
    verify?: (value: T, node: JsonNode, where: string) => void
  ): Decode<T> {
    const known = new Map(Object.entries(decoders)) as Map<string, Decode<unknown>>;
    return (node, where) => {
      const found: [string, unknown][] = [];
      for (const { name, line, value } of membersOf(node, where)) {
        const place = where === '' ? name : `${where}.${name}`;
        const decode = known.get(name);
        if (decode) {
          found.push([name, decode(value, place)]);
        } else {
          this.unknown.push({ where: place, line });
        }
      }
      const value = Object.fromEntries(found) as T;
      verify?.(value, node, where);
      return value;
    };
  }
}

function membersOf(node: JsonNode, where: string): readonly JsonMember[] {
  if (node.kind !== 'object') {
    throw wrong(node, where, 'an object');
  }
  return node.members;
}

function wrong(node: JsonNode, where: string, expected: string): JsonError {
  return new JsonError(node.line, `${where || 'the schema'} must be ${expected}`);
}

function text(node: JsonNode, where: string): string {
  if (node.kind !== 'string') {
    throw wrong(node, where, 'a text');
  }
  return node.value;
}

function flag(node: JsonNode, where: string): boolean {
  if (node.kind !== 'literal' || node.value === null) {
    throw wrong(node, where, 'true or false');
  }
  return node.value;
}

function numeric(node: JsonNode, where: string, expected = 'a number'): number {
  const value = node.kind === 'number' ? Number(node.text) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw wrong(node, where, expected);
  }
  return value;
}

function amount(node: JsonNode, where: string): number {
  const value = numeric(node, where, 'a number of at least 0');
  if (value < 0) {
    throw wrong(node, where, 'a number of at least 0');
  }
  return value;
}

function share(node: JsonNode, where: string): number {
  const value = numeric(node, where, 'a number from 0 to 1');
  if (value < 0 || value > 1) {
    throw wrong(node, where, 'a number from 0 to 1');
  }
  return value;
}

function limit(node: JsonNode, where: string): number | string {
  return node.kind === 'string' ? node.value : numeric(node, where, 'a number, or a date or time as text');
}

function oneOf<const T extends string>(words: readonly T[]): Decode<T> {
  return (node, where) => {
    const found = words.find(word => node.kind === 'string' && node.value === word);
    if (found === undefined) {
      throw wrong(node, where, `one of ${words.map(word => `"${word}"`).join(', ')}`);
    }
    return found;
  };
}

function key(node: JsonNode, where: string): readonly string[] {
  if (node.kind !== 'array' || node.items.length === 0 || node.items.some(item => item.kind !== 'string')) {
    throw wrong(node, where, 'a list of one or more names of columns');
  }
  const names = node.items.map(item => text(item, where));
  if (new Set(names).size < names.length) {
    throw wrong(node, where, 'a list of different names');
  }
  return names;
}

function domain(node: JsonNode, where: string): readonly (string | number | boolean)[] {
  const expected = `a list of at most ${DOMAIN_MAX_VALUES} texts, numbers or booleans`;
  if (node.kind !== 'array' || node.items.length > DOMAIN_MAX_VALUES) {
    throw wrong(node, where, expected);
  }
  return node.items.map(item => {
    if (item.kind === 'string' || (item.kind === 'literal' && item.value !== null)) {
      return item.value as string | boolean;
    }
    return numeric(item, where, expected);
  });
}

function format(node: JsonNode, where: string): string {
  const found = text(node, where);
  if (found !== SCHEMA_FORMAT) {
    throw /^branchbook-schema\/[0-9]+$/.test(found)
      ? new TooNew(node.line, JSON.stringify(found))
      : wrong(node, where, `"${SCHEMA_FORMAT}"`);
  }
  return found;
}

function ordered(
  { min, max }: { readonly min?: number | string; readonly max?: number | string },
  node: JsonNode,
  where: string
): void {
  if (min !== undefined && max !== undefined && typeof min === typeof max && min > max) {
    throw new JsonError(node.line, `${where}.min is greater than ${where}.max`);
  }
}
