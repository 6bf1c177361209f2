/** Publishing a project in a namespace: its record there, and the remote that leads to it. */
import { BranchbookError, hasCode } from '../error';
import { checkProjectName, parseNamespaceAddress, parseProjectAddress } from '../model/place-address';
import type { ProjectAddress } from '../model/place-address';
import type { IPlace, IProject, ISharedProject } from '../port';
import { configuredRemotes } from './configured';
import type { Remote } from './configured';
import { labelOf } from './send-contents-of';

/**
 * The remote for `<place>/<namespace>[/<project>]`; the project is made there when it is not there yet. Nothing is written
 * here. NAME_INVALID, NAMESPACE_UNKNOWN, FORBIDDEN, LABEL_REFUSED, QUOTA_EXCEEDED, and what connecting throws.
 */
export async function publishingRemote(project: IProject, to: string, name: string | undefined): Promise<Remote> {
  const { places, git } = project;
  const target = await parseTarget(project, to);
  const address = `${target.place}/${target.namespace}/${target.project}`;
  const place = await places.connect(target.place);
  const shared = await makeProject(project, place, target);
  const remotes = await configuredRemotes(git);
  const known = remotes.find(remote => remote.shared === address && (name === undefined || remote.name === name));
  if (known) {
    return known;
  }
  const taken = new Set(remotes.map(remote => remote.name));
  if (name !== undefined && taken.has(name)) {
    throw new BranchbookError(
      'REMOTE_EXISTS',
      `There is a remote ${JSON.stringify(name)} already, for another address.`,
      { name },
      'Choose another name.'
    );
  }
  const free = ['origin', target.namespace, `${target.namespace}-${target.project}`].find(each => !taken.has(each));
  return {
    name: name ?? free ?? `shared-${project.random.hex(3)}`,
    url: shared.history.url,
    shared: address,
    assets: 'place'
  };
}

/** `<a>/<b>/<c>` is a project when a place of ours is at `<a>`, else a namespace at `<a>/<b>`. */
async function parseTarget(project: IProject, to: string): Promise<ProjectAddress> {
  const trimmed = to.replace(/\/+$/, '');
  const asProject = attempt(() => parseProjectAddress(trimmed));
  if (asProject && (await project.places.isPlace(asProject.place))) {
    return asProject;
  }
  return { ...parseNamespaceAddress(trimmed), project: defaultName(project.root) };
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** The folder's name, as far as a project can be called so. */
function defaultName(root: string): string {
  const folder = root.slice(root.lastIndexOf('/') + 1);
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 100);
  const reason = checkProjectName(name);
  if (reason !== null) {
    throw new BranchbookError(
      'NAME_INVALID',
      `A shared project cannot be called as this folder, ${JSON.stringify(folder)}: ${reason}.`,
      { name: folder, reason },
      'Name it: `branchbook push --to PLACE/NAMESPACE/PROJECT`.'
    );
  }
  return name;
}

async function makeProject(
  { git }: IProject,
  place: IPlace,
  { namespace, project: name }: ProjectAddress
): Promise<ISharedProject> {
  try {
    return await place.project(namespace, name);
  } catch (error) {
    if (!hasCode(error, 'PROJECT_UNKNOWN')) {
      throw error;
    }
  }
  const label = await labelOf(git);
  try {
    await place.namespaces.change(namespace, { type: 'add-project', name, ...(label === 'protected' && { label }) });
  } catch (error) {
    // Somebody was faster.
    if (!hasCode(error, 'PROJECT_EXISTS')) {
      throw error;
    }
  }
  return place.project(namespace, name);
}
