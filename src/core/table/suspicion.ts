/** Something that may be wrong with a table, and the words for it. */
import type { Cell } from '../model/table';
import type { AnomalyCode, Severity } from '../model/table-schema';
import type { Found, Probe } from './probe';

export type Suspicion = {
  readonly code: AnomalyCode;
  readonly severity: Severity;
  readonly column: string | null;
  readonly summary: string;
  /** The sentence with the numbers. `found` is empty when there was nothing to ask. */
  readonly message: (found: Found) => string;
  readonly hint: string;
  /** The rows decide; null when statistics did. */
  readonly probe: Probe | null;
  /** What the probe must have counted; default: anything. */
  readonly confirms?: (count: number) => boolean;
  /** Of no interest when one of these is confirmed. */
  readonly unless?: readonly Suspicion[];
  /** Rows that statistics counted. */
  readonly rows?: number;
};

const SHOWN_CHARACTERS = 80;

/** Text from a file as one line in quotes: cut, with control and direction characters spelled out. */
export function quote(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return JSON.stringify(cut).replace(
    // Exactly those that could forge what is shown.
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}

export function show(value: Cell): string {
  return typeof value === 'string' ? quote(value) : String(value);
}

export function grouped(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** `1 row`, `2,000 rows`. */
export function rowCount(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'row' : 'rows'}`;
}

/** `, for example "a" (3 rows) and "b"`; empty without examples. */
export function forExample({ examples }: Found): string {
  const shown = examples.map(({ value, count }) => `${show(value)}${count > 1 ? ` (${rowCount(count)})` : ''}`);
  const last = shown.pop();
  return last === undefined ? '' : `, for example ${shown.length > 0 ? `${shown.join(', ')} and ` : ''}${last}`;
}
