import { formatBytes } from '../../core/format/bytes';
import type { RestoreResult } from '../../core/model/result';
import { joinLines, shortId, table } from './words';
import type { Style } from './words';

export function renderRestore(result: RestoreResult, style: Style): string {
  return joinLines(
    table(
      result.restored.map(({ path, from, size }) => [
        path,
        size === null ? 'removed' : formatBytes(size),
        style.dim(`from ${shortId(from)}`)
      ]),
      [1]
    ),
    ...result.notices,
    style.dim('branchbook undo takes this back')
  );
}
