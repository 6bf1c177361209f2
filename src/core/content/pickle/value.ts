/**
 * What a pickle says, without doing any of it: calls are kept as what was to be called and with what. Values may be
 * shared and may hold themselves, so that whoever walks them counts steps.
 */

export type PickleValue = null | boolean | number | string | PickleNode;
export type PickleNode =
  PickleBytes | PickleList | PickleDict | PickleGlobal | PickleCall | PicklePersistent | PickleArray;

/** `bytes` is null when there are more than are kept. */
export type PickleBytes = { readonly kind: 'bytes'; readonly length: number; readonly bytes: Uint8Array | null };
export type PickleList = {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: PickleValue[];
  /** Items there were, of which the first are kept. */
  length: number;
};
export type PickleDict = { readonly kind: 'dict'; readonly entries: [PickleValue, PickleValue][] };
/** Something of a Python module: a class or a function. */
export type PickleGlobal = { readonly kind: 'global'; readonly module: string; readonly name: string };
/** An object: what makes it, and what it is then filled with. */
export type PickleCall = {
  readonly kind: 'call';
  readonly callable: PickleValue;
  readonly args: PickleValue;
  state: PickleValue | undefined;
  /** What was appended, or set by key. */
  readonly items: PickleValue[];
  readonly entries: [PickleValue, PickleValue][];
};
/** Something that the file has elsewhere: PyTorch's storages. */
export type PicklePersistent = { readonly kind: 'persistent'; readonly id: PickleValue };
/** An array whose elements stand between the opcodes, as joblib writes them. */
export type PickleArray = {
  readonly kind: 'array';
  readonly type: string;
  readonly shape: readonly number[];
  /** The elements of small arrays. */
  readonly values: readonly PickleValue[] | null;
};

export function isNode(value: PickleValue | undefined): value is PickleNode {
  return typeof value === 'object' && value !== null;
}

export function isList(value: PickleValue | undefined): value is PickleList {
  return isNode(value) && (value.kind === 'list' || value.kind === 'tuple' || value.kind === 'set');
}

export function isDict(value: PickleValue | undefined): value is PickleDict {
  return isNode(value) && value.kind === 'dict';
}

export function isCall(value: PickleValue | undefined): value is PickleCall {
  return isNode(value) && value.kind === 'call';
}

/** `module.name` of a class or function; empty for all else. */
export function pathOf(value: PickleValue | undefined): string {
  return isNode(value) && value.kind === 'global' ? `${value.module}.${value.name}` : '';
}

/** The class of an object, also of one made by the way of protocols 0 and 1. */
export function classOf(value: PickleValue | undefined): PickleGlobal | null {
  if (!isCall(value)) {
    return null;
  }
  const path = pathOf(value.callable);
  const old = path === 'copyreg._reconstructor' || path === 'copy_reg._reconstructor';
  const made = old && isList(value.args) ? value.args.items[0] : value.callable;
  return isNode(made) && made.kind === 'global' ? made : null;
}

/** Attributes of an object; those with slots have a pair of dictionaries as state. */
export function attributesOf(value: PickleValue | undefined): ReadonlyMap<string, PickleValue> {
  const state = isCall(value) ? value.state : undefined;
  const dicts = isList(state) ? state.items.filter(isDict) : isDict(state) ? [state] : [];
  return new Map(dicts.flatMap(textEntries));
}

/** The entries of a dictionary whose keys are text. */
export function textEntries({ entries }: Pick<PickleDict, 'entries'>): [string, PickleValue][] {
  return entries.filter((entry): entry is [string, PickleValue] => typeof entry[0] === 'string');
}
