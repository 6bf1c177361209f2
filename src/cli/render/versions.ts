import { formatBytes } from '../../core/format/bytes';
import type { AssetFacts } from '../../core/model/asset';
import type { VersionsResult } from '../../core/model/result';
import { formatTime, origin, table } from './words';
import type { Style } from './words';

export function renderVersions(result: VersionsResult, style: Style): string {
  return table(
    result.versions.map(version => [
      version.current ? style.green('*') : '',
      version.address,
      formatTime(version.time),
      version.size === null ? 'removed' : formatBytes(version.size),
      shapeOf(version.facts),
      version.subject,
      style.dim(origin(version))
    ]),
    [3]
  );
}

export function shapeOf(facts: AssetFacts | null): string {
  if (facts?.rows !== undefined) {
    return `${facts.rows} rows${facts.columns === undefined ? '' : ` × ${facts.columns}`}`;
  }
  return facts?.shape ? facts.shape.join(' × ') : '';
}
