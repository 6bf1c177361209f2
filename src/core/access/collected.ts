/** Who may have what nothing needs deleted from a project, and what is written down of it. */
import { BranchbookError, hasCode } from '../error';
import { formatBytes } from '../format/bytes';
import { covers } from '../model/access';
import type { PlaceCollection } from '../model/maintenance';
import type { ProjectRecord, ProjectRights } from '../model/namespace';
import type { NamespaceService } from './service';

/** FORBIDDEN: all of a project's contents are at stake. */
export function requireManager(project: { readonly record: ProjectRecord; readonly rights: ProjectRights }): void {
  const { record, rights } = project;
  const { code, data, models } = rights.classes;
  if (![code, data, models].every(held => covers(held, 'manage'))) {
    throw new BranchbookError(
      'FORBIDDEN',
      `You may not delete contents of ${record.namespace}/${record.name}.`,
      { right: 'manage', object: { kind: 'project', project: record.name }, because: [] },
      `Ask an owner of ${record.namespace} to run \`branchbook gc --at\`.`
    );
  }
}

/**
 * A line for the log; and what is there now is what counts for the quota, also when an upload that was cut off had counted
 * more. An upload that is under way meanwhile is counted by the next collection.
 */
export async function recordCollection(
  namespaces: Pick<NamespaceService, 'project' | 'addBytes' | 'record'>,
  { namespace, name }: Pick<ProjectRecord, 'namespace' | 'name'>,
  { removed, after }: Pick<PlaceCollection, 'removed' | 'after'>
): Promise<void> {
  const { bytes } = (await namespaces.project(namespace, name)).record;
  if (bytes !== after.bytes) {
    await namespaces.addBytes(namespace, name, after.bytes - bytes).catch((error: unknown) => {
      if (!hasCode(error, 'QUOTA_EXCEEDED')) {
        throw error;
      }
    });
  }
  const detail = `${formatBytes(removed.bytes)} in ${removed.packs} packs that nothing needed were deleted.`;
  await namespaces.record(namespace, { action: 'collect', project: name, target: null, outcome: 'ok', detail });
}
