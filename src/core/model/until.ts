/** Times that something is given until. */
import { BranchbookError } from '../error';
import { parseDuration } from './duration';

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const DAY = 86_400_000;

/**
 * Milliseconds since 1970 of `7d` (from now), `2026-12-03` (that day included, in UTC) or an ISO 8601 time. USAGE for
 * anything else, and for what is over.
 */
export function parseUntil(text: string, now: number): number {
  const time = ISO.test(text) ? isoTime(text) : now + parseDuration(text, 'until');
  if (!(time > now)) {
    const reason = `${JSON.stringify(text)} is no time to come`;
    throw new BranchbookError('USAGE', `${reason}.`, { argument: 'until', reason }, 'Write it as 7d or 2026-12-31.');
  }
  return time;
}

function isoTime(text: string): number {
  const time = Date.parse(text.includes('T') && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text);
  return text.includes('T') ? time : time + DAY - 1;
}

/** Milliseconds since 1970 of `30d` (before now) or an ISO 8601 time. USAGE for anything else. */
export function parsePast(text: string, argument: string, now: number): number {
  return ISO.test(text) ? Date.parse(text) : now - parseDuration(text, argument);
}
