import type { LocatedProject } from '../../service/protocol';

/** Project path of a contents path without a drive; null when it lies outside the project. '' is the project root. */
export function toProjectPath(located: LocatedProject, localPath: string): string | null {
  if (located.contentsPath === null) {
    return join(located.projectPrefix, localPath);
  }
  return below(located.contentsPath, localPath);
}

/** Contents path of a project path; null when Jupyter's contents API does not reach it. */
export function toContentsPath(located: LocatedProject, projectPath: string): string | null {
  if (located.contentsPath === null) {
    return below(located.projectPrefix, projectPath);
  }
  return join(located.contentsPath, projectPath);
}

/** Contents path of an absolute path; null when it lies outside the folder that Jupyter serves. */
export function absoluteToContentsPath(located: LocatedProject, absolutePath: string): string | null {
  return below(jupyterRoot(located), absolutePath);
}

/** Absolute path of the folder that Jupyter serves. */
function jupyterRoot(located: LocatedProject): string {
  if (located.contentsPath === null) {
    return join(located.root, located.projectPrefix);
  }
  return located.contentsPath ? located.root.slice(0, -(located.contentsPath.length + 1)) : located.root;
}

function join(folder: string, path: string): string {
  return folder && path ? `${folder}/${path}` : folder || path;
}

/** `path` relative to `folder`; null when it is not below it. */
function below(folder: string, path: string): string | null {
  if (folder === '' || path === folder) {
    return path === folder ? '' : path;
  }
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}
