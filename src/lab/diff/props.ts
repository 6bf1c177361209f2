/** What the views of differences are drawn from. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import type { ContentDiff, FileDiff, TableDiff } from '../../core/model/diff';
import type { DiffProps } from './sides';

/** What the views of each kind of file need from JupyterLab. */
export type DiffServices = {
  /** null: outputs and charts are told in words. */
  readonly rendermime: IRenderMimeRegistry | null;
  readonly contents: Contents.IManager;
};

export type ViewProps = DiffProps & { readonly services: DiffServices };

export type ContentProps<T extends ContentDiff = ContentDiff> = ViewProps & {
  readonly file: FileDiff;
  readonly content: T;
};

export type TableProps = ContentProps<TableDiff>;
