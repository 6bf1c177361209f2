import type { RestoreResult } from '../../core/model/result';
import { formatBytes, joinLines, shortId, table } from './words';
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
    style.dim('branchbook undo takes this back')
  );
}
