/** What `compare` takes and gives. Lists have one value for each revision, in order. */
import type { AssetKind } from './asset';
import type { DriftLevel } from './diff';
import type { ObjectId } from './git';
import type { ChangeKind } from './snapshot';

/** Which values of a metric are the good ones; null when nobody said so and its name does not tell. */
export type MetricDirection = 'higher' | 'lower' | null;

/** How the rows of a dataset differ from the baseline's; null on the baseline, and where the file is the same or missing. */
export type RowDelta = {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** The worst of its columns; null when drift was not looked at. */
  readonly drift: DriftLevel | null;
};

/** A dataset that differs. `rows` is null where it is missing or no table; `reason` says why, in words. */
export type ComparedDataset = {
  readonly path: string;
  readonly rows: readonly (number | null)[];
  readonly columns: readonly (number | null)[];
  readonly deltas: readonly (RowDelta | null)[];
  readonly reason?: string;
};

/** A model that differs; null where it is missing. */
export type ComparedModel = {
  readonly path: string;
  readonly versions: readonly ({
    readonly format: string;
    readonly framework: string | null;
    readonly estimator: string | null;
    /** Trained parameters; null when the file does not say. */
    readonly parameters: number | null;
    readonly size: number;
  } | null)[];
};

/** A parameter: of `params.*`, `params/**`, or the settings of a model. null where it is missing. */
export type ComparedParam = {
  readonly path: string;
  readonly name: string;
  readonly values: readonly (string | number | boolean | null)[];
};

export type CompareArgs = {
  /** Two or more branches or revisions; the first is the baseline. One = against the work tree's branch. */
  readonly revisions: readonly string[];
  readonly paths?: readonly string[];
  /** Look into datasets and models too: rows, drift, parameters. Takes as long as reading them. */
  readonly content?: boolean;
  /** With `content`: how far the distributions of the datasets' columns moved, too. */
  readonly drift?: boolean;
};
/** A number found in `metrics/**` on each revision, in the order of `revisions`; null where it is missing. */
export type MetricRow = {
  readonly path: string;
  readonly name: string;
  readonly values: readonly (number | string | null)[];
  readonly direction?: MetricDirection;
  /** Metrics measured again and again (rows of a CSV file): all values on each revision, in order; null where missing. */
  readonly series?: readonly (readonly (number | null)[] | null)[];
};
export type CompareResult = {
  readonly revisions: readonly {
    readonly name: string;
    readonly commit: ObjectId;
    readonly ahead: number;
    readonly behind: number;
  }[];
  /** Files that differ between the first and any other revision. */
  readonly files: readonly {
    readonly path: string;
    readonly kind: AssetKind | 'notebook' | 'code';
    readonly asset: boolean;
    /** Bytes per revision; null where the file does not exist. */
    readonly sizes: readonly (number | null)[];
    readonly change: readonly (ChangeKind | null)[];
  }[];
  readonly metrics: readonly MetricRow[];
  readonly params?: readonly ComparedParam[];
  /** With `content`. */
  readonly datasets?: readonly ComparedDataset[];
  readonly models?: readonly ComparedModel[];
  /** The whole comparison as Markdown, to paste into a review. */
  readonly markdown?: string;
};
