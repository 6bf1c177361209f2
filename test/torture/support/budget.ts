/**
 * How much each design does: a little in `npm test`, much in `npm run torture` (scripts/torture.mjs), which speaks to
 * the tests through these environment variables.
 *
 * BRANCHBOOK_TORTURE=nightly        the nightly sizes
 * BRANCHBOOK_TORTURE_SCALE=0.2      a part of them
 * BRANCHBOOK_TORTURE_SEED=1234      this seed only
 * BRANCHBOOK_TORTURE_REPORT=FILE    where each design adds its counts, a line of JSON each
 */
import { appendFileSync } from 'node:fs';

export const isNightly = process.env['BRANCHBOOK_TORTURE'] === 'nightly';
const scale = Number(process.env['BRANCHBOOK_TORTURE_SCALE'] ?? '1');

/** How often: in `npm test`, and at night. */
export function times(everyChange: number, nightly: number): number {
  return isNightly ? Math.max(1, Math.round(nightly * scale)) : everyChange;
}

/** Time limit of a test in milliseconds; at night there is none. */
export const patience = isNightly ? 24 * 60 * 60 * 1000 : 600_000;

/** The seeds to try: 1, 2, … or the one that is asked for. */
export function seeds(count: number): readonly number[] {
  const only = process.env['BRANCHBOOK_TORTURE_SEED'];
  return only ? [Number(only)] : Array.from({ length: count }, (_, index) => index + 1);
}

/** For the table that `npm run torture` prints, as `count('T2', { seeds: 1000 })`. */
export function count(design: string, counts: { readonly [what: string]: number }): void {
  const report = process.env['BRANCHBOOK_TORTURE_REPORT'];
  if (report) {
    appendFileSync(report, `${JSON.stringify({ design, counts })}\n`);
  }
}
