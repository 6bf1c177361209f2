/** `<home>/format`: which version of our formats a project is written in, so that an older program does not misread it. */
import { readJson, writeDurable } from '../durable';
import { BranchbookError } from '../error';
import type { IFileSystem } from '../port';

/** The newest that this program knows. Projects without the file are of version 1 too. */
const VERSION = 1;

const pathOf = (home: string): string => `${home}/format`;

/** FORMAT_TOO_NEW when a newer Branchbook changed how things are written; FORMAT_INVALID when the file is damaged. */
export async function checkFormat(files: IFileSystem, home: string): Promise<void> {
  const path = pathOf(home);
  const format = (await readJson(files, path).catch(() => ({}))) as { readonly version?: unknown } | null;
  if (format === null) {
    return;
  }
  if (typeof format.version !== 'number') {
    const hint = 'A project that any version up to 0.2 made has version 1: delete that file.';
    throw new BranchbookError('FORMAT_INVALID', `${path} does not tell a version.`, { format: 'format', path }, hint);
  }
  if (format.version > VERSION) {
    throw new BranchbookError(
      'FORMAT_TOO_NEW',
      `This project is in format version ${format.version}; this Branchbook knows up to ${VERSION}.`,
      { found: format.version, supported: VERSION },
      'Update Branchbook: `pip install --upgrade branchbook`.'
    );
  }
}

export async function writeFormat(files: IFileSystem, home: string): Promise<void> {
  if (!(await files.lstat(pathOf(home)))) {
    await writeDurable(files, pathOf(home), new TextEncoder().encode(`${JSON.stringify({ version: VERSION })}\n`));
  }
}
