import type { StatusResult } from '../../core/model/result';
import { fileList, joinLines } from './words';
import type { Style } from './words';

export function renderStatus(result: StatusResult, style: Style): string {
  return joinLines(
    result.summary,
    !result.clean && fileList(result.changes, style),
    ...result.obstacles.map(obstacle => style.dim(obstacle)),
    !result.identity && style.yellow('No author is set: branchbook init --name "…" --email "…"')
  );
}
