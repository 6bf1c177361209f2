/** `show` of a table: schema, statistics, rows. */
import type { TableContent } from '../model/content';
import type { ShowArgs } from '../model/result';
import type { Activity, IProject } from '../port';
import { attachTable } from '../table/source';
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
  return withContentFile(project, version.source, activity, async file => {
    const keep = JSON.stringify([version.key, args.dialect ?? {}]);
    const session = await project.tables.open({ files: [file], keep }, activity);
    try {
      const table = await attachTable(session, {
        file,
        path: version.path,
        name: NAME,
        ...(args.dialect && { dialect: args.dialect })
      });
      return { kind: 'table', table };
    } finally {
      await session.close();
    }
  });
}
