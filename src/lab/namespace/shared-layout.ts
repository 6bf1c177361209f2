/**
 * JupyterLab's own workspace as something to send: only documents of one project, by paths that start at its root.
 * A workspace keeps each tab as `<kind>:<contents path>` with the arguments that open it, and an order of these names.
 */
import type { PartialJSONObject, PartialJSONValue, ReadonlyPartialJSONValue } from '@lumino/coreutils';

export type Workspace = {
  readonly data: { readonly [id: string]: ReadonlyPartialJSONValue };
  readonly metadata: { readonly id: string };
};

/** Where JupyterLab keeps which tabs are open, and how they are arranged. */
const restorer = 'layout-restorer:data';

/** A path on the other side; null = leave it out. */
type MapPath = (path: string) => string | null;

/** Tabs of documents elsewhere, terminals and consoles are left out: they would open nothing there. */
export function mapWorkspace(workspace: Workspace, mapPath: MapPath): Workspace {
  const names = new Map<string, string>();
  const data: { [id: string]: PartialJSONValue } = {};
  for (const [id, value] of Object.entries(workspace.data)) {
    const tab = documentTab(id, value);
    const path = tab && mapPath(tab.path);
    if (tab && path !== null) {
      const name = `${tab.kind}:${path}`;
      names.set(id, name);
      data[name] = { data: { ...tab.args, path } };
    }
  }
  const layout = workspace.data[restorer];
  if (isObject(layout)) {
    const main = isObject(layout['main']) ? layout['main'] : {};
    const dock = mapArea(main['dock'], names);
    const current = typeof main['current'] === 'string' ? names.get(main['current']) : undefined;
    data[restorer] = { main: { dock, ...(current !== undefined && { current }) } };
  }
  return { data, metadata: workspace.metadata };
}

type Tab = { readonly kind: string; readonly path: string; readonly args: PartialJSONObject };

/** null for everything that is no tab of a document. */
function documentTab(id: string, value: ReadonlyPartialJSONValue): Tab | null {
  const args = isObject(value) && isObject(value['data']) ? value['data'] : null;
  const path = args?.['path'];
  if (!args || typeof path !== 'string') {
    return null;
  }
  const kind = id.slice(0, id.indexOf(':'));
  return id === `${kind}:${path}` ? { kind, path, args } : null;
}

/** The arrangement without tabs that are not sent; null when nothing is left of it. */
function mapArea(area: PartialJSONValue | undefined, names: ReadonlyMap<string, string>): PartialJSONObject | null {
  if (!isObject(area)) {
    return null;
  }
  if (area['type'] === 'tab-area') {
    const old = Array.isArray(area['widgets']) ? area['widgets'] : [];
    const front = old[Number(area['currentIndex'])];
    const kept = old.filter(id => typeof id === 'string' && names.has(id));
    const widgets = kept.map(id => names.get(id as string)!);
    return widgets.length === 0 ? null : { type: 'tab-area', currentIndex: Math.max(kept.indexOf(front!), 0), widgets };
  }
  const children = Array.isArray(area['children']) ? area['children'] : [];
  const sizes = Array.isArray(area['sizes']) ? area['sizes'] : [];
  const mapped = children.map((child, at) => ({ child: mapArea(child, names), size: sizes[at] ?? 1 }));
  const kept = mapped.flatMap(({ child, size }) => (child === null ? [] : [{ child, size }]));
  if (kept.length <= 1) {
    return kept[0]?.child ?? null;
  }
  return {
    type: 'split-area',
    orientation: area['orientation'] ?? 'horizontal',
    sizes: kept.map(({ size }) => size),
    children: kept.map(({ child }) => child)
  };
}

function isObject(value: unknown): value is PartialJSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
