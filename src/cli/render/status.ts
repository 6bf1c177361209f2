import type { StatusResult } from '../../core/model/result';
import { formatBytes } from '../../core/format/bytes';
import { count, fileList, joinLines } from './words';
import type { Style } from './words';

export function renderStatus(result: StatusResult, style: Style): string {
  return joinLines(
    result.summary,
    !result.clean && fileList(result.changes, style),
    absence(result),
    ...result.obstacles.map(obstacle => style.dim(obstacle)),
    !result.identity && style.yellow('No author is set: branchbook init --name "…" --email "…"')
  );
}

/** Assets whose pointers stand on disk in their place. */
function absence({ absent, only }: StatusResult): string {
  const chosen =
    only &&
    `${only.length === 0 ? 'Assets come when asked for' : `Only ${only.join(' ')}`} (\`branchbook switch BRANCH --all\` brings everything).`;
  const bytes = absent.reduce((sum, { size }) => sum + size, 0);
  const missing = absent.filter(({ stored }) => !stored).length;
  return joinLines(
    chosen,
    absent.length > 0 &&
      `Not here: ${count(absent.length, 'asset')} (${formatBytes(bytes)})${missing > 0 ? `, ${missing} of them in no store of this clone` : ''}; ` +
        `\`branchbook get ${absent[0]!.path}\` brings ${absent.length === 1 ? 'it' : 'the first'}.`
  );
}
