import { useEffect, useState } from 'react';
import type { RowChange } from '../../core/model/diff';
import { numberInWords } from '../panel/words';
import { ShareBar } from '../table/charts';
import { diffCellText, rowCells, signs } from './diff-cell';
import { DiffGrid } from './diff-grid';
import { rowChangeInWords } from './diff-words';
import { LuminoHost } from './lumino-host';
import type { TableProps } from './props';

const kinds: readonly RowChange[] = ['added', 'removed', 'changed'];

/** The rows that differ, by kind, in a grid that loads them as they are looked at. */
export function RowsView(props: TableProps): JSX.Element {
  const { content, trans } = props;
  const { added, removed, changed } = content.counts;
  if (added + removed + changed === 0) {
    return (
      <p className="bb-Quiet bb-Diff-notice" role="status">
        {trans.__('All %1 rows are the same.', numberInWords(content.counts.unchanged))}
      </p>
    );
  }
  return (
    <div className="bb-Rows">
      <Kinds {...props} />
      <ChangedColumns {...props} />
      <Grid {...props} />
    </div>
  );
}

/** How many rows of each kind there are; pressing one shows only those. */
function Kinds({ model, content, trans }: TableProps): JSX.Element {
  const { counts } = content;
  const choice = (kind: RowChange | null, count: number, text: string): JSX.Element => (
    <button
      key={kind ?? 'all'}
      type="button"
      className={`bb-Choice bb-mod-${kind ?? 'all'}`}
      aria-pressed={model.kind === kind}
      disabled={count === 0}
      onClick={() => (model.kind = kind)}
    >
      {kind !== null && <span className="bb-Choice-sign">{signs[kind]}</span>}
      <b>{numberInWords(count)}</b> {text}
    </button>
  );
  return (
    <div className="bb-Kinds" role="group" aria-label={trans.__('Rows on show')}>
      {choice(null, counts.added + counts.removed + counts.changed, trans.__('differ'))}
      {kinds.map(kind => choice(kind, counts[kind], rowChangeInWords(kind, trans)))}
      <span className="bb-Quiet">
        {trans.__(
          '%1 unchanged · %2 → %3 rows',
          numberInWords(counts.unchanged),
          numberInWords(counts.from),
          numberInWords(counts.to)
        )}
      </span>
    </div>
  );
}

/** Columns named at first. */
const named = 8;

function ChangedColumns({ content, trans }: TableProps): JSX.Element | null {
  const [all, setAll] = useState(false);
  const columns = [...content.changedCells].sort((a, b) => b.count - a.count);
  if (columns.length === 0) {
    return null;
  }
  return (
    <div className="bb-ChangedColumns">
      <span className="bb-TableDiff-label">{trans.__('Changed cells')}</span>
      <ul>
        {columns.slice(0, all ? columns.length : named).map(({ column, count }) => (
          <li key={column} title={trans._n('%2: %1 changed cell', '%2: %1 changed cells', count, column)}>
            <span className="bb-ChangedColumns-name">{column}</span>
            <span className="bb-ChangedColumns-count">{numberInWords(count)}</span>
            <ShareBar share={count / content.counts.changed} />
          </li>
        ))}
      </ul>
      {!all && columns.length > named && (
        <button type="button" className="bb-LinkButton" onClick={() => setAll(true)}>
          {trans.__('%1 more', columns.length - named)}
        </button>
      )}
    </div>
  );
}

function Grid(props: TableProps): JSX.Element {
  const { model, content, trans } = props;
  const { kind } = model;
  const [grid, setGrid] = useState<DiffGrid | null>(null);
  const [told, setTold] = useState('');
  useEffect(() => {
    if (!grid) {
      return;
    }
    const source = model.source(content);
    // The first answer has the first rows of all kinds; they need no second request.
    const last = Math.min(source.columns.length, firstBlock);
    const first = { total: content.total, rows: content.rows.map(row => rowCells(row, 0, last)) };
    void grid.pages.show(source, kind === null ? first : undefined).then(() => !grid.isDisposed && grid.fitColumns());
  }, [grid, model, content, kind]);
  const create = (): DiffGrid => {
    const made = new DiffGrid(trans);
    made.selectionModel?.changed.connect(() => setTold(describe(made, props)));
    setGrid(made);
    return made;
  };
  return (
    <>
      <LuminoHost create={create} className="bb-Host bb-Rows-grid" />
      <Problem grid={grid} {...props} />
      <p className="bb-Rows-cursor" role="status">
        {told || trans.__('Select a cell to read it in full.')}
      </p>
    </>
  );
}

/** Columns of the grid's first page. */
const firstBlock = 64;

/** The selected cell in words: the grid is a picture. */
function describe(grid: DiffGrid, { trans }: TableProps): string {
  const at = grid.cursor;
  const cell = at && grid.pages.value(at.row, at.column);
  if (!at || !cell) {
    return '';
  }
  const name = grid.pages.columns[at.column]?.name ?? '';
  return trans.__('%1 · %2: %3', rowChangeInWords(cell.row, trans), name, diffCellText(cell));
}

/** Why rows are missing, with another try. */
function Problem({ grid, trans }: TableProps & { readonly grid: DiffGrid | null }): JSX.Element | null {
  const [, redraw] = useState(0);
  useEffect(() => {
    const update = (): void => redraw(count => count + 1);
    grid?.pages.stateChanged.connect(update);
    return () => void grid?.pages.stateChanged.disconnect(update);
  }, [grid]);
  const problem = grid?.pages.problem;
  return problem ? (
    <div className="bb-Problem" role="alert">
      {problem.message}{' '}
      <button type="button" className="bb-LinkButton" onClick={() => grid.pages.retry()}>
        {trans.__('Try again')}
      </button>
    </div>
  ) : null;
}
