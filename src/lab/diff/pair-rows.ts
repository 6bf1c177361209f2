import type { RowChange } from '../../core/model/diff';

export type Value = string | number | boolean | null;

/** A named value on both sides; undefined where a side lacks it. */
export type PairRow = {
  readonly name: string;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
  readonly change: RowChange | 'same';
  /** When both are numbers that differ. */
  readonly delta: number | null;
};

export function pairRow(name: string, from: Value | undefined, to: Value | undefined): PairRow {
  const change = from === undefined ? 'added' : to === undefined ? 'removed' : Object.is(from, to) ? 'same' : 'changed';
  const delta = change === 'changed' && typeof from === 'number' && typeof to === 'number' ? to - from : null;
  return { name, from, to, change, delta };
}

/** Names of both sides in the order of the first, then those that only the second has. */
export function pairRows(
  from: Readonly<Record<string, Value>>,
  to: Readonly<Record<string, Value>>
): readonly PairRow[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const at = (side: Readonly<Record<string, Value>>, name: string): Value | undefined =>
    Object.hasOwn(side, name) ? side[name] : undefined;
  return names.map(name => pairRow(name, at(from, name), at(to, name)));
}
