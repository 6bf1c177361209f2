/** `show` of a folder of files of one format: one table, with a column for each `key=value` in their paths. */
import { hasCode } from '../error';
import type { Content, TableContent } from '../model/content';
import type { TreeEntry } from '../model/git';
import type { ShowArgs } from '../model/result';
import type { Activity, IProject } from '../port';
import { readPage } from '../table/page';
import { attachTable } from '../table/source';
import type { TableSource } from '../table/table-source';
import { tableStatistics } from '../table/statistics';
import { tableFormatOf } from '../table/table-format';
import { withContentFile } from './content-file';
import type { Located } from './locate';
import { TABLE } from './show-table';

/** A folder with more is told file by file. */
const MOST_FILES = 500;
/** Names of Spark's and others' own files. */
const HIDDEN = /(^|\/)[._][^/]*$/;

/** null for a folder that is not a table. */
export async function folderContent(
  project: IProject,
  { path, commit }: Located,
  args: ShowArgs,
  activity: Activity
): Promise<Content | null> {
  const entries = (await project.git.listTree(commit.tree, path)).filter(entry => !HIDDEN.test(entry.path));
  const [format, ...others] = new Set(entries.map(entry => tableFormatOf(entry.path)));
  if (path === '' || !format || others.length > 0 || entries.length > MOST_FILES) {
    return null;
  }
  try {
    return await withContentFiles(project, entries, [], activity, files => {
      const parts = files.map((file, i) => ({ file, path: entries[i]!.path.slice(path.length + 1) }));
      return describe(project, path, parts, args, activity);
    });
  } catch (error) {
    if (hasCode(error, 'FORMAT_INVALID', 'ASSET_MISSING', 'TABLES_UNAVAILABLE')) {
      return { kind: 'unreadable', reason: error.message, head: '' };
    }
    throw error;
  }
}

type Parts = NonNullable<TableSource['parts']>;

async function describe(
  project: IProject,
  path: string,
  parts: Parts,
  args: ShowArgs,
  activity: Activity
): Promise<TableContent> {
  const session = await project.tables.open({ files: parts.map(({ file }) => file) }, activity);
  try {
    const table = await attachTable(session, { file: parts[0]!.file, path, name: TABLE, parts });
    const statistics = args.statistics && (await tableStatistics(session, TABLE, table, activity));
    const page = args.page && (await readPage(session, TABLE, table, args.page));
    return { kind: 'table', table, ...(statistics && { statistics }), ...(page && { page }) };
  } finally {
    await session.close();
  }
}

/** `work` with a file for each entry; again when any of them was moved meanwhile. */
async function withContentFiles<T>(
  project: IProject,
  [entry, ...others]: readonly TreeEntry[],
  files: readonly string[],
  activity: Activity,
  work: (files: readonly string[]) => Promise<T>
): Promise<T> {
  return entry
    ? withContentFile(project, { entry }, activity, file =>
        withContentFiles(project, others, [...files, file], activity, work)
      )
    : work(files);
}
