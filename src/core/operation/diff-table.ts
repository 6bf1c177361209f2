/** `diff` of a table: schema, rows and distributions. */
import { hasCode } from '../error';
import { parseSchema, SCHEMA_MAX_BYTES, schemaPath } from '../format/schema-file';
import type { ContentDiff, DiffArgs, DiffRowsArgs, TableDiff } from '../model/diff';
import { PAGE_MAX_ROWS } from '../model/table';
import type { TableInfo } from '../model/table';
import type { Activity, FileStat, IProject, ITableSession, TableAccess } from '../port';
import { diffTables } from '../table/diff-tables';
import type { DiffInput } from '../table/diff-tables';
import type { KeyWish } from '../table/find-key';
import { pandasIndex } from '../table/parquet-index';
import type { Relation } from '../table/shared-columns';
import { attachTable } from '../table/source';
import { tableFormatOf } from '../table/table-format';
import { withContentFile } from './content-file';
import { readText } from './contents';
import type { FileVersion } from './diff-files';
import { exportTarget, publishExport } from './export-file';

type Pair = { readonly from: FileVersion; readonly to: FileVersion };
type Files = readonly [string, string];

const FIRST_ROWS: DiffRowsArgs = { offset: 0, limit: 100 };

/** null for files that are no tables. USAGE for a key or an export that cannot be; DISK_FULL, CANCELLED, ASSET_MISSING. */
export async function diffTable(
  project: IProject,
  pair: Pair,
  args: DiffArgs,
  activity: Activity
): Promise<ContentDiff | null> {
  if (tableFormatOf(pair.from.path) === null || tableFormatOf(pair.to.path) === null) {
    return null;
  }
  const wish = { named: args.key, ...(await declaredKey(project, pair, activity)) };
  try {
    return await withFiles(project, pair, activity, (files, signature) =>
      diffFiles(project, { pair, files, signature, wish, args }, activity)
    );
  } catch (error) {
    if (hasCode(error, 'FORMAT_INVALID')) {
      return { kind: 'opaque', reason: error.message };
    }
    throw error;
  }
}

/** `signature` changes when a file does. */
async function withFiles<T>(
  project: IProject,
  { from, to }: Pair,
  activity: Activity,
  work: (files: Files, signature: string) => Promise<T>
): Promise<T> {
  const sign = ({ ino, size, mtimeNs }: FileStat): string => [ino, size, mtimeNs].join(' ');
  return withContentFile(project, sourceOf(from), activity, (first, stat) =>
    withContentFile(project, sourceOf(to), activity, (second, other) =>
      work([first, second], `${sign(stat)}, ${sign(other)}`)
    )
  );
}

function sourceOf({ path, entry }: FileVersion): Parameters<typeof withContentFile>[1] {
  return entry ? { entry } : { workTreePath: path };
}

type Request = {
  readonly pair: Pair;
  readonly files: Files;
  readonly signature: string;
  readonly wish: KeyWish;
  readonly args: DiffArgs;
};

/** Pages that follow within seconds find the session as it was left. */
async function diffFiles(project: IProject, request: Request, activity: Activity): Promise<TableDiff> {
  const { files, signature, wish, args } = request;
  const target = args.export === undefined ? null : exportTarget(args.export);
  const access: TableAccess = target
    ? { files, writes: [target.temporary] }
    : { files, keep: JSON.stringify(['diff', signature, wish, args.drift === true]) };
  activity.onProgress?.({ phase: 'comparing tables', done: 0, total: null, unit: 'files', path: request.pair.to.path });
  const session = await project.tables.open(access, activity);
  try {
    const { offset, limit, kind } = args.rows ?? FIRST_ROWS;
    const options = {
      rows: { offset, limit: Math.min(limit, PAGE_MAX_ROWS), ...(kind && { kind }) },
      drift: args.drift,
      ...(target && { export: { file: target.temporary, format: target.format } })
    };
    const result = await diffTables(session, () => attachBoth(session, request), options);
    if (target) {
      await publishExport(project, target);
    }
    return result;
  } finally {
    await session.close();
    if (target) {
      await target.discard(project);
    }
  }
}

async function attachBoth(session: ITableSession, { pair, files, wish }: Request): Promise<DiffInput> {
  const from = await attachTable(session, { file: files[0], path: pair.from.path, name: 'from' });
  const to = await attachTable(session, { file: files[1], path: pair.to.path, name: 'to' });
  const isParquet = from.format === 'parquet' && to.format === 'parquet';
  const [before, after] = isParquet
    ? [await pandasIndex(session, files[0]), await pandasIndex(session, files[1])]
    : [[], []];
  const index = before.join('\0') === after.join('\0') ? after : [];
  return {
    from: relationOf('from', from),
    to: relationOf('to', to),
    wish: { ...wish, index },
    broken: { from: from.brokenCount, to: to.brokenCount },
    notices: [...new Set([...from.notices, ...to.notices])]
  };
}

function relationOf(view: string, { columns, rows }: TableInfo): Relation {
  return { view, columns, rows };
}

/** By the schema file of the second side, else of the first. One that cannot be read declares nothing here: `check` tells. */
async function declaredKey(
  project: IProject,
  { from, to }: Pair,
  activity: Activity
): Promise<Pick<KeyWish, 'declared'>> {
  for (const version of [to, from]) {
    const text = await readSchema(project, version, activity);
    try {
      const key = text === null ? undefined : parseSchema(text, schemaPath(version.path)).schema.key;
      if (key && key.length > 0) {
        return { declared: key };
      }
    } catch (error) {
      if (!hasCode(error, 'FORMAT_INVALID', 'FORMAT_TOO_NEW')) {
        throw error;
      }
    }
  }
  return {};
}

async function readSchema(project: IProject, { path, tree }: FileVersion, activity: Activity): Promise<string | null> {
  if (tree === null) {
    const stat = await project.files.lstat(`${project.root}/${schemaPath(path)}`);
    const bytes =
      stat?.kind === 'file' && stat.size <= SCHEMA_MAX_BYTES
        ? await project.files.readFile(`${project.root}/${schemaPath(path)}`)
        : null;
    return bytes && new TextDecoder().decode(bytes);
  }
  const entry = await project.git.entry(tree, schemaPath(path));
  return entry && readText(project, entry, SCHEMA_MAX_BYTES, activity);
}
