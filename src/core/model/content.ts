/** What is in a version of a file: told without ever running any of it. */
import type { ColumnStatistics, TableInfo, TablePage } from './table';

export type TableContent = {
  readonly kind: 'table';
  readonly table: TableInfo;
  readonly statistics?: readonly ColumnStatistics[];
  readonly page?: TablePage;
};

export type ModelTensor = { readonly name: string; readonly type: string; readonly shape: readonly number[] };
export type ModelContent = {
  readonly kind: 'model';
  /** `safetensors`, `onnx`, `pickle`, … */
  readonly format: string;
  /** `scikit-learn 1.5.2`, `pytorch`, …; null when the file does not say. */
  readonly framework: string | null;
  /** `RandomForestClassifier`; null when the file does not say. */
  readonly estimator: string | null;
  /** Number of trained parameters; null when the file does not say. */
  readonly parameters: number | null;
  /** Settings by name: hyperparameters, metadata of the header. */
  readonly settings: Readonly<Record<string, string | number | boolean | null>>;
  /** Names of the columns it was trained on; null when the file does not say. */
  readonly features: readonly string[] | null;
  /** The first thousand. */
  readonly tensors: readonly ModelTensor[];
  readonly tensorCount: number;
  /** Numbers of `metrics/**` in the snapshot that made the model. */
  readonly metrics: readonly { readonly path: string; readonly name: string; readonly value: number | string }[];
  /** Versions of datasets in the snapshot that made the model. */
  readonly trainedOn: readonly { readonly path: string; readonly address: string }[];
  readonly notices: readonly string[];
};

/** JupyterLab has a renderer for `mime`; the bytes come with `get`. */
export type MediaContent = {
  readonly kind: 'image' | 'audio' | 'text' | 'json' | 'notebook';
  readonly mime: string;
  /** Pixels; images of known formats only. */
  readonly width?: number;
  readonly height?: number;
  /** Text and JSON: the beginning, at most 256 KiB. */
  readonly text?: string;
  readonly truncated?: boolean;
};

export type BinaryContent = {
  readonly kind: 'binary';
  /** `gzip archive`, `ZIP archive`, `unknown`. */
  readonly type: string;
  /** The first 256 bytes as hexadecimal. */
  readonly head: string;
};

/** A file that is not what its name says, or damaged; the version itself is fine. */
export type UnreadableContent = { readonly kind: 'unreadable'; readonly reason: string; readonly head: string };

export type Content = TableContent | ModelContent | MediaContent | BinaryContent | UnreadableContent;
