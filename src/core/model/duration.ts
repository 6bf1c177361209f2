import { BranchbookError } from '../error';

const units: { readonly [unit: string]: number } = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of `90d`, `12h`, `30m`, `45s` or `2w`. USAGE for anything else. */
export function parseDuration(text: string, argument: string): number {
  const match = /^(\d{1,6})([smhdw])$/.exec(text.trim());
  if (!match) {
    const reason = `${JSON.stringify(text)} is not a length of time`;
    throw new BranchbookError('USAGE', `${reason}.`, { argument, reason }, 'Write it as 14d, 12h or 30m.');
  }
  return Number(match[1]) * units[match[2]!]!;
}
