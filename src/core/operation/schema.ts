/** `schema`: what people expect of a table, in a file beside the code: inferred, checked, shown. */
import { BranchbookError } from '../error';
import { addColumns, describeColumns, findDifferences, newColumns, writeSchema } from '../format/schema-edit';
import { parseSchema, SCHEMA_FORMAT, schemaPath } from '../format/schema-file';
import type { TreeEntry } from '../model/git';
import { checkPath } from '../model/path';
import type { SchemaArgs, SchemaResult } from '../model/table-schema';
import type { Activity, IProject } from '../port';
import { treeOf } from '../transition/move-work-tree';
import { readStandIn } from '../transition/stand-in';
import { domainCandidates, inferSchema, keyCandidate } from '../table/infer';
import { isUnmodified } from './content-file';
import { editTextFile } from './edit-text-file';
import type { Operation } from './operation';
import { isUniqueColumn, listValues, readFacts } from './read-table';
import type { TableVersion } from './read-table';
import { checkTable } from './table-guard';
import { refuseLinks, schemasOnDisk, tablesWithSchema } from './table-schemas';

type Action<A extends SchemaArgs['action']> = Extract<SchemaArgs, { readonly action: A }>;
type Outcome<A extends SchemaArgs['action']> = Extract<SchemaResult, { readonly action: A }>;

export const schemaOperation: Operation<'schema'> = {
  verb: 'schema',
  summary: 'Say what a table should hold, and check that it does',
  mutates: args => args.action === 'infer',
  run: schema
};

async function schema(project: IProject, args: SchemaArgs, activity: Activity): Promise<SchemaResult> {
  switch (args.action) {
    case 'infer':
      return infer(project, args, activity);
    case 'check':
      return check(project, args, activity);
    default:
      return show(project, args);
  }
}

/** SCHEMA_EXISTS, PATH_UNKNOWN, PATH_UNSAFE, FORMAT_INVALID (the table's or the schema file's), TABLES_UNAVAILABLE. */
async function infer(project: IProject, args: Action<'infer'>, activity: Activity): Promise<Outcome<'infer'>> {
  const file = schemaPath(args.path);
  checkPath(file);
  const version = await versionOnDisk(project, args.path);
  const text = await schemasOnDisk(project)(args.path);
  if (text !== null && !args.update) {
    throw exists(args.path, file);
  }
  const known = text === null ? null : parseSchema(text, file);
  const facts = await readFacts(project, version, activity);
  const key = keyCandidate(facts);
  const inferred = inferSchema(facts, {
    domains: await listValues(project, version, domainCandidates(facts), activity),
    keyIsUnique: key !== null && (await isUniqueColumn(project, version, key, activity))
  });
  const columns = known ? newColumns(known, inferred) : inferred.columns;
  const written = known ? (columns.length === 0 ? text! : addColumns(known, columns)) : writeSchema(inferred);
  await refuseLinks(project, file);
  await editTextFile(project, file, now => {
    if (now !== (text ?? '')) {
      throw new BranchbookError(
        'FILE_CHANGED',
        `${file} was changed meanwhile.`,
        { path: file, attempts: 1 },
        'Try again.'
      );
    }
    return written;
  });
  return {
    action: 'infer',
    path: args.path,
    file,
    created: known === null,
    added: known ? describeColumns(columns) : [],
    kept: known ? findDifferences(known, inferred) : [],
    schema: parseSchema(written, file).schema,
    notices: []
  };
}

function exists(path: string, file: string): BranchbookError {
  return new BranchbookError(
    'SCHEMA_EXISTS',
    `${path} has a schema already: ${file}.`,
    { path: file },
    'Add what it lacks with --update (nothing that is there changes), or delete it first.'
  );
}

/** The table as it is on disk; where that is what the last snapshot has, its version: known by its content. PATH_UNKNOWN. */
async function versionOnDisk(project: IProject, path: string): Promise<TableVersion> {
  checkPath(path);
  const stat = await project.files.lstat(`${project.root}/${path}`);
  if (stat?.kind !== 'file') {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      stat ? `${path} is no file.` : `There is no ${path} on disk.`,
      { path },
      'Name a table of the project: a CSV, JSON lines, Parquet or Arrow file.'
    );
  }
  const entry = await lastVersion(project, path);
  const same = entry && ((await readStandIn(project, path, stat)) || (await isUnmodified(project, entry)));
  return { path, entry: same ? entry : null };
}

async function lastVersion(project: IProject, path: string): Promise<TreeEntry | null> {
  const tree = await treeOf(project, (await project.git.head()).commit);
  return tree ? project.git.entry(tree, path) : null;
}

/** What is wrong with a table or its schema is reported, never thrown; PATH_UNKNOWN for one that has neither. */
async function check(project: IProject, args: Action<'check'>, activity: Activity): Promise<Outcome<'check'>> {
  const named = args.paths ?? [];
  const paths = named.length > 0 ? named : await tablesWithSchema(project);
  const texts = schemasOnDisk(project);
  const tables: Outcome<'check'>['tables'][number][] = [];
  const notices: string[] = [];
  for (const [index, path] of paths.entries()) {
    activity.onProgress?.({ phase: 'check tables', done: index, total: paths.length, unit: 'files', path });
    const text = await texts(path).catch(BranchbookError.from);
    const missing = (await project.files.lstat(`${project.root}/${path}`))?.kind !== 'file';
    if (text === null) {
      throw noSchema(path);
    }
    if (missing && named.length === 0) {
      // Other programs have folders of this name too.
      const ours = typeof text === 'string' && text.includes(SCHEMA_FORMAT);
      notices.push(...(ours ? [`${schemaPath(path)} is the schema of a table that is not there.`] : []));
      continue;
    }
    const version = await versionOnDisk(project, path);
    const before = version.entry ? null : await lastVersion(project, path);
    const facts = await readFacts(project, version, activity).catch(() => null);
    tables.push({
      path,
      file: schemaPath(path),
      rows: facts?.rows ?? null,
      columns: facts?.columns.length ?? null,
      anomalies: await checkTable(project, version, text, before, activity)
    });
  }
  if (paths.length === 0) {
    notices.push('No table has a schema yet: `branchbook schema infer PATH` writes one.');
  }
  return { action: 'check', tables, notices };
}

function noSchema(path: string): BranchbookError {
  return new BranchbookError(
    'PATH_UNKNOWN',
    `${path} has no schema.`,
    { path: schemaPath(path) },
    `\`branchbook schema infer ${path}\` writes a first draft.`
  );
}

/** PATH_UNKNOWN, PATH_UNSAFE, FORMAT_INVALID, FORMAT_TOO_NEW. */
async function show(project: IProject, { path }: Action<'show'>): Promise<Outcome<'show'>> {
  checkPath(path);
  const text = await schemasOnDisk(project)(path);
  if (text === null) {
    throw noSchema(path);
  }
  const file = schemaPath(path);
  const { schema: found, unknown } = parseSchema(text, file);
  return { action: 'show', path, file, schema: found, unknown: unknown.map(({ where }) => where) };
}
