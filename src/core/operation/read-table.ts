/** What is in a version of a table: its statistics, kept by content, and answers to questions about its rows. */
import { BranchbookError } from '../error';
import type { ColumnDrift } from '../model/diff';
import type { TreeEntry } from '../model/git';
import type { Activity, IProject, ITableSession } from '../port';
import type { TableFacts } from '../table/check-table';
import { measureDrift } from '../table/drift';
import type { Ask } from '../table/find-anomalies';
import { isUnique, listDomains, runProbes } from '../table/probe';
import { sharedColumns } from '../table/shared-columns';
import type { Relation } from '../table/shared-columns';
import { attachTable } from '../table/source';
import { quoteName } from '../table/sql';
import { readPointer } from '../transition/content';
import type { FileIdentity } from '../transition/content';
import { withContentFile } from './content-file';
import type { ContentSource } from './content-file';
import { readTable, TABLE, withTable } from './show-table';

/** A table of a snapshot; with `entry` null, the file on disk. */
export type TableVersion = {
  /** Project path. */
  readonly path: string;
  readonly entry: TreeEntry | null;
  /** The file of the work tree that has just this content: reading it saves a copy. */
  readonly onDisk?: FileIdentity | null;
};

const FROM = quoteName(TABLE);

/** FORMAT_INVALID for what is no table, ASSET_MISSING, OBJECT_CORRUPT, TABLES_UNAVAILABLE, CANCELLED, DISK_FULL. */
export async function readFacts(project: IProject, version: TableVersion, activity: Activity): Promise<TableFacts> {
  const source = await sourceOf(project, version);
  const { table, statistics } = await readTable(project, source, { statistics: true }, activity);
  const { format, rows, brokenCount } = table;
  return { format, rows, brokenCount, columns: statistics! };
}

async function work<T>(
  project: IProject,
  version: TableVersion,
  activity: Activity,
  query: (session: ITableSession) => Promise<T>
): Promise<T> {
  return withTable(project, await sourceOf(project, version), undefined, activity, query);
}

/** Answers probes. */
export function askTable(project: IProject, version: TableVersion, activity: Activity): Ask {
  return (probes, wanted) => work(project, version, activity, session => runProbes(session, FROM, probes, wanted));
}

/** All values of text columns; null for one with more than a domain may have. */
export async function listValues(
  project: IProject,
  version: TableVersion,
  columns: readonly string[],
  activity: Activity
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  return columns.length === 0
    ? new Map()
    : work(project, version, activity, session => listDomains(session, FROM, columns));
}

export async function isUniqueColumn(
  project: IProject,
  version: TableVersion,
  column: string,
  activity: Activity
): Promise<boolean> {
  return work(project, version, activity, session => isUnique(session, FROM, column));
}

/** How the distributions of some columns changed; those that are not in both versions, or not comparable, are left out. */
export async function compareDistributions(
  project: IProject,
  [from, to]: readonly [TableVersion, TableVersion],
  columns: readonly string[],
  activity: Activity
): Promise<readonly ColumnDrift[]> {
  if (columns.length === 0) {
    return [];
  }
  return withContentFile(project, contentOf(from), activity, before =>
    withContentFile(project, contentOf(to), activity, async now => {
      const session = await project.tables.open({ files: [before, now] }, activity);
      try {
        const sides = {
          from: await attachSide(session, 'from', from.path, before),
          to: await attachSide(session, 'to', to.path, now)
        };
        const shared = sharedColumns(sides.from, sides.to).filter(({ name }) => columns.includes(name));
        return await measureDrift(session, { ...sides, shared, key: [] });
      } finally {
        await session.close();
      }
    })
  );
}

async function attachSide(session: ITableSession, name: string, path: string, file: string): Promise<Relation> {
  const { columns, rows } = await attachTable(session, { file, path, name });
  return { view: name, columns, rows };
}

function contentOf({ path, entry, onDisk }: TableVersion): ContentSource {
  return entry ? { entry, onDisk } : { workTreePath: path };
}

/** With a name for the content, under which statistics are kept. */
async function sourceOf(
  project: IProject,
  version: TableVersion
): Promise<{ readonly path: string; readonly key: string; readonly source: ContentSource }> {
  const { path, entry } = version;
  const source = contentOf(version);
  if (entry) {
    return { path, key: (await readPointer(project, entry.oid))?.sha256 ?? `blob-${entry.oid}`, source };
  }
  const stat = await project.files.lstat(`${project.root}/${path}`);
  if (!stat) {
    throw new BranchbookError('PATH_UNKNOWN', `There is no ${path} on disk.`, { path });
  }
  return { path, key: `file-${stat.ino}-${stat.size}-${stat.mtimeNs}-${stat.ctimeNs}`, source };
}
