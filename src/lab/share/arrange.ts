import type { SharedWorkspace } from '../../core/model/namespace';

/** One document to open, in this order. Paths are the project's. */
export type Opening = {
  readonly path: string;
  /** Relative to `beside`; a document without is opened where JupyterLab puts new ones. */
  readonly mode: 'tab-after' | 'split-right' | 'split-bottom';
  readonly beside: string | null;
};

export type Arrangement = {
  readonly openings: readonly Opening[];
  /** The one that ends up in front; null when there is none. */
  readonly front: string | null;
};

/** Areas within areas; deeper ones than anybody arranges by hand are left out. */
const deepest = 20;

/**
 * How to open the documents of a link as its sender had them. Only paths and their places are read from JupyterLab's
 * workspace: whatever else is in it came from somebody else, and is not restored.
 */
export function arrange(workspace: SharedWorkspace): Arrangement {
  const documents = workspace.documents.filter(isProjectPath);
  const dock = dig(workspace.layout, 'data', 'layout-restorer:data', 'main', 'dock');
  const arranged: Opening[] = [];
  place(dock, new Set(documents), null, 'tab-after', arranged, 0);
  const placed = new Set(arranged.map(({ path }) => path));
  const rest = documents
    .filter(path => !placed.has(path))
    .map((path): Opening => ({ path, mode: 'tab-after', beside: null }));
  return { openings: [...arranged, ...rest], front: documents[0] ?? null };
}

/** Append the documents of an area; the first of them stands beside `beside`. Gives that first one. */
function place(
  area: unknown,
  wanted: ReadonlySet<string>,
  beside: string | null,
  mode: Opening['mode'],
  openings: Opening[],
  depth: number
): string | null {
  if (depth > deepest) {
    return null;
  }
  let first: string | null = null;
  const add = (path: string): void => {
    openings.push({ path, mode: first === null ? mode : 'tab-after', beside: first ?? beside });
    first ??= path;
  };
  for (const id of listAt(area, 'widgets')) {
    const path = typeof id === 'string' ? id.slice(id.indexOf(':') + 1) : '';
    if (wanted.has(path) && !openings.some(opening => opening.path === path)) {
      add(path);
    }
  }
  const split = dig(area, 'orientation') === 'vertical' ? 'split-bottom' : 'split-right';
  let last: string | null = null;
  for (const child of listAt(area, 'children')) {
    const placed: string | null = place(
      child,
      wanted,
      last ?? beside,
      last === null ? mode : split,
      openings,
      depth + 1
    );
    first ??= placed;
    last = placed ?? last;
  }
  return first;
}

/** True for a path that cannot lead out of the project. */
export function isProjectPath(path: string): boolean {
  const parts = path.split('/');
  return path !== '' && !/[\\:\0]/.test(path) && parts.every(part => part !== '' && part !== '.' && part !== '..');
}

function dig(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as { [name: string]: unknown })[name] : null,
    value
  );
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = dig(value, name);
  return Array.isArray(list) ? list : [];
}
