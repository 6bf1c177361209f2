import type { AssetsResult } from '../../core/model/result';
import { formatBytes, formatTime, table } from './words';
import type { Style } from './words';

export function renderAssets(result: AssetsResult, style: Style): string {
  if (result.assets.length === 0) {
    return `${result.branch} has no assets yet. Datasets and models become assets when they are snapshotted.`;
  }
  return table(
    result.assets.map(asset => [
      asset.path,
      style.dim(asset.kind),
      formatBytes(asset.size),
      asset.last ? formatTime(asset.last.time) : 'never snapshotted',
      asset.last?.subject ?? '',
      [asset.change && style.yellow(asset.change), !asset.here && style.red('content missing')]
        .filter(Boolean)
        .join(', ')
    ]),
    [2]
  );
}
