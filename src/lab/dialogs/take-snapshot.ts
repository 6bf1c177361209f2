import type { SnapshotArgs, SnapshotResult } from '../../core/model/result';
import type { CommandEnvironment } from '../commands/command-environment';
import { openDocuments } from '../switch/open-documents';
import type { IProjectModel } from '../tokens';

/** Snapshot what a person at the screen sees: edited documents are saved first. */
export async function takeSnapshot(
  env: CommandEnvironment,
  project: IProjectModel,
  args: SnapshotArgs
): Promise<SnapshotResult> {
  await saveDocuments(env, project, args.paths);
  return project.run('snapshot', args);
}

/** Save edited documents of the project: all, or those at or below `paths`. */
export async function saveDocuments(
  env: CommandEnvironment,
  project: IProjectModel,
  paths?: readonly string[]
): Promise<void> {
  const edited = openDocuments(env.shell, env.docManager, project).filter(
    ({ path, context }) => context.model.dirty && !context.model.readOnly && isChosen(path, paths)
  );
  if (edited.length > 0) {
    await Promise.all(edited.map(({ context }) => context.save()));
    await project.refresh();
  }
}

/** True when `path` is one of `chosen` (files or folders; '' is the project) or below one. */
export function isChosen(path: string, chosen: readonly string[] | undefined): boolean {
  return !chosen || chosen.some(choice => choice === '' || path === choice || path.startsWith(`${choice}/`));
}
