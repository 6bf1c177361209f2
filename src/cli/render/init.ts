import type { InitResult } from '../../core/model/result';
import { joinLines } from './words';
import type { Style } from './words';

const SHOWN = 6;

export function renderInit(result: InitResult, style: Style): string {
  const more = result.patterns.length - SHOWN;
  return joinLines(
    result.created
      ? `${style.bold(result.root)} is now a Branchbook project, on branch ${style.bold(result.branch)}.`
      : `${style.bold(result.root)} is a Branchbook project already; its settings are up to date.`,
    `Kept as assets: ${result.patterns.slice(0, SHOWN).join(' ')}${more > 0 ? ` and ${more} more patterns` : ''}; see .gitattributes.`,
    ...result.notices,
    result.created && style.dim('Next: branchbook snapshot -m "first"')
  );
}
