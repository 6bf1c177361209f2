/** Files that a verb writes where its caller wants them: beside their place first, then put there in one step. */
import { parentOf, temporaryName, unlinkQuietly } from '../durable';
import { BranchbookError } from '../error';
import type { IProject } from '../port';

export type ExportTarget = {
  readonly file: string;
  readonly temporary: string;
  readonly format: 'csv' | 'parquet';
  /** Remove what an export that failed left. */
  readonly discard: (project: IProject) => Promise<void>;
};

/** USAGE when the ending names no format. */
export function exportTarget(file: string): ExportTarget {
  const format = /\.(csv|parquet)$/i.exec(file)?.[1]?.toLowerCase();
  if (format !== 'csv' && format !== 'parquet') {
    throw new BranchbookError(
      'USAGE',
      `Rows cannot be written to ${file}.`,
      { argument: 'export', reason: 'the ending is neither .csv nor .parquet' },
      'Name a file that ends in .csv or .parquet.'
    );
  }
  const temporary = temporaryName(file);
  return { file, temporary, format, discard: ({ files }) => unlinkQuietly(files, temporary) };
}

export async function publishExport({ files }: IProject, { file, temporary }: ExportTarget): Promise<void> {
  const handle = await files.open(temporary, 'write');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await files.rename(temporary, file);
  await files.syncDirectory(parentOf(file));
}
