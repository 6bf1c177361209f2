import { formatBytes } from '../../core/format/bytes';
import type { AssetInfo, AssetsResult } from '../../core/model/result';
import { formatTime, table } from './words';
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
      [asset.change && style.yellow(asset.change), absence(asset, style)].filter(Boolean).join(', ')
    ]),
    [2]
  );
}

function absence({ here, standIn, path }: AssetInfo, style: Style): string {
  if (!here) {
    return style.red('content missing');
  }
  return standIn ? style.dim(`not here: branchbook get ${path}`) : '';
}
