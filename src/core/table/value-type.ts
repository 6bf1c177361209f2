import type { ColumnKind } from '../model/table';
import type { ValueType } from '../model/table-schema';

const INTEGER = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|BIGNUM|VARINT|DECIMAL\([0-9]+,0\))$/;
const FLOAT = /^(FLOAT|REAL|DOUBLE|DECIMAL(\(.*\))?)$/;
const kinds: { readonly [kind in ColumnKind]?: ValueType } = {
  boolean: 'boolean',
  string: 'string',
  list: 'list',
  struct: 'struct',
  binary: 'binary'
};

/** What a column of a DuckDB type holds. */
export function valueTypeOf({ type, kind }: { readonly type: string; readonly kind: ColumnKind }): ValueType {
  if (INTEGER.test(type)) {
    return 'integer';
  }
  if (FLOAT.test(type)) {
    return 'float';
  }
  if (/^TIMESTAMP/.test(type)) {
    return 'timestamp';
  }
  if (type === 'DATE') {
    return 'date';
  }
  return /^TIME( |$)/.test(type) ? 'time' : (kinds[kind] ?? 'other');
}

export function isNumeric(type: ValueType): boolean {
  return type === 'integer' || type === 'float';
}

export function isTemporal(type: ValueType): boolean {
  return type === 'date' || type === 'time' || type === 'timestamp';
}

export function isNested(type: ValueType): boolean {
  return type === 'list' || type === 'struct';
}
