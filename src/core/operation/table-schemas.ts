/** Finding the schema files of tables, in the work tree and in snapshots. */
import { BranchbookError } from '../error';
import { SCHEMA_FOLDER, SCHEMA_MAX_BYTES, schemaPath, tableOfSchema } from '../format/schema-file';
import type { ObjectId } from '../model/git';
import { foldersAbove } from '../model/path';
import type { Activity, IProject } from '../port';
import { readText } from './contents';
import { readTextFile } from './edit-text-file';

/** The text of a table's schema file; null when it has none. */
export type SchemaTexts = (table: string) => Promise<string | null>;

/** In the work tree. PATH_UNSAFE when it, or a folder above it, is a link; FORMAT_INVALID when it is too large or no text. */
export function schemasOnDisk(project: IProject): SchemaTexts {
  let folder: Promise<unknown> | null = null;
  return async table => {
    // Most projects have none: then thousands of changed files need one look.
    folder ??= project.files.lstat(`${project.root}/${SCHEMA_FOLDER}`);
    const path = schemaPath(table);
    const stat = (await folder) ? await project.files.lstat(`${project.root}/${path}`) : null;
    if (!stat) {
      return null;
    }
    await refuseLinks(project, path);
    if (stat.size > SCHEMA_MAX_BYTES) {
      throw tooLarge(path);
    }
    return readTextFile(project, path);
  };
}

/** As a snapshot has them. */
export async function schemasInTree(
  project: IProject,
  tree: ObjectId,
  activity: Activity
): Promise<{ readonly tables: readonly string[]; readonly texts: SchemaTexts }> {
  const files = await project.git.listTree(tree, SCHEMA_FOLDER);
  const entries = new Map(files.map(entry => [entry.path, entry]));
  return {
    tables: files.flatMap(({ path }) => tableOfSchema(path) ?? []),
    texts: async table => {
      const path = schemaPath(table);
      const entry = entries.get(path);
      const text = entry ? await readText(project, entry, SCHEMA_MAX_BYTES, activity) : null;
      if (entry && text === null) {
        throw tooLarge(path);
      }
      return text;
    }
  };
}

/** A schema is read and written in the project, wherever a link says it lies. */
export async function refuseLinks(project: IProject, path: string): Promise<void> {
  for (const folder of foldersAbove(path)) {
    const stat = await project.files.lstat(`${project.root}/${folder}`);
    if (stat && stat.kind !== 'directory') {
      throw new BranchbookError(
        'PATH_UNSAFE',
        `${folder} is not a folder of the project.`,
        { path: folder, reason: `it is a ${stat.kind}` },
        'Replace it by a folder, then try again.'
      );
    }
  }
}

function tooLarge(path: string): BranchbookError {
  const reason = `it is no UTF-8 text of at most ${SCHEMA_MAX_BYTES / 1024 / 1024} MiB`;
  return new BranchbookError(
    'FORMAT_INVALID',
    `${path} cannot be read: ${reason}.`,
    { format: 'schema', path, reason },
    'Write it again with `branchbook schema infer`, after you have moved it away.'
  );
}

/** Tables that a change to these paths concerns: those that changed, and those whose schema did. */
export function tablesAmong(paths: Iterable<string>): ReadonlySet<string> {
  return new Set([...paths].map(path => tableOfSchema(path) ?? path));
}

/** Every table that has a schema file in the work tree, sorted. */
export async function tablesWithSchema(project: IProject): Promise<readonly string[]> {
  const tables: string[] = [];
  const open = [SCHEMA_FOLDER];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if ((await project.files.lstat(`${project.root}/${folder}`))?.kind !== 'directory') {
      continue;
    }
    for (const { name, kind } of await project.files.readdir(`${project.root}/${folder}`)) {
      const path = `${folder}/${name}`;
      const table = tableOfSchema(path);
      if (kind === 'directory') {
        open.push(path);
      } else if (table !== null) {
        tables.push(table);
      }
    }
  }
  return tables.sort();
}
