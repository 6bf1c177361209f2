/** What `compare` tells of data, models and parameters, beside files and metrics. One value for each revision, in order. */
import type { DriftLevel } from './diff';

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
