/** The opcodes of pickle protocols 0 to 5 (CPython, Lib/pickletools.py). Nothing is imported, called or built. */
import { decodeText, malformed } from '../cursor';
import type { Cursor } from '../cursor';
import { append, call, dict, FORMAT, list, MAX_KEPT_BYTES, setItems, takeBytes } from './machine';
import type { Machine } from './machine';
import { isCall } from './value';
import type { PickleValue } from './value';

/** `size`: bytes of fixed length after the opcode, which are there when `run` begins. */
export type Opcode = {
  readonly size: number;
  readonly run: (machine: Machine, cursor: Cursor) => void | Promise<void>;
};

/** Text that Python would not take for a value either is given as it stands. */
function unquote(text: string): string {
  return /^'.*'$|^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** Protocol 0 writes what is beyond Latin-1 as escapes. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, byte => String.fromCharCode(byte)).join('');
}

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_, short?: string, long?: string) => {
    const point = parseInt(short ?? long!, 16);
    return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
  });
}

/** Little-endian two's complement; numbers beyond 2^53 are text. */
function longOf(bytes: Uint8Array): PickleValue {
  if (bytes.length > 128) {
    return null;
  }
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) {
    value = (value << 8n) | BigInt(bytes[at]!);
  }
  return numberOf(BigInt.asIntN(Math.max(1, bytes.length) * 8, value));
}

function numberOf(value: bigint): PickleValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function decimal(text: string): PickleValue {
  const digits = text.trim().replace(/L$/, '');
  return /^-?\d{1,400}$/.test(digits) ? numberOf(BigInt(digits)) : null;
}

const pushes = (value: PickleValue): Opcode => ({ size: 0, run: machine => machine.push(value) });
const makes = (value: () => PickleValue): Opcode => ({ size: 0, run: machine => machine.push(value()) });
const line = (run: (machine: Machine, text: string) => void): Opcode => ({
  size: 0,
  run: async (machine, cursor) => run(machine, latin1(await cursor.line(MAX_KEPT_BYTES)))
});
const nothing = (size: number): Opcode => ({ size, run: (_, cursor) => void cursor.take(size) });

async function text(machine: Machine, cursor: Cursor, length: number): Promise<void> {
  const { bytes } = await takeBytes(machine, cursor, length);
  machine.push(bytes ? decodeText(bytes) : '…');
}

async function bytes(machine: Machine, cursor: Cursor, length: number): Promise<void> {
  machine.push(await takeBytes(machine, cursor, length));
}

async function long(machine: Machine, cursor: Cursor, length: number): Promise<void> {
  const taken = await takeBytes(machine, cursor, length);
  machine.push(taken.bytes ? longOf(taken.bytes) : null);
}

function tuple(count: number): Opcode {
  return {
    size: 0,
    run: machine => {
      const items = Array.from({ length: count }, () => machine.pop()).reverse();
      machine.push(list('tuple', items));
    }
  };
}

function reduce(machine: Machine): void {
  const args = machine.pop();
  machine.push(call(machine.pop(), args));
}

function build(machine: Machine): void {
  const state = machine.pop();
  const target = machine.top();
  if (isCall(target)) {
    target.state = state;
  }
}

function stackGlobal(machine: Machine): void {
  const name = machine.pop();
  pushGlobal(machine, machine.pop(), name);
}

function pushGlobal(machine: Machine, module: PickleValue, name: PickleValue): void {
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw malformed(FORMAT, 'a class has no name');
  }
  machine.push({ kind: 'global', module, name });
}

/** OBJ and INST: the class and its arguments stand on a mark. */
function instance(machine: Machine, callable: PickleValue, args: PickleValue[]): void {
  machine.push(call(callable, list('tuple', args)));
}

function object(machine: Machine): void {
  const [callable = null, ...args] = machine.popMark();
  instance(machine, callable, args);
}

async function global(machine: Machine, cursor: Cursor): Promise<void> {
  const module = decodeText(await cursor.line(MAX_KEPT_BYTES));
  pushGlobal(machine, module, decodeText(await cursor.line(MAX_KEPT_BYTES)));
}

async function oldInstance(machine: Machine, cursor: Cursor): Promise<void> {
  const args = machine.popMark();
  await global(machine, cursor);
  instance(machine, machine.pop(), args);
}

function newWithKeywords(machine: Machine): void {
  machine.pop();
  reduce(machine);
}

function freeze(machine: Machine): void {
  machine.push(list('set', machine.popMark()));
}

function stop(machine: Machine): void {
  machine.result = machine.pop();
  machine.stopped = true;
}

const appends = (machine: Machine): void => {
  const items = machine.popMark();
  append(machine.top(), items);
};
const setAll = (machine: Machine): void => {
  const items = machine.popMark();
  setItems(machine.top(), items);
};
const setOne = (machine: Machine): void => {
  const value = machine.pop();
  const key = machine.pop();
  setItems(machine.top(), [key, value]);
};
const appendOne = (machine: Machine): void => {
  const item = machine.pop();
  append(machine.top(), [item]);
};
const persistent = (machine: Machine, id: PickleValue): void => machine.push({ kind: 'persistent', id });
const simple = (run: (machine: Machine) => void): Opcode => ({ size: 0, run });
const sized = (size: number, run: Opcode['run']): Opcode => ({ size, run });
const index = (line: string): number => {
  const value = Number(line);
  if (!Number.isSafeInteger(value)) {
    throw malformed(FORMAT, 'it refers to what is not there');
  }
  return value;
};
const floatOf = (line: string): number => Number(line.replace('inf', 'Infinity'));
const boolOrInt = (line: string): PickleValue => (line === '00' ? false : line === '01' ? true : decimal(line));

const textual: { readonly [code: string]: Opcode } = {
  I: line((m, at) => m.push(boolOrInt(at))),
  L: line((m, at) => m.push(decimal(at))),
  F: line((m, at) => m.push(floatOf(at))),
  S: line((m, at) => m.push(unquote(at))),
  V: line((m, at) => m.push(unescape(at))),
  P: line((m, at) => persistent(m, at)),
  p: line((m, at) => m.memoize(index(at))),
  g: line((m, at) => m.recall(index(at))),
  c: sized(0, global),
  i: sized(0, oldInstance)
};

const structural: { readonly [code: string]: Opcode } = {
  '(': simple(m => m.mark()),
  '.': simple(stop),
  '0': simple(m => m.drop()),
  '1': simple(m => m.popMark()),
  '2': simple(m => m.push(m.top())),
  N: pushes(null),
  '\x88': pushes(true),
  '\x89': pushes(false),
  ')': makes(() => list('tuple')),
  t: simple(m => m.push(list('tuple', m.popMark()))),
  '\x85': tuple(1),
  '\x86': tuple(2),
  '\x87': tuple(3),
  ']': makes(() => list('list')),
  l: simple(m => m.push(list('list', m.popMark()))),
  a: simple(appendOne),
  e: simple(appends),
  '}': makes(() => dict()),
  d: simple(m => m.push(dict(m.popMark()))),
  s: simple(setOne),
  u: simple(setAll),
  '\x8f': makes(() => list('set')),
  '\x90': simple(appends),
  '\x91': simple(freeze),
  R: simple(reduce),
  '\x81': simple(reduce),
  '\x92': simple(newWithKeywords),
  o: simple(object),
  b: simple(build),
  Q: simple(m => persistent(m, m.pop())),
  '\x93': simple(stackGlobal),
  '\x94': simple(m => m.memoize()),
  '\x97': makes(() => ({ kind: 'bytes', length: 0, bytes: null })),
  '\x98': nothing(0)
};

const binary: { readonly [code: string]: Opcode } = {
  J: sized(4, (m, c) => m.push(c.i32())),
  K: sized(1, (m, c) => m.push(c.u8())),
  M: sized(2, (m, c) => m.push(c.u16())),
  G: sized(8, (m, c) => m.push(c.f64BigEndian())),
  '\x8a': sized(1, (m, c) => long(m, c, c.u8())),
  '\x8b': sized(4, (m, c) => long(m, c, c.u32())),
  U: sized(1, (m, c) => text(m, c, c.u8())),
  T: sized(4, (m, c) => text(m, c, c.u32())),
  X: sized(4, (m, c) => text(m, c, c.u32())),
  '\x8c': sized(1, (m, c) => text(m, c, c.u8())),
  '\x8d': sized(8, (m, c) => text(m, c, c.u64())),
  C: sized(1, (m, c) => bytes(m, c, c.u8())),
  B: sized(4, (m, c) => bytes(m, c, c.u32())),
  '\x8e': sized(8, (m, c) => bytes(m, c, c.u64())),
  '\x96': sized(8, (m, c) => bytes(m, c, c.u64())),
  h: sized(1, (m, c) => m.recall(c.u8())),
  j: sized(4, (m, c) => m.recall(c.u32())),
  q: sized(1, (m, c) => m.memoize(c.u8())),
  r: sized(4, (m, c) => m.memoize(c.u32())),
  '\x80': nothing(1),
  '\x95': nothing(8),
  '\x82': sized(1, (m, c) => extension(m, c.u8())),
  '\x83': sized(2, (m, c) => extension(m, c.u16())),
  '\x84': sized(4, (m, c) => extension(m, c.u32()))
};

/** A class by a number that only the program that wrote it knows. */
function extension(machine: Machine, code: number): void {
  machine.push({ kind: 'global', module: '', name: `extension ${code}` });
}

/** By their byte; undefined for bytes that are no opcode. */
export const opcodes: readonly (Opcode | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return textual[character] ?? structural[character] ?? binary[character];
});

/** Whether this byte ends an object's state, after which joblib writes its arrays. */
export const BUILD = 'b'.charCodeAt(0);
