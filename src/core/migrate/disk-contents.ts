import { parentOf } from '../durable';
import type { Activity, IProject } from '../port';
import { modeOf } from '../transition/content';
import type { Target } from '../transition/content';

/**
 * What lies at a project path that git does not know: a file by its content, a link that `isOurs` takes (given the
 * absolute path it leads to) by its target. null for nothing, and for anything else, which nobody may take away.
 */
export async function targetOnDisk(
  project: IProject,
  path: string,
  isOurs: (link: string) => boolean,
  activity: Activity
): Promise<Target | null> {
  const absolute = `${project.root}/${path}`;
  const stat = await project.files.lstat(absolute);
  if (stat?.kind === 'symlink') {
    const target = await project.files.readlink(absolute);
    const leads = target.startsWith('/') ? target : `${parentOf(absolute)}/${target}`;
    return isOurs(leads) ? { mode: '120000', content: { kind: 'link', target } } : null;
  }
  if (stat?.kind !== 'file') {
    return null;
  }
  const sha256 = await project.store.hashFile(absolute, { signal: activity.signal });
  return { mode: modeOf(stat), content: { kind: 'stored', sha256, size: stat.size } };
}
