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
import type { ContentReader, ContentVersion } from './show-content';

export const tableReader: ContentReader = {
  accepts: ({ path }) => tableFormatOf(path) !== null,
  read: readTable
};

const NAME = 'content';

async function readTable(
  project: IProject,
  version: ContentVersion,
  args: ShowArgs,
  activity: Activity
): Promise<TableContent> {
  // A dialect is tried out: what it gives is not kept.
  const key = args.dialect ? null : `${version.key}.${tableFormatOf(version.path)}`;
  const known = key === null ? null : await readLook(project, key);
  if (known && !args.page && (!args.statistics || known.statistics)) {
    return toContent(known, args);
  }
  return withContentFile(project, version.source, activity, async file => {
    const keep = JSON.stringify([version.key, args.dialect ?? {}]);
    const session = await project.tables.open({ files: [file], keep }, activity);
    try {
      const table = await remember(session, 'table', () => attach(session, version, file, args));
      const statistics =
        known?.statistics ?? (args.statistics ? await tableStatistics(session, NAME, table, activity) : undefined);
      const look = { table, ...(statistics && { statistics }) };
      if (key !== null && (!known || (statistics && !known.statistics))) {
        await keepLook(project, key, look);
      }
      const page = args.page && (await readPage(session, NAME, table, args.page));
      return { ...toContent(look, args), ...(page && { page }) };
    } finally {
      await session.close();
    }
  });
}

function attach(session: ITableSession, version: ContentVersion, file: string, args: ShowArgs): Promise<TableInfo> {
  return attachTable(session, {
    file,
    path: version.path,
    name: NAME,
    ...(args.dialect && { dialect: args.dialect })
  });
}

function toContent({ table, statistics }: Look, args: ShowArgs): TableContent {
  return { kind: 'table', table, ...(args.statistics && statistics && { statistics }) };
}
