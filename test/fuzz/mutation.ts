/** Bytes that are almost right: what a decoder meets after bit rot, a cut, or a stranger's hand. */
import fc from 'fast-check';
import { afterAll } from 'vitest';
import { count, isNightly, times } from '../torture/support/budget';

type Mutation = { readonly kind: number; readonly at: number; readonly length: number; readonly value: number };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.nat(6),
  /** Parts of 2^16 of the bytes' length. */
  at: fc.nat(0xffff),
  length: fc.integer({ min: 1, max: 64 }),
  value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))
});

function apply(bytes: Buffer, { kind, at, length, value }: Mutation, other: Uint8Array): Buffer {
  const start = Math.floor((at * bytes.length) / 0x10000);
  const end = Math.min(bytes.length, start + length);
  const rest = bytes.subarray(end);
  const before = bytes.subarray(0, start);
  const piece = bytes.subarray(start, end);
  switch (kind) {
    case 0:
      return Buffer.concat([
        before,
        Buffer.from([(bytes[start] ?? 0) ^ (1 << (value & 7))]),
        bytes.subarray(start + 1)
      ]);
    case 1:
      return Buffer.concat([
        before,
        Buffer.alloc(Math.min(length, 8), value),
        bytes.subarray(start + Math.min(length, 8))
      ]);
    case 2:
      return Buffer.concat([before, rest]);
    case 3:
      return Buffer.concat([before, piece, piece, rest]);
    case 4:
      return Buffer.concat([before, Buffer.alloc(length, value), bytes.subarray(start)]);
    case 5:
      return Buffer.from(before);
    default:
      return Buffer.concat([before, other.subarray(0, length), rest]);
  }
}

/** One of the corpus, with up to six mutations, or nothing but noise. */
export function almost(corpus: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const mutated = fc
    .tuple(fc.constantFrom(...corpus), fc.constantFrom(...corpus), fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([bytes, other, mutations]) =>
      mutations.reduce<Buffer>((done, step) => apply(done, step, other), Buffer.from(bytes))
    );
  const noise = fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes));
  return fc.oneof({ weight: 15, arbitrary: mutated }, { weight: 1, arbitrary: noise });
}

let tried = 0;
afterAll(() => count('T17', { inputs: tried, violations: 0 }));

/** The same cases every time, so that nobody's change fails by chance; by night a thousand times as many, others each time. */
export function runs(cases: number): fc.Parameters<unknown> {
  const numRuns = times(cases, 1000 * cases);
  tried += numRuns;
  return isNightly ? { numRuns } : { numRuns, seed: 20261121 };
}

/** Generous: by night these run for a long time. */
export const TIMEOUT = isNightly ? 6 * 3_600_000 : 600_000;
