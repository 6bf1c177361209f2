/** Universal Binary JSON (ubjson.org, draft 12), as XGBoost writes it. Long typed arrays are passed over. */
import { decodeText, malformed, sourceCursor } from '../cursor';
import type { Cursor } from '../cursor';
import type { IByteSource } from '../byte-source';

const FORMAT = 'UBJSON document';
const MAX_DEPTH = 64;
const MAX_VALUES = 5_000_000;
const MAX_TEXT_BYTES = 64 * 1024;
/** Items of lists that are kept; the others are read and forgotten. */
const MAX_ITEMS = 10_000;

const sizes: { readonly [type: string]: number } = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8, C: 1 };

type State = { readonly cursor: Cursor; values: number };

/** Records, lists, text, numbers, booleans and null. FORMAT_INVALID. */
export async function readUbjson(source: IByteSource): Promise<unknown> {
  const state = { cursor: sourceCursor(source, FORMAT), values: 0 };
  return readValue(state, await marker(state), 0);
}

async function marker({ cursor }: State): Promise<string> {
  await cursor.need(1);
  return String.fromCharCode(cursor.u8());
}

async function readValue(state: State, type: string, depth: number): Promise<unknown> {
  if (++state.values > MAX_VALUES || depth > MAX_DEPTH) {
    throw malformed(FORMAT, 'it is too complicated');
  }
  switch (type) {
    case 'Z':
    case 'N':
      return null;
    case 'T':
    case 'F':
      return type === 'T';
    case 'S':
    case 'H':
      return readText(state);
    case '{':
      return readObject(state, depth);
    case '[':
      return readArray(state, depth);
    default:
      return readNumber(state, type);
  }
}

async function readNumber({ cursor }: State, type: string): Promise<number | string> {
  const size = sizes[type];
  if (size === undefined) {
    throw malformed(FORMAT, 'a value has no known type');
  }
  await cursor.need(size);
  const bytes = cursor.take(size);
  const view = new DataView(bytes.buffer);
  switch (type) {
    case 'i':
      return view.getInt8(0);
    case 'U':
      return view.getUint8(0);
    case 'I':
      return view.getInt16(0);
    case 'l':
      return view.getInt32(0);
    case 'L':
      return Number(view.getBigInt64(0));
    case 'd':
      return view.getFloat32(0);
    case 'D':
      return view.getFloat64(0);
    default:
      return decodeText(bytes);
  }
}

async function readLength(state: State): Promise<number> {
  const type = await marker(state);
  const length = 'iUIlL'.includes(type) ? await readNumber(state, type) : -1;
  if (typeof length !== 'number' || length < 0) {
    throw malformed(FORMAT, 'a length is none');
  }
  return length;
}

async function readText(state: State): Promise<string> {
  const length = await readLength(state);
  const taken = Math.min(length, MAX_TEXT_BYTES);
  await state.cursor.need(taken);
  const text = decodeText(state.cursor.take(taken));
  await state.cursor.skip(length - taken);
  return text;
}

/** What may stand after the opening bracket: `$` and the type of all items, `#` and their number. */
async function readHead(state: State): Promise<{ type: string | null; count: number | null; next: string }> {
  let [type, count]: [string | null, number | null] = [null, null];
  let next = await marker(state);
  if (next === '$') {
    type = await marker(state);
    next = await marker(state);
    if (next !== '#') {
      throw malformed(FORMAT, 'a typed list has no length');
    }
  }
  if (next === '#') {
    count = await readLength(state);
    next = '';
  }
  return { type, count, next };
}

async function readArray(state: State, depth: number): Promise<readonly unknown[]> {
  const { type, count, next } = await readHead(state);
  const size = type === null ? undefined : sizes[type];
  if (size !== undefined && count! > MAX_ITEMS) {
    await state.cursor.skip(size * count!);
    return [];
  }
  const items: unknown[] = [];
  const keep = (value: unknown): unknown => items.length < MAX_ITEMS && items.push(value);
  if (count !== null) {
    for (let index = 0; index < count; index++) {
      keep(await readValue(state, type ?? (await marker(state)), depth + 1));
    }
    return items;
  }
  for (let at = next; at !== ']'; at = await marker(state)) {
    keep(await readValue(state, at, depth + 1));
  }
  return items;
}

async function readObject(state: State, depth: number): Promise<{ readonly [name: string]: unknown }> {
  const { type, count, next } = await readHead(state);
  const entries: [string, unknown][] = [];
  const { cursor } = state;
  for (let index = 0, at = next; count === null ? at !== '}' : index < count; index++) {
    const length = count === null ? await readNumber(state, at) : await readLength(state);
    if (typeof length !== 'number' || length < 0 || length > MAX_TEXT_BYTES) {
      throw malformed(FORMAT, 'a name is too long');
    }
    await cursor.need(length);
    const name = decodeText(cursor.take(length));
    const value = await readValue(state, type ?? (await marker(state)), depth + 1);
    if (entries.length < MAX_ITEMS) {
      entries.push([name, value]);
    }
    if (count === null) {
      at = await marker(state);
    }
  }
  return Object.fromEntries(entries);
}
