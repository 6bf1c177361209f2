/** One step of a long operation. `done` and `total` are in `unit`; total is null while unknown. */
export type Progress = {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'files' | 'commits' | 'columns';
  /** The path being worked on, if any. */
  readonly path?: string;
};

export type ProgressListener = (progress: Progress) => void;

/** Passed to every call that may take long. */
export type Activity = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /**
   * For work in the background: awaited between pieces of work of a few milliseconds each, so that others go first. Throws
   * CANCELLED, like a look at the signal.
   */
  readonly breathe?: (() => Promise<void>) | undefined;
};
