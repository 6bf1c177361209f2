import type { AssetInfo, AssetVersion } from '../../core/model/result';

/** Versions fetched at first, and each time more are asked for. */
export const versionsPage = 20;

/** Versions of one asset as the panel knows them. */
export type VersionsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly versions: readonly AssetVersion[]; readonly more: boolean };

type RowCommon = {
  readonly id: string;
  /** ARIA level: 1 for assets, 2 for what an asset holds. */
  readonly level: 1 | 2;
  readonly position: number;
  readonly setSize: number;
  /** Pixels; known before drawing, so that 10,000 rows need no measuring. */
  readonly height: number;
  /** undefined for rows that cannot be expanded. */
  readonly expanded?: boolean;
};
export type AssetRow = RowCommon & {
  readonly kind: 'asset';
  readonly asset: AssetInfo;
  /** How its versions went, oldest first; null until they are known, or when there is nothing to compare. */
  readonly trend: Trend | null;
};
export type VersionRow = RowCommon & {
  readonly kind: 'version';
  readonly asset: AssetInfo;
  readonly version: AssetVersion;
};
export type NoteRow = RowCommon & {
  readonly kind: 'note';
  readonly asset: AssetInfo;
  readonly note: 'loading' | 'problem' | 'more' | 'none';
  readonly message: string;
};
/** Rows of a table, or bytes where no version tells of rows. */
export type Trend = { readonly of: 'rows' | 'bytes'; readonly values: readonly (number | null)[] };
export type TreeRow = AssetRow | VersionRow | NoteRow;

export const heights = { asset: 40, version: 56, plainVersion: 40, note: 28 } as const;

export type AssetSort = 'name' | 'recent' | 'size';

/** Case-insensitive, every word must occur somewhere in the path. */
export function filterAssets(assets: readonly AssetInfo[], filter: string): readonly AssetInfo[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0
    ? assets
    : assets.filter(asset => words.every(word => asset.path.toLowerCase().includes(word)));
}

/** Changed assets first within the order asked for by name: what needs attention is never below the fold. */
export function sortAssets(assets: readonly AssetInfo[], sort: AssetSort): readonly AssetInfo[] {
  const byName = (a: AssetInfo, b: AssetInfo): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  const orders: Record<AssetSort, (a: AssetInfo, b: AssetInfo) => number> = {
    name: byName,
    recent: (a, b) => lastTime(b) - lastTime(a) || byName(a, b),
    size: (a, b) => b.size - a.size || byName(a, b)
  };
  return [...assets].sort(orders[sort]);
}

/** An asset that was never snapshotted is the most recent of all. */
function lastTime(asset: AssetInfo): number {
  return asset.last ? Date.parse(asset.last.time) : Number.MAX_SAFE_INTEGER;
}

/** The tree as a flat list: assets, and below each expanded one its versions or a note why there are none. */
export function treeRows(
  assets: readonly AssetInfo[],
  expanded: ReadonlySet<string>,
  versions: ReadonlyMap<string, VersionsState>
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  assets.forEach((asset, index) => {
    const isOpen = expanded.has(asset.path);
    rows.push({
      kind: 'asset',
      id: asset.path,
      level: 1,
      position: index + 1,
      setSize: assets.length,
      height: heights.asset,
      expanded: isOpen,
      asset,
      trend: isOpen ? trendOf(versions.get(asset.path)) : null
    });
    if (isOpen) {
      rows.push(...versionRows(asset, versions.get(asset.path) ?? { kind: 'loading' }));
    }
  });
  return rows;
}

function versionRows(asset: AssetInfo, state: VersionsState): readonly TreeRow[] {
  if (state.kind !== 'loaded') {
    return [noteRow(asset, state.kind, 1, 1, state.kind === 'problem' ? state.message : '')];
  }
  const { versions, more } = state;
  const setSize = Math.max(versions.length, 1) + (more ? 1 : 0);
  const rows: TreeRow[] = versions.map((version, index) => ({
    kind: 'version',
    // A NUL cannot be part of a path, so no asset's id is mistaken for a version's.
    id: `${asset.path}\0${version.id}`,
    level: 2,
    position: index + 1,
    setSize,
    height: hasThirdLine(version) ? heights.version : heights.plainVersion,
    asset,
    version
  }));
  if (versions.length === 0) {
    rows.push(noteRow(asset, 'none', 1, setSize));
  }
  if (more) {
    rows.push(noteRow(asset, 'more', setSize, setSize));
  }
  return rows;
}

/** Where a version came from, which branches have it, or what it added. */
export const hasThirdLine = ({ provenance, containedIn, newBytes }: AssetVersion): boolean =>
  provenance.notebook !== undefined || (containedIn?.length ?? 0) > 0 || typeof newBytes === 'number';

/** Oldest first, as one reads a line. */
export function trendOf(state: VersionsState | undefined): Trend | null {
  if (state?.kind !== 'loaded' || state.versions.length < 2) {
    return null;
  }
  const versions = [...state.versions].reverse();
  const rows = versions.map(version => version.facts?.rows ?? null);
  return rows.filter(value => value !== null).length > 1
    ? { of: 'rows', values: rows }
    : { of: 'bytes', values: versions.map(version => version.size) };
}

function noteRow(asset: AssetInfo, note: NoteRow['note'], position: number, setSize: number, message = ''): NoteRow {
  return {
    kind: 'note',
    id: `${asset.path}\0${note}`,
    level: 2,
    position,
    setSize,
    height: heights.note,
    asset,
    note,
    message
  };
}
