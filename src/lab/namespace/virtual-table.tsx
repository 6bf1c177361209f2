import { type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Rows drawn above and below those in view, so that scrolling does not show gaps. */
const overscan = 8;

export type Column<T> = {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
};

export type VirtualTableProps<T> = {
  readonly label: string;
  /** Names its columns' widths in the style sheet: `bb-mod-<name>`. */
  readonly name: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  /** Pixels. */
  readonly rowHeight: number;
  readonly keyOf: (row: T) => string;
  /** The last rows have come into view. */
  readonly onEnd?: () => void;
};

/** A table of which only the visible rows exist; 10,000 members cost as much as 20. */
export function VirtualTable<T>(props: VirtualTableProps<T>): JSX.Element {
  const { rows, columns, rowHeight } = props;
  const view = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState({ top: 0, height: 600 });
  const [held, setHeld] = useState<string | null>(null);
  const measure = useCallback(() => {
    const node = view.current;
    if (node) {
      setViewport({ top: node.scrollTop, height: node.clientHeight });
    }
  }, []);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(view.current!);
    measure();
    return () => observer.disconnect();
  }, [measure, rows.length]);
  const first = Math.max(Math.floor(viewport.top / rowHeight) - overscan, 0);
  const last = Math.min(Math.ceil((viewport.top + viewport.height) / rowHeight) + overscan, rows.length);
  useEnd(props.onEnd, last >= rows.length);
  // The row that holds the focus always exists, also while it is scrolled away.
  const heldAt = held === null ? -1 : rows.findIndex(row => props.keyOf(row) === held);
  useLayoutEffect(() => {
    if (held !== null && heldAt < 0) {
      // It was taken away with the button that did it: keys must not fall out of the table, or of a dialog around it.
      setHeld(null);
      view.current?.focus({ preventScroll: true });
    }
  }, [held, heldAt]);
  const shown = rows.slice(first, last).map((_, at) => first + at);
  const all = heldAt < 0 || (heldAt >= first && heldAt < last) ? shown : [...shown, heldAt].sort((a, b) => a - b);
  return (
    <div
      className={`bb-VirtualTable bb-mod-${props.name}`}
      role="table"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
    >
      <div role="rowgroup">
        <div className="bb-VirtualTable-row bb-mod-head" role="row" aria-rowindex={1}>
          {columns.map(column => (
            <span key={column.id} role="columnheader" className={`bb-VirtualTable-cell bb-mod-${column.id}`}>
              {column.title}
            </span>
          ))}
        </div>
      </div>
      <div className="bb-VirtualTable-view" ref={view} onScroll={measure} tabIndex={0} role="rowgroup">
        <div style={{ height: rows.length * rowHeight }} role="presentation">
          {all.map(index => (
            <div
              key={props.keyOf(rows[index]!)}
              className="bb-VirtualTable-row"
              role="row"
              aria-rowindex={index + 2}
              style={{ top: index * rowHeight, height: rowHeight }}
              onFocus={() => setHeld(props.keyOf(rows[index]!))}
              onBlur={() => setHeld(null)}
            >
              {columns.map(column => (
                <div key={column.id} role="cell" className={`bb-VirtualTable-cell bb-mod-${column.id}`}>
                  {column.cell(rows[index]!)}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Tell once when the end comes into view, and again after it moved away. */
function useEnd(onEnd: (() => void) | undefined, atEnd: boolean): void {
  useLayoutEffect(() => {
    if (atEnd) {
      onEnd?.();
    }
    // A new function with each drawing is not a new wish.
  }, [atEnd]);
}
