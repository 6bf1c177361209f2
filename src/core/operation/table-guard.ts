/** Tables that have a schema, checked against it and against the version before: in snapshots, merges and `check`. */
import { BranchbookError, hasCode } from '../error';
import { parseSchema, schemaPath } from '../format/schema-file';
import type { SchemaFile } from '../format/schema-file';
import type { TreeEntry } from '../model/git';
import { hasFailures } from '../model/table-schema';
import type { Anomaly, AnomalyCode, Severity, TableSchema } from '../model/table-schema';
import type { Activity, IProject } from '../port';
import { driftColumns } from '../table/check-table';
import type { TableFacts } from '../table/check-table';
import type { FileIdentity } from '../transition/content';
import { canFail, findAnomalies } from '../table/find-anomalies';
import type { Comparison } from '../table/find-anomalies';
import { quote } from '../table/suspicion';
import { askTable, compareDistributions, readFacts } from './read-table';
import type { TableVersion } from './read-table';
import type { SchemaTexts } from './table-schemas';

/** Two states of a project's files; `before` is null where there is nothing to compare with. */
export type Versions = {
  readonly now: (path: string) => Promise<TreeEntry | null>;
  readonly before: ((path: string) => Promise<TreeEntry | null>) | null;
  /** The file of the work tree that has the content of `now`. */
  readonly onDisk?: (path: string) => FileIdentity | null;
};

/** Anomalies of those of `tables` that exist and have a schema; null when none of them has one. Only CANCELLED and DISK_FULL are thrown. */
export async function guardTables(
  project: IProject,
  tables: Iterable<string>,
  schemas: SchemaTexts,
  versions: Versions,
  activity: Activity
): Promise<readonly Anomaly[] | null> {
  let guarded = false;
  const anomalies: Anomaly[] = [];
  for (const path of tables) {
    const text = await textOf(schemas, path);
    const entry = text === null ? null : await versions.now(path);
    if (text === null || entry === null) {
      continue;
    }
    guarded = true;
    activity.onProgress?.({ phase: 'check tables', done: 0, total: null, unit: 'files', path });
    const before = (await versions.before?.(path)) ?? null;
    const same = before?.oid === entry.oid;
    const version = { path, entry, onDisk: versions.onDisk?.(path) ?? null };
    anomalies.push(...(await checkTable(project, version, text, same ? null : before, activity)));
  }
  return guarded ? anomalies : null;
}

/** A failure stands for a text, so that a schema that cannot be read is told like one that is wrong. */
async function textOf(schemas: SchemaTexts, path: string): Promise<string | BranchbookError | null> {
  try {
    return await schemas(path);
  } catch (error) {
    return BranchbookError.from(error);
  }
}

/** SCHEMA_VIOLATED when there are anomalies marked `fail`, unless they are allowed. */
export function refuseFailures(anomalies: readonly Anomaly[] | null, allowed: boolean | undefined): void {
  if (!anomalies || allowed || !hasFailures(anomalies)) {
    return;
  }
  const failures = anomalies.filter(({ severity }) => severity === 'fail');
  const [first] = failures as [Anomaly];
  const shown = failures
    .slice(0, 3)
    .map(({ path, message }) => (path === first.path ? message : `${path}: ${message}`));
  const more = failures.length > shown.length ? ` … and ${failures.length - shown.length} more.` : '';
  throw new BranchbookError(
    'SCHEMA_VIOLATED',
    `${first.path} is not as its schema says: ${shown.join(' ')}${more}`,
    { anomalies },
    `Nothing was changed. Correct the data or ${schemaPath(first.path)}, or go on with --allow-anomalies.`
  );
}

/** What one version of a table has that its schema does not expect. `before`: the version to compare with. */
export async function checkTable(
  project: IProject,
  version: TableVersion,
  text: string | BranchbookError,
  before: TreeEntry | null,
  activity: Activity
): Promise<readonly Anomaly[]> {
  const { path } = version;
  const file = parse(text, path);
  if (file instanceof BranchbookError) {
    const hint = 'Correct the schema file: while it cannot be read, nothing is checked.';
    return [general(path, 'INVALID_SCHEMA_SPECIFICATION', 'fail', 'The schema cannot be read', file.message, hint)];
  }
  const unknown = file.unknown.map(({ where, line }) => unknownProperty(path, where, line));
  try {
    const previous = before && { path, entry: before };
    return [...unknown, ...(await compare(project, version, previous, file.schema, activity))];
  } catch (error) {
    if (hasCode(error, 'CANCELLED', 'DISK_FULL')) {
      throw error;
    }
    const severity = canFail(file.schema) ? 'fail' : 'warn';
    const { message, hint } = BranchbookError.from(error);
    return [...unknown, general(path, 'STATS_NOT_AVAILABLE', severity, 'It could not be checked', message, hint)];
  }
}

function parse(text: string | BranchbookError, path: string): SchemaFile | BranchbookError {
  try {
    return typeof text === 'string' ? parseSchema(text, schemaPath(path)) : text;
  } catch (error) {
    return BranchbookError.from(error);
  }
}

function general(
  path: string,
  code: AnomalyCode,
  severity: Severity,
  summary: string,
  message: string,
  hint: string
): Anomaly {
  return { code, severity, path, column: null, summary, message, hint, rows: null, examples: [] };
}

function unknownProperty(path: string, where: string, line: number): Anomaly {
  return general(
    path,
    'INVALID_SCHEMA_SPECIFICATION',
    'warn',
    'An unknown rule',
    `${schemaPath(path)}, line ${line}: ${quote(where)} means nothing here.`,
    'Correct its name or remove it; docs/schemas.md describes every property.'
  );
}

async function compare(
  project: IProject,
  version: TableVersion,
  before: TableVersion | null,
  schema: TableSchema,
  activity: Activity
): Promise<readonly Anomaly[]> {
  const { path } = version;
  const facts = await readFacts(project, version, activity);
  const drifting = driftColumns(schema, facts);
  const wanted = before !== null && (schema.rows?.ratio !== undefined || drifting.length > 0);
  const previous = wanted ? await readPrevious(project, before, activity) : null;
  const lost: Anomaly[] = [];
  let comparison: Comparison | null = null;
  if (previous instanceof BranchbookError) {
    lost.push(noControl(path, previous));
  } else if (previous && before) {
    comparison = { previous, drift: await compareDistributions(project, [before, version], drifting, activity) };
  }
  const ask = askTable(project, version, activity);
  return [...lost, ...(await findAnomalies(path, schema, facts, comparison, ask))];
}

/** The version before may be in no store that can be reached, or be damaged: that is not the fault of this one. */
async function readPrevious(
  project: IProject,
  before: TableVersion,
  activity: Activity
): Promise<TableFacts | BranchbookError> {
  try {
    return await readFacts(project, before, activity);
  } catch (error) {
    if (hasCode(error, 'CANCELLED', 'DISK_FULL', 'TABLES_UNAVAILABLE')) {
      throw error;
    }
    return BranchbookError.from(error);
  }
}

function noControl(path: string, { message }: BranchbookError): Anomaly {
  return general(
    path,
    'COMPARATOR_CONTROL_DATA_MISSING',
    'warn',
    'Nothing to compare with',
    `The version before cannot be read: ${message}`,
    'The next version can be compared with this one.'
  );
}
