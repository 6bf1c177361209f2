import { formatBytes } from '../../core/format/bytes';
import type { AssetFacts } from '../../core/model/asset';
import type { AssetVersion, VersionsResult } from '../../core/model/result';
import { sparkline } from './sparkline';
import { formatTime, joinLines, origin, table } from './words';
import type { Style } from './words';

/** Versions in the line of bars: the newest. */
const MAX_BARS = 60;
const MAX_NAMES = 3;

export function renderVersions(result: VersionsResult, style: Style): string {
  return joinLines(
    growth(result.versions, style),
    table(
      result.versions.map(version => [
        version.current ? style.green('*') : '',
        version.address,
        formatTime(version.time),
        version.size === null ? 'removed' : formatBytes(version.size),
        version.newBytes === null || version.newBytes === undefined
          ? ''
          : style.dim(`+${formatBytes(version.newBytes)}`),
        shapeOf(version.facts),
        ...(version.containedIn ? [style.dim(places(version.containedIn))] : []),
        version.subject,
        style.dim(origin(version))
      ]),
      [3, 4]
    )
  );
}

/** Rows over time, oldest first, when several versions say how many they have; else bytes. */
function growth(versions: readonly AssetVersion[], style: Style): string {
  const shown = versions.slice(0, MAX_BARS).reverse();
  const rows = shown.map(({ facts }) => facts?.rows ?? null);
  const [what, values] =
    rows.filter(value => value !== null).length > 1
      ? (['rows', rows] as const)
      : (['size', shown.map(({ size }) => size)] as const);
  const known = values.filter(value => value !== null);
  if (known.length < 2) {
    return '';
  }
  const word = (value: number): string => (what === 'rows' ? String(value) : formatBytes(value));
  return `  ${style.dim(what)} ${sparkline(values)} ${style.dim(`${word(known[0]!)} → ${word(known.at(-1)!)}`)}`;
}

function places(refs: NonNullable<AssetVersion['containedIn']>): string {
  const names = refs.slice(0, MAX_NAMES).map(({ name }) => name);
  return [...names, ...(refs.length > MAX_NAMES ? [`and ${refs.length - MAX_NAMES} more`] : [])].join(', ');
}

export function shapeOf(facts: AssetFacts | null): string {
  if (facts?.rows !== undefined) {
    return `${facts.rows} rows${facts.columns === undefined ? '' : ` × ${facts.columns}`}`;
  }
  return facts?.shape ? facts.shape.join(' × ') : '';
}
