/** The stack and memo of a pickle being read. Everything is bounded: what a hostile file makes grow is refused. */
import { malformed } from '../cursor';
import type { Cursor } from '../cursor';
import type { PickleBytes, PickleCall, PickleDict, PickleList, PickleValue } from './value';
import { isCall, isDict, isList } from './value';

export const FORMAT = 'pickle';
/** Longer text and bytes are passed over. */
export const MAX_KEPT_BYTES = 64 * 1024;
const MAX_KEPT_TOTAL = 64 * 1024 * 1024;
const MAX_ITEMS = 10_000;
const MAX_STACK = 1_000_000;
const MAX_MEMO = 5_000_000;

export class Machine {
  private _stack: PickleValue[] = [];
  private _marks: PickleValue[][] = [];
  private readonly _memo = new Map<number, PickleValue>();
  private _size = 0;
  private _kept = 0;
  /** Set by STOP. */
  result: PickleValue | undefined;
  stopped = false;

  push(value: PickleValue): void {
    if (++this._size > MAX_STACK) {
      throw malformed(FORMAT, 'it is too complicated');
    }
    this._stack.push(value);
  }

  pop(): PickleValue {
    const value = this._stack.pop();
    if (value === undefined) {
      throw malformed(FORMAT, 'it takes more than there is');
    }
    this._size -= 1;
    return value;
  }

  top(): PickleValue {
    const value = this._stack.at(-1);
    if (value === undefined) {
      throw malformed(FORMAT, 'it takes more than there is');
    }
    return value;
  }

  mark(): void {
    if (this._marks.length > MAX_STACK) {
      throw malformed(FORMAT, 'it is too complicated');
    }
    this._marks.push(this._stack);
    this._stack = [];
  }

  /** What was pushed since the last mark. */
  popMark(): PickleValue[] {
    const items = this._stack;
    const below = this._marks.pop();
    if (!below) {
      throw malformed(FORMAT, 'it takes more than there is');
    }
    this._stack = below;
    this._size -= items.length;
    return items;
  }

  /** POP takes a mark away when nothing stands on it. */
  drop(): void {
    if (this._stack.length === 0 && this._marks.length > 0) {
      this.popMark();
    } else {
      this.pop();
    }
  }

  memoize(index = this._memo.size): void {
    if (this._memo.size >= MAX_MEMO) {
      throw malformed(FORMAT, 'it is too complicated');
    }
    this._memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this._memo.get(index);
    if (value === undefined) {
      throw malformed(FORMAT, 'it refers to what is not there');
    }
    this.push(value);
  }

  /** True when so many more bytes may be kept. */
  keeps(bytes: number): boolean {
    const fits = bytes <= MAX_KEPT_BYTES && this._kept + bytes <= MAX_KEPT_TOTAL;
    this._kept += fits ? bytes : 0;
    return fits;
  }
}

export function list(kind: PickleList['kind'], items: PickleValue[] = []): PickleList {
  return { kind, length: items.length, items: items.length > MAX_ITEMS ? items.slice(0, MAX_ITEMS) : items };
}

export function call(callable: PickleValue, args: PickleValue): PickleCall {
  return { kind: 'call', callable, args, state: undefined, items: [], entries: [] };
}

/** APPEND, APPENDS and ADDITEMS: to a list, or to an object that acts as one. */
export function append(target: PickleValue, items: readonly PickleValue[]): void {
  if (isList(target)) {
    addItems(target.items, items);
    target.length += items.length;
  } else if (isCall(target)) {
    addItems(target.items, items);
  }
}

function addItems(to: PickleValue[], items: readonly PickleValue[]): void {
  for (let index = 0; index < items.length && to.length < MAX_ITEMS; index++) {
    to.push(items[index]!);
  }
}

/** SETITEM and SETITEMS: keys and values in turn. */
export function setItems(target: PickleValue, items: readonly PickleValue[]): void {
  const entries = isDict(target) || isCall(target) ? target.entries : [];
  for (let index = 0; index + 1 < items.length && entries.length < MAX_ITEMS; index += 2) {
    entries.push([items[index]!, items[index + 1]!]);
  }
}

export function dict(items: readonly PickleValue[] = []): PickleDict {
  const made: PickleDict = { kind: 'dict', entries: [] };
  setItems(made, items);
  return made;
}

/** Bytes of a length that the file says: small ones are kept, the others passed over. */
export async function takeBytes(machine: Machine, cursor: Cursor, length: number): Promise<PickleBytes> {
  if (machine.keeps(length)) {
    await cursor.need(length);
    return { kind: 'bytes', length, bytes: cursor.take(length) };
  }
  await cursor.skip(length);
  return { kind: 'bytes', length, bytes: null };
}
