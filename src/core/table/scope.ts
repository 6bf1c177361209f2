import type { ITableSession } from '../port';

/** What the parts work on. */
export type Scope = {
  readonly session: ITableSession;
  /** Name of the attached table. */
  readonly name: string;
  readonly rows: number;
  /** Name of the table that quantiles, histograms and frequent values are taken from; `name` itself, or a sample. */
  readonly sample: string;
  readonly sampleRows: number;
};
