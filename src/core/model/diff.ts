/** What changed between two versions of a file, by what kind of file it is. */
import type { ModelContent } from './content';
import type { Cell, Column, ColumnKind, HistogramBin, TableKey } from './table';

export type DiffArgs = {
  /** Revision, or `path@revision`; missing = HEAD. */
  readonly from?: string;
  /** Revision, or `path@revision`; missing = the work tree. */
  readonly to?: string;
  /** Project path; missing = all files that differ, without their contents. */
  readonly path?: string;
  /** Columns whose values name a row; none = compare rows as a bag. Missing = find the key. */
  readonly key?: readonly string[];
  /** Tables: which rows to show; missing = the first hundred of all kinds. */
  readonly rows?: DiffRowsArgs;
  /** Tables: compare the distribution of every column too. */
  readonly drift?: boolean;
  /** Absolute path of a .csv or .parquet file to write all changed rows to. */
  readonly export?: string;
};
export type RowChange = 'added' | 'removed' | 'changed';
export type DiffRowsArgs = { readonly offset: number; readonly limit: number; readonly kind?: RowChange };

/** One side: a snapshot, or the work tree (`commit` null). */
export type DiffSide = { readonly name: string; readonly commit: string | null };

export type DiffResult = {
  readonly from: DiffSide;
  readonly to: DiffSide;
  readonly files: readonly FileDiff[];
};
export type FileDiff = {
  readonly path: string;
  /** Where it is on the first side, when two addresses with different paths were compared. */
  readonly fromPath?: string;
  readonly change: 'added' | 'removed' | 'modified' | 'same';
  readonly asset: boolean;
  /** Bytes; null where the file does not exist. */
  readonly sizes: readonly [number | null, number | null];
  /** Present when one path was asked for that both sides have, and that differs. */
  readonly content?: ContentDiff;
};

export type ContentDiff = TableDiff | ModelDiff | TreeDiff | NotebookDiff | TextDiff | MediaDiff | OpaqueDiff;

// ------------------------------------------------------------------------------------------------ tables

export type SchemaDiff = {
  readonly added: readonly Column[];
  readonly removed: readonly Column[];
  readonly retyped: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  /** A removed and an added column that look like one: `similarity` is the share of equal values, 0 to 1. */
  readonly renamed: readonly { readonly from: string; readonly to: string; readonly similarity: number }[];
  /** True when the columns both have stand in another order. */
  readonly reordered: boolean;
};

/** One row that differs. A changed row has both sides, in the order of `TableDiff.columns`; null where a side lacks the row. */
export type RowDiff = {
  readonly kind: RowChange;
  readonly from: readonly Cell[] | null;
  readonly to: readonly Cell[] | null;
  /** Positions in `columns` of the cells that differ. */
  readonly cells: readonly number[];
};

export type TableDiff = {
  readonly kind: 'table';
  /** null: rows were compared as a bag, so that a changed row is one removed and one added. */
  readonly key: TableKey | null;
  /** Keys that stand on several rows, or hold null: those rows were compared as a bag, each counted. */
  readonly duplicateKeys: { readonly from: number; readonly to: number };
  readonly nullKeys: { readonly from: number; readonly to: number };
  readonly schema: SchemaDiff;
  /** Rows, exact. */
  readonly counts: {
    readonly from: number;
    readonly to: number;
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly unchanged: number;
  };
  /** How many rows changed in each column that both have; only those above 0. */
  readonly changedCells: readonly { readonly column: string; readonly count: number }[];
  /** Columns of `rows`: those of either side, keys first. */
  readonly columns: readonly Column[];
  readonly rows: readonly RowDiff[];
  /** Rows there are of the kind that was asked for. */
  readonly total: number;
  readonly drift?: readonly ColumnDrift[];
  /** Rows that could not be read were left out; how many on each side. */
  readonly broken: { readonly from: number; readonly to: number };
  readonly notices: readonly string[];
};

export type DriftLevel = 'none' | 'warn' | 'fail';
/** A number together with all one needs to know to read it. */
export type DriftMeasure = {
  readonly name: 'psi' | 'jensen-shannon' | 'kolmogorov-smirnov' | 'chi-squared';
  readonly value: number;
  /** Tests only. */
  readonly pValue?: number;
  readonly level: DriftLevel;
  /** For people, with the base of logarithms, bins and floor. */
  readonly formula: string;
};
export type ColumnDrift = {
  readonly column: string;
  readonly kind: ColumnKind;
  /** Values that are not null, on each side. */
  readonly n: readonly [number, number];
  readonly nulls: readonly [number, number];
  readonly level: DriftLevel;
  readonly measures: readonly DriftMeasure[];
  /** Both sides over the same bins (numbers, times) or values (all else; the last may be "other"). */
  readonly bins: readonly {
    readonly bin: HistogramBin | null;
    readonly value: Cell;
    /** True for the one that stands for all other values. */
    readonly rest?: true;
    readonly from: number;
    readonly to: number;
  }[];
};

// ------------------------------------------------------------------------------------------- all the others

export type ModelDiff = {
  readonly kind: 'model';
  readonly from: ModelContent;
  readonly to: ModelContent;
};

/** JSON and YAML: one row a leaf, dotted path; a side that lacks it has no property. `delta` when both are numbers. */
export type TreeDiff = {
  readonly kind: 'tree';
  readonly changes: readonly {
    readonly path: string;
    readonly from?: string | number | boolean | null;
    readonly to?: string | number | boolean | null;
    readonly delta: number | null;
  }[];
  readonly total: number;
};

/** Lines with ' ' unchanged, '+' added, '-' removed; long runs of unchanged lines are left out ('@' and how many). */
export type DiffLine = { readonly mark: ' ' | '+' | '-' | '@'; readonly text: string };
export type TextDiff = { readonly kind: 'text'; readonly lines: readonly DiffLine[]; readonly truncated: boolean };

export type CellDiff = {
  readonly id: string;
  readonly type: 'code' | 'markdown' | 'raw';
  readonly change: RowChange | 'moved' | 'same';
  /** Positions in the notebook, from 0; null where a side lacks the cell. */
  readonly positions: readonly [number | null, number | null];
  readonly source: readonly DiffLine[];
  /** nbformat outputs of each side, for JupyterLab's renderers; only when they differ, images included. */
  readonly outputs: { readonly from: readonly unknown[]; readonly to: readonly unknown[] } | null;
};
export type NotebookDiff = {
  readonly kind: 'notebook';
  readonly cells: readonly CellDiff[];
  readonly metadata: boolean;
};

/** The bytes of both sides come with `get`; pictures are compared where they are shown. */
export type MediaDiff = { readonly kind: 'image' | 'audio'; readonly mime: string };
export type OpaqueDiff = { readonly kind: 'opaque'; readonly reason: string };
