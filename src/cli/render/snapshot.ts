import { formatBytes } from '../../core/format/bytes';
import type { SnapshotAsset, SnapshotResult } from '../../core/model/result';
import { renderAnomalies } from './schema';
import { andMore, count, fileList, formatMilliseconds, joinLines, LIST_LINES, shortId, table } from './words';
import type { Style } from './words';

export function renderSnapshot(result: SnapshotResult, style: Style): string {
  const { snapshot, branch, changes, assets, notices, milliseconds } = result;
  const assetPaths = new Set(assets.map(({ path }) => path));
  const plain = changes.filter(({ path }) => !assetPaths.has(path));
  return joinLines(
    `${style.bold(shortId(snapshot.id))} on ${style.bold(branch)}: ${snapshot.subject}`,
    plain.length > 0 && fileList(plain, style),
    assets.length > 0 &&
      table(
        assets.slice(0, LIST_LINES).map(asset => assetRow(asset, style)),
        [2]
      ),
    andMore(assets),
    renderAnomalies(result.anomalies ?? [], style),
    ...notices,
    style.dim(`${count(changes.length, 'file')} in ${formatMilliseconds(milliseconds)}`)
  );
}

function assetRow({ path, size, newBytes, previous, facts }: SnapshotAsset, style: Style): readonly string[] {
  const change = previous ? style.yellow('~') : style.green('+');
  const shape =
    facts?.rows === undefined ? '' : `${facts.rows} rows${facts.columns === undefined ? '' : ` × ${facts.columns}`}`;
  const before = previous ? `was ${formatBytes(previous.size)}` : '';
  return [change, path, formatBytes(size), `${formatBytes(newBytes)} new`, [shape, before].filter(Boolean).join(', ')];
}
