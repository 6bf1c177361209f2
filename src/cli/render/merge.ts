import type { MergeResult } from '../../core/model/merge';
import { renderAnomalies } from './schema';
import { joinLines, movedFiles, shortId } from './words';
import type { Style } from './words';

export function renderMerge(result: MergeResult, style: Style): string {
  const into = style.bold(result.branch);
  if (result.kind === 'up-to-date') {
    return `${into} already has everything of ${result.merged}.`;
  }
  const moved = movedFiles(result);
  const how = result.kind === 'fast-forward' ? 'moved forward' : 'merged';
  return joinLines(
    `${into} now has the work of ${result.merged} (${how}, ${shortId(result.commit)})${moved ? `; files: ${moved}` : ''}.`,
    renderAnomalies(result.anomalies ?? [], style)
  );
}
