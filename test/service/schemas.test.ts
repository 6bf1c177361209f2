/** The schemas are written by hand; here they are held against the types they mirror. */
import { resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { argsSchemas, verbs } from '../../src/service/schemas';

/** What both a type and a schema say, in one notation: `?` after the name of a property that may be missing. */
type Shape = string | readonly Shape[] | { readonly [name: string]: Shape };
type Schema = { readonly [keyword: string]: unknown };

const file = resolve(__dirname, '../../src/core/model/result.ts');
const byText = (a: Shape, b: Shape): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
let checker: ts.TypeChecker;
let table: ts.Type;
let source: ts.SourceFile;

beforeAll(() => {
  const program = ts.createProgram([file], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, types: [] });
  checker = program.getTypeChecker();
  source = program.getSourceFile(file)!;
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!);
  table = checker.getDeclaredTypeOfSymbol(exported.find(symbol => symbol.name === 'Verbs')!);
});

function property(type: ts.Type, name: string): ts.Type {
  return checker.getTypeOfSymbolAtLocation(type.getProperty(name)!, source);
}

function ofType(type: ts.Type): Shape {
  if (type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Null)) {
    return checker.typeToString(type);
  }
  if (type.flags & ts.TypeFlags.BooleanLike) {
    return 'boolean';
  }
  if (type.isUnion()) {
    // `boolean` is a union of its two values, and what may be missing one with `undefined`.
    const there = type.types.filter(one => !(one.flags & ts.TypeFlags.Undefined));
    const shapes = [...new Set(there.map(ofType))].sort(byText);
    return shapes.length === 1 ? shapes[0]! : shapes;
  }
  if (type.isStringLiteral()) {
    return `"${type.value}"`;
  }
  if (type.flags & (ts.TypeFlags.String | ts.TypeFlags.Number)) {
    return checker.typeToString(type);
  }
  if (checker.isArrayType(type)) {
    return { '[]': ofType(checker.getTypeArguments(type as ts.TypeReference)[0]!) };
  }
  const values = type.getStringIndexType();
  if (values && !(values.flags & ts.TypeFlags.Never)) {
    return { '*': ofType(values) };
  }
  return Object.fromEntries(
    type.getProperties().map(symbol => {
      const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      const value = checker.getTypeOfSymbolAtLocation(symbol, source);
      return [`${symbol.name}${optional ? '?' : ''}`, ofType(value)];
    })
  );
}

function ofSchema(schema: Schema): Shape {
  const { oneOf, anyOf, enum: values, const: only, type, items, properties, additionalProperties, required } = schema;
  const either = oneOf ?? anyOf;
  if (either) {
    return (either as readonly Schema[]).map(ofSchema).sort(byText);
  }
  if (values) {
    return (values as readonly string[]).map(value => `"${value}"`).sort(byText);
  }
  if (only) {
    return `"${only as string}"`;
  }
  if (Array.isArray(type)) {
    return [...(type as readonly string[])].sort(byText);
  }
  if (type === 'array') {
    return { '[]': ofSchema(items as Schema) };
  }
  if (type !== 'object') {
    return type === 'integer' ? 'number' : ((type ?? 'unknown') as string);
  }
  if (!properties) {
    return { '*': ofSchema(additionalProperties as Schema) };
  }
  expect(additionalProperties).toBe(false);
  return Object.fromEntries(
    Object.entries(properties as Readonly<Record<string, Schema>>).map(([name, value]) => [
      `${name}${(required as readonly string[]).includes(name) ? '' : '?'}`,
      ofSchema(value)
    ])
  );
}

describe('the schemas of arguments', () => {
  it('are there for every verb', () => {
    expect([...verbs].sort()).toEqual(
      table
        .getProperties()
        .map(symbol => symbol.name)
        .sort()
    );
  });

  it.each(verbs)('say of %s what its type says', verb => {
    expect(ofSchema(argsSchemas[verb])).toEqual(ofType(property(property(table, verb), 'args')));
  });
});
