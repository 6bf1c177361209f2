import type { IStateDB } from '@jupyterlab/statedb';
import type { SharedWorkspace } from '../../core/model/namespace';
import { type ProjectAddress, parseProjectAddress } from '../../core/model/place-address';
import type { CommandEnvironment } from '../commands/command-environment';
import { openDocuments } from '../switch/open-documents';
import type { IProjectModel } from '../tokens';

/** Where a project is shared; null when it is not. */
export async function sharedAddress(project: IProjectModel): Promise<ProjectAddress | null> {
  const { remotes } = await project.run('remote', { action: 'list' });
  const places = remotes.filter(({ kind }) => kind !== 'git');
  const remote = places.find(({ isUpstream }) => isUpstream) ?? places[0];
  return remote ? parseProjectAddress(remote.address) : null;
}

export function namespaceAddress({ place, namespace }: Pick<ProjectAddress, 'place' | 'namespace'>): string {
  return `${place}/${namespace}`;
}

/** What the user has open of a project, for somebody else to open. null while the project stands on no branch. */
export async function currentWorkspace(
  { shell, docManager }: Pick<CommandEnvironment, 'shell' | 'docManager'>,
  project: IProjectModel,
  name: string,
  state: IStateDB | null
): Promise<SharedWorkspace | null> {
  const branch = project.status?.branch;
  if (!branch) {
    return null;
  }
  const front = shell.currentWidget ? docManager.contextForWidget(shell.currentWidget)?.path : undefined;
  const paths = openDocuments(shell, docManager, project).map(({ path }) => path);
  const first = front === undefined ? null : project.toProjectPath(front);
  const documents = [...new Set([...(first !== null && paths.includes(first) ? [first] : []), ...paths])];
  return { project: name, branch, documents, layout: state && (await layoutOf(project, state)) };
}

async function layoutOf(project: IProjectModel, state: IStateDB): Promise<unknown> {
  // Not before it is needed.
  const { mapWorkspace } = await import('./shared-layout');
  const data = await state.toJSON();
  return mapWorkspace({ data, metadata: { id: 'shared' } }, path => project.toProjectPath(path));
}
