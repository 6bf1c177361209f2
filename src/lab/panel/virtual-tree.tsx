import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

/** Pixels drawn above and below what is visible, so that scrolling does not show gaps. */
const overscan = 240;

export type VirtualRow = {
  readonly id: string;
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  readonly height: number;
  readonly expanded?: boolean;
};

export type VirtualTreeProps<T extends VirtualRow> = {
  readonly label: string;
  readonly rows: readonly T[];
  /** What a row shows. `active` rows take part in the tab order: their buttons must have tabIndex 0, others -1. */
  readonly render: (row: T, active: boolean) => ReactNode;
  readonly labelOf: (row: T) => string;
  readonly classOf: (row: T) => string;
  /** Data attributes by which commands of the context menu find what they act on. */
  readonly dataOf: (row: T) => Readonly<Record<`data-${string}`, string>>;
  /** Enter and Space, a click, a double click: expand, collapse or run. */
  readonly onActivate: (row: T, how: 'key' | 'click' | 'double') => void;
  /** Make this row active and visible; a new object does it again. */
  readonly reveal: { readonly id: string } | null;
};

/**
 * An ARIA tree of which only the visible rows exist. One row is in the tab order (roving focus); arrows, Home, End and
 * the page keys move it, arrow right and left expand, collapse and go between levels.
 */
export function VirtualTree<T extends VirtualRow>(props: VirtualTreeProps<T>): JSX.Element {
  const { rows } = props;
  const view = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState({ top: 0, height: 0 });
  const [activeId, setActiveId] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const offsets = useMemo(() => offsetsOf(rows), [rows]);
  const total = offsets[rows.length] ?? 0;
  const activeIndex = Math.max(
    rows.findIndex(row => row.id === activeId),
    0
  );
  useViewport(view, setViewport);

  const moveTo = (index: number, focus: boolean): void => {
    const next = Math.min(Math.max(index, 0), rows.length - 1);
    const row = rows[next];
    if (row && view.current) {
      wantsFocus.current = focus;
      setActiveId(row.id);
      scrollIntoView(view.current, offsets[next] ?? 0, row.height);
    }
  };
  useLayoutEffect(() => {
    if (wantsFocus.current) {
      wantsFocus.current = false;
      view.current?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus({ preventScroll: true });
    }
  });
  useEffect(() => {
    const index = rows.findIndex(row => row.id === props.reveal?.id);
    if (index >= 0) {
      moveTo(index, true);
    }
    // Only a new wish moves the focus, not every change of the rows.
  }, [props.reveal]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const onRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'treeitem';
    const action = keyAction(event.key, rows, activeIndex, viewport.height, onRow);
    if (!action || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (action.moveTo === undefined) {
      props.onActivate(action.activate, 'key');
    } else {
      moveTo(action.moveTo, true);
    }
  };

  const shown = visible(rows, offsets, viewport, activeIndex);
  return (
    <div className="bb-Tree" ref={view} onScroll={() => setViewport(measure(view.current))}>
      <div
        className="bb-Tree-rows"
        role="tree"
        aria-label={props.label}
        style={{ height: total }}
        onKeyDown={onKeyDown}
      >
        {shown.map(index => {
          const row = rows[index]!;
          return (
            <Row
              key={row.id}
              {...props}
              row={row}
              top={offsets[index]!}
              active={index === activeIndex}
              onFocus={() => setActiveId(row.id)}
            />
          );
        })}
      </div>
    </div>
  );
}

type RowProps<T extends VirtualRow> = VirtualTreeProps<T> & {
  readonly row: T;
  readonly top: number;
  readonly active: boolean;
  readonly onFocus: () => void;
};

function Row<T extends VirtualRow>(props: RowProps<T>): JSX.Element {
  const { row, active } = props;
  const label = useMemo(() => props.labelOf(row), [row]);
  return (
    <div
      role="treeitem"
      className={`bb-Tree-row ${props.classOf(row)}`}
      style={{ top: props.top, height: row.height }}
      tabIndex={active ? 0 : -1}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.setSize}
      aria-expanded={row.expanded}
      aria-selected={active}
      aria-label={label}
      {...props.dataOf(row)}
      onFocus={props.onFocus}
      onClick={() => props.onActivate(row, 'click')}
      onDoubleClick={() => props.onActivate(row, 'double')}
    >
      {props.render(row, active)}
    </div>
  );
}

function useViewport(
  view: React.RefObject<HTMLDivElement>,
  set: (viewport: { top: number; height: number }) => void
): void {
  useLayoutEffect(() => {
    const node = view.current;
    if (!node) {
      return undefined;
    }
    set(measure(node));
    const observer = new ResizeObserver(() => set(measure(node)));
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
}

function measure(node: HTMLElement | null): { top: number; height: number } {
  return { top: node?.scrollTop ?? 0, height: node?.clientHeight ?? 0 };
}

/** The top of each row, and the height of all at the end. */
function offsetsOf(rows: readonly VirtualRow[]): readonly number[] {
  const offsets = [0];
  for (const row of rows) {
    offsets.push(offsets[offsets.length - 1]! + row.height);
  }
  return offsets;
}

/** Indices of the rows to draw. The active row always exists: it holds the focus, also while scrolled away. */
function visible(
  rows: readonly VirtualRow[],
  offsets: readonly number[],
  viewport: { readonly top: number; readonly height: number },
  activeIndex: number
): readonly number[] {
  const first = rowAt(offsets, viewport.top - overscan);
  const last = Math.min(rowAt(offsets, viewport.top + viewport.height + overscan), rows.length - 1);
  const indices = [];
  for (let index = first; index <= last; index++) {
    indices.push(index);
  }
  if (activeIndex < first && rows.length > 0) {
    indices.unshift(activeIndex);
  } else if (activeIndex > last && activeIndex < rows.length) {
    indices.push(activeIndex);
  }
  return indices;
}

/** The row at a vertical position, by bisection. */
function rowAt(offsets: readonly number[], y: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle]! <= y) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

function scrollIntoView(view: HTMLElement, top: number, height: number): void {
  if (top < view.scrollTop) {
    view.scrollTop = top;
  } else if (top + height > view.scrollTop + view.clientHeight) {
    view.scrollTop = top + height - view.clientHeight;
  }
}

type KeyAction<T> = { readonly activate: T; readonly moveTo?: undefined } | { readonly moveTo: number };

/** What a key does; null leaves it to the browser, so that buttons inside a row keep Enter and Space. */
function keyAction<T extends VirtualRow>(
  key: string,
  rows: readonly T[],
  index: number,
  height: number,
  onRow: boolean
): KeyAction<T> | null {
  const row = rows[index];
  if (!row) {
    return null;
  }
  const page = Math.max(Math.floor(height / row.height) - 1, 1);
  switch (key) {
    case 'ArrowDown':
      return { moveTo: index + 1 };
    case 'ArrowUp':
      return { moveTo: index - 1 };
    case 'Home':
      return { moveTo: 0 };
    case 'End':
      return { moveTo: rows.length - 1 };
    case 'PageDown':
      return { moveTo: index + page };
    case 'PageUp':
      return { moveTo: index - page };
    case 'Escape':
      // From a button in the row back to the row.
      return onRow ? null : { moveTo: index };
    case 'ArrowRight':
      return row.expanded === false ? { activate: row } : row.expanded ? { moveTo: index + 1 } : null;
    case 'ArrowLeft':
      return row.expanded ? { activate: row } : row.level > 1 ? { moveTo: parentOf(rows, index) } : null;
    case 'Enter':
    case ' ':
      return onRow ? { activate: row } : null;
    default:
      return null;
  }
}

function parentOf(rows: readonly VirtualRow[], index: number): number {
  const level = rows[index]!.level;
  for (let above = index - 1; above >= 0; above--) {
    if (rows[above]!.level < level) {
      return above;
    }
  }
  return index;
}
