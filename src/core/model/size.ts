import { BranchbookError } from '../error';

const powers = ['', 'k', 'm', 'g', 't'];

/** Bytes of `20GiB`, `500 MB`, `1g` (as git: 1024) or `0`. USAGE for anything else. */
export function parseSize(text: string, argument: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?$/i.exec(text.trim());
  if (!match) {
    const reason = `${JSON.stringify(text)} is not a size`;
    throw new BranchbookError('USAGE', `${reason}.`, { argument, reason }, 'Write it as 20GiB or 500MB.');
  }
  const base = match[3]?.toLowerCase() === 'b' ? 1000 : 1024;
  return Math.round(Number(match[1]) * base ** powers.indexOf(match[2]!.toLowerCase()));
}
