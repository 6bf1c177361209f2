/** The difference of two JSON or YAML documents, leaf by leaf. */
import type { TreeDiff } from '../../model/diff';

const MAX_CHANGES = 5000;
const MAX_DEPTH = 100;
const MAX_TEXT = 2000;
/** Fields that name the items of a list, the first that fits. */
const NAMES = ['id', 'name', 'key', 'path'];

type Leaf = string | number | boolean | null;
type Change = TreeDiff['changes'][number];
type Walk = { readonly changes: Change[]; total: number };

/** `total` counts all leaves that differ, of which the first five thousand are listed. */
export function diffTree(from: unknown, to: unknown): TreeDiff {
  const walk: Walk = { changes: [], total: 0 };
  compare('', from, to, 0, walk);
  return { kind: 'tree', changes: walk.changes, total: walk.total };
}

function compare(path: string, from: unknown, to: unknown, depth: number, walk: Walk): void {
  if (Object.is(from, to)) {
    return;
  }
  const lists = Array.isArray(from) && Array.isArray(to);
  const both = isBranch(from) && isBranch(to) && Array.isArray(from) === Array.isArray(to);
  if (!both || depth >= MAX_DEPTH) {
    tell(path, from, to, depth, walk);
    return;
  }
  const key = lists ? commonKey(from, to) : null;
  const [before, after] = [entriesOf(from, key), entriesOf(to, key)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    compare(join(path, name, lists), before.get(name), after.get(name), depth + 1, walk);
  }
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Values by name; of a list by position, or by the field that names its items. */
function entriesOf(value: object, key: string | null): ReadonlyMap<string, unknown> {
  if (Array.isArray(value)) {
    return new Map(value.map((item: unknown, index) => [key ? nameOf(item, key)! : String(index), item]));
  }
  return new Map(Object.entries(value));
}

/** The field whose values name all items of both lists, each once. */
function commonKey(from: readonly unknown[], to: readonly unknown[]): string | null {
  const names = (list: readonly unknown[], key: string): boolean => {
    const found = list.map(item => nameOf(item, key));
    return !found.includes(null) && new Set(found).size === list.length;
  };
  return from.length + to.length === 0 ? null : (NAMES.find(key => names(from, key) && names(to, key)) ?? null);
}

function nameOf(item: unknown, key: string): string | null {
  const name = isBranch(item) && Object.hasOwn(item, key) ? (item as { [key: string]: unknown })[key] : null;
  return typeof name === 'string' || typeof name === 'number' ? String(name) : null;
}

function join(path: string, name: string, list: boolean): string {
  if (list) {
    return `${path}[${name}]`;
  }
  const plain = /^[^.[\]"\s]+$/.test(name) ? name : JSON.stringify(name);
  return path === '' ? plain : `${path}.${plain}`;
}

/** One side lacks it, or they are of different kinds: every leaf is told. */
function tell(path: string, from: unknown, to: unknown, depth: number, walk: Walk): void {
  if (!hasLeaves(from, depth) && !hasLeaves(to, depth)) {
    add(path, leafOf(from), leafOf(to), walk);
    return;
  }
  const [before, after] = [leavesBelow(from, path, depth), leavesBelow(to, path, depth)];
  before.forEach(([at, leaf]) => add(at, leaf, undefined, walk));
  after.forEach(([at, leaf]) => add(at, undefined, leaf, walk));
}

function hasLeaves(value: unknown, depth: number): value is object {
  return isBranch(value) && Object.keys(value).length > 0 && depth < MAX_DEPTH;
}

function leavesBelow(value: unknown, path: string, depth: number): [string, Leaf][] {
  const leaves: [string, Leaf][] = [];
  const visit = (at: string, inner: unknown, level: number): void => {
    if (hasLeaves(inner, level)) {
      const list = Array.isArray(inner);
      Object.entries(inner).forEach(([name, below]) => visit(join(at, name, list), below, level + 1));
    } else if (inner !== undefined) {
      leaves.push([at, leafOf(inner)!]);
    }
  };
  visit(path, value, depth);
  return leaves;
}

/** Empty lists and records are leaves too, and so is what lies too deep. */
function leafOf(value: unknown): Leaf | undefined {
  if (isBranch(value)) {
    const empty = Object.keys(value).length === 0;
    return Array.isArray(value) ? (empty ? '[]' : '[…]') : empty ? '{}' : '{…}';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return String(value);
  }
  if (typeof value === 'string') {
    return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT - 1)}…` : value;
  }
  return typeof value === 'bigint' ? String(value) : (value as Leaf | undefined);
}

function add(path: string, from: Leaf | undefined, to: Leaf | undefined, walk: Walk): void {
  walk.total += 1;
  if (walk.changes.length >= MAX_CHANGES) {
    return;
  }
  const numbers = typeof from === 'number' && typeof to === 'number';
  walk.changes.push({
    path,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    delta: numbers ? to - from : null
  });
}
