/** `show` of a table: schema, statistics, rows. */
import type { TableContent } from '../model/content';
import type { ShowArgs } from '../model/result';
import type { TableInfo } from '../model/table';
import type { Activity, IProject, ITableSession } from '../port';
import { keepLook, readLook } from '../table/kept-look';
import type { Look } from '../table/kept-look';
import { remember } from '../table/memo';
import { readPage } from '../table/page';
import { attachTable } from '../table/source';
import { tableStatistics } from '../table/statistics';
import { tableFormatOf } from '../table/table-format';
import { withContentFile } from './content-file';
import type { ContentReader, ContentVersion } from './content-reader';

export const tableReader: ContentReader = {
  accepts: ({ path }) => tableFormatOf(path) !== null,
  read: readTable
};

/** Name of the table in a session of `withTable`. */
export const TABLE = 'content';

/** Schema, statistics and rows as `args` ask for them. What was looked at once is kept by content. */
export async function readTable(
  project: IProject,
  version: TableSource,
  args: Omit<ShowArgs, 'address'>,
  activity: Activity
): Promise<TableContent> {
  // A dialect is tried out: what it gives is not kept.
  const key = args.dialect ? null : `${version.key}.${tableFormatOf(version.path)}`;
  const known = key === null ? null : await readLook(project, key);
  if (known && !args.page && (!args.statistics || known.statistics)) {
    return toContent(known, args);
  }
  const { look, page } = await withTable(project, version, args.dialect, activity, async (session, table) => {
    const statistics =
      known?.statistics ?? (args.statistics ? await tableStatistics(session, TABLE, table, activity) : undefined);
    return {
      look: { table, ...(statistics && { statistics }) },
      page: args.page && (await readPage(session, TABLE, table, args.page))
    };
  });
  // Only now is it sure that the file was this version while it was read.
  if (key !== null && (!known || (look.statistics && !known.statistics))) {
    await keepLook(project, key, look);
  }
  return { ...toContent(look, args), ...(page && { page }) };
}

type TableSource = Pick<ContentVersion, 'path' | 'key' | 'source'>;

/** Work on the table `TABLE` of a session that has read the version; it is kept for who comes within seconds. */
export async function withTable<T>(
  project: IProject,
  { path, key, source }: TableSource,
  dialect: ShowArgs['dialect'],
  activity: Activity,
  work: (session: ITableSession, table: TableInfo) => Promise<T>
): Promise<T> {
  return withContentFile(project, source, activity, async (file, { ino, size, mtimeNs }) => {
    const keep = JSON.stringify([key, dialect ?? {}, String(ino), size, String(mtimeNs)]);
    const session = await project.tables.open({ files: [file], keep }, activity);
    try {
      const attach = (): Promise<TableInfo> =>
        attachTable(session, { file, path, name: TABLE, ...(dialect && { dialect }) });
      return await work(session, await remember(session, 'table', attach));
    } finally {
      await session.close();
    }
  });
}

function toContent({ table, statistics }: Look, args: Pick<ShowArgs, 'statistics'>): TableContent {
  return { kind: 'table', table, ...(args.statistics && statistics && { statistics }) };
}
