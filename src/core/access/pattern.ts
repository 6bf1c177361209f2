/** Patterns over branch names. */
import { globSource } from '../format/glob';

/** A pattern is matched at every push: with more stars it could take long. */
const MAX_LENGTH = 200;
const MAX_STARS = 4;

/** Why it cannot be a pattern; null when it can. */
export function whyNoPattern(pattern: string): string | null {
  if (pattern === '' || pattern.length > MAX_LENGTH) {
    return `it must have 1 to ${MAX_LENGTH} characters`;
  }
  return (pattern.match(/\*+/g)?.length ?? 0) > MAX_STARS ? `it has more than ${MAX_STARS} stars` : null;
}

/** The whole name has to match: `prod` is not `feature/prod`. */
export function matchesBranch(pattern: string, branch: string): boolean {
  return (
    pattern === branch || (whyNoPattern(pattern) === null && new RegExp(`^${globSource(pattern)}$`, 'su').test(branch))
  );
}
