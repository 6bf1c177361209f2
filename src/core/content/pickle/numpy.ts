/** NumPy's types, scalars and arrays as pickles have them. */
import { attributesOf, isCall, isList, isNode, pathOf } from './value';
import type { PickleArray, PickleValue } from './value';

export type ElementType = {
  /** `float64`, `int32`, `object`, `record`, … */
  readonly name: string;
  /** Bytes; NaN when unknown. */
  readonly size: number;
  readonly littleEndian: boolean;
  /** True when elements are Python objects, or hold some. */
  readonly objects: boolean;
};

const names: { readonly [code: string]: string } = { f: 'float', i: 'int', u: 'uint', c: 'complex', b: 'bool' };

/** null when the value is no `numpy.dtype`. */
function elementTypeOf(value: PickleValue | undefined): ElementType | null {
  if (!isCall(value) || pathOf(value.callable) !== 'numpy.dtype' || !isList(value.args)) {
    return null;
  }
  const text = value.args.items[0];
  const match = typeof text === 'string' ? /^[<>|=]?([a-zA-Z?])(\d*)$/.exec(text) : null;
  if (!match) {
    return null;
  }
  const code = match[1] === '?' ? 'b' : match[1]!;
  const state = isList(value.state) ? value.state.items : [];
  const [order, itemSize, flags] = [state[1], state[5], state[7]];
  const digits = match[2] === '' ? (code === 'b' ? 1 : NaN) : Number(match[2]);
  const sized = typeof itemSize === 'number' && itemSize >= 0 ? itemSize : code === 'U' ? digits * 4 : digits;
  const objects = code === 'O' || (typeof flags === 'number' && (flags & 1) === 1);
  return { name: nameOf(code, digits), size: sized, littleEndian: order !== '>', objects };
}

function nameOf(code: string, digits: number): string {
  if (code === 'b') {
    return 'bool';
  }
  const words: { readonly [code: string]: string } = { O: 'object', V: 'record', M: 'datetime64', m: 'timedelta64' };
  return names[code]
    ? `${names[code]}${digits * 8}`
    : (words[code] ?? (code === 'U' ? 'str' : code === 'S' ? 'bytes' : code));
}

/** The shape that a tuple of lengths says; null when it is none. */
export function shapeOf(value: PickleValue | undefined): readonly number[] | null {
  if (!isList(value) || value.length > 64) {
    return null;
  }
  const shape = value.items.filter(
    (length): length is number => typeof length === 'number' && Number.isSafeInteger(length) && length >= 0
  );
  return shape.length === value.length ? shape : null;
}

/** One element; a value of another type is null. */
function elementAt(bytes: Uint8Array, at: number, { name, size, littleEndian }: ElementType): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  switch (name) {
    case 'float64':
      return view.getFloat64(0, littleEndian);
    case 'float32':
      return view.getFloat32(0, littleEndian);
    case 'int64':
      return Number(view.getBigInt64(0, littleEndian));
    case 'uint64':
      return Number(view.getBigUint64(0, littleEndian));
    case 'int32':
      return view.getInt32(0, littleEndian);
    case 'uint32':
      return view.getUint32(0, littleEndian);
    case 'int16':
      return view.getInt16(0, littleEndian);
    case 'int8':
      return view.getInt8(0);
    case 'uint8':
      return view.getUint8(0);
    case 'bool':
      return view.getUint8(0) !== 0;
    case 'str':
    case 'bytes':
      return textAt(view, name === 'str');
    default:
      return null;
  }
}

/** UTF-32 or ASCII, padded with zeros. */
function textAt(view: DataView, wide: boolean): string {
  const points: number[] = [];
  for (let at = 0; at + (wide ? 4 : 1) <= view.byteLength; at += wide ? 4 : 1) {
    const point = wide ? view.getUint32(at, true) : view.getUint8(at);
    points.push(point > 0x10ffff ? 0xfffd : point);
  }
  return String.fromCodePoint(...points.slice(0, 1000)).replace(/\0+$/, '');
}

/** Elements of raw bytes; null when the type is not plain. */
export function decodeElements(bytes: Uint8Array, type: ElementType): readonly PickleValue[] | null {
  if (type.objects || !(type.size > 0) || type.name === 'record') {
    return null;
  }
  const values: PickleValue[] = [];
  for (let at = 0; at + type.size <= bytes.length; at += type.size) {
    values.push(elementAt(bytes, at, type));
  }
  return values;
}

/** The array that a value is, in any of the ways pickles have them; null when it is none. */
export function arrayOf(value: PickleValue | undefined): PickleArray | null {
  if (isNode(value) && value.kind === 'array') {
    return value;
  }
  if (!isCall(value)) {
    return null;
  }
  const path = pathOf(value.callable).replace('numpy._core', 'numpy.core');
  if (path === 'numpy.core.multiarray._reconstruct' && isList(value.state)) {
    const [, shape, type, , data] = value.state.items;
    return toArray(shape, type, data);
  }
  if (path === 'numpy.core.numeric._frombuffer' && isList(value.args)) {
    const [data, type, shape] = value.args.items;
    return toArray(shape, type, data);
  }
  return null;
}

function toArray(shape: PickleValue | undefined, type: PickleValue | undefined, data: PickleValue | undefined) {
  const [lengths, element] = [shapeOf(shape), elementTypeOf(type)];
  if (!lengths || !element) {
    return null;
  }
  const values = isList(data) ? data.items : isNode(data) && data.kind === 'bytes' && data.bytes;
  return {
    kind: 'array' as const,
    type: element.name,
    shape: lengths,
    values: values instanceof Uint8Array ? decodeElements(values, element) : values || null
  };
}

/** A NumPy scalar as a plain value; undefined when the value is none. */
export function scalarOf(value: PickleValue | undefined): PickleValue | undefined {
  if (!isCall(value) || !/^numpy\._?core\.multiarray\.scalar$/.test(pathOf(value.callable)) || !isList(value.args)) {
    return undefined;
  }
  const [type, data] = value.args.items;
  const element = elementTypeOf(type);
  if (!element || !isNode(data) || data.kind !== 'bytes' || !data.bytes) {
    return undefined;
  }
  return decodeElements(data.bytes, element)?.[0];
}

/** joblib's stand-in for an array whose bytes follow in the file; null when the value is something else. */
export function joblibArrayOf(
  value: PickleValue | undefined
): { readonly type: ElementType; readonly shape: readonly number[]; readonly aligned: boolean } | null {
  if (!isCall(value) || pathOf(value.callable) !== 'joblib.numpy_pickle.NumpyArrayWrapper') {
    return null;
  }
  const attributes = attributesOf(value);
  const type = elementTypeOf(attributes.get('dtype'));
  const shape = shapeOf(attributes.get('shape'));
  const aligned = typeof attributes.get('numpy_array_alignment_bytes') === 'number';
  return type && shape ? { type, shape, aligned } : null;
}
