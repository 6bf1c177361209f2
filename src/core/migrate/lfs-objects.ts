/** git-lfs's own folder of contents. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md, "Local storage" */
import type { Sha256 } from '../model/asset';
import type { IProject } from '../port';

/** `objects` below `lfs.storage`, which is `.git/lfs` unless the repository says otherwise. */
export async function lfsObjects(project: IProject): Promise<string> {
  const { commonDir } = project.git;
  const storage = (await project.git.config('lfs.storage')) || 'lfs';
  return `${storage.startsWith('/') ? storage : `${commonDir}/${storage}`}/objects`;
}

export function lfsObject(objects: string, sha256: Sha256): string {
  return `${objects}/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}
