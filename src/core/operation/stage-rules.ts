/** New large files become assets by a rule in `.gitattributes`, which arrives together with their snapshot. */
import type { TreeEntry } from '../model/git';
import type { Activity, IProject } from '../port';
import { modeOf, targetOf, trustsFileMode } from '../transition/content';
import type { Step } from '../transition/steps';
import { prepareSteps } from '../transition/prepare';
import { appendRules, ATTRIBUTES_FILE, ruleForPath } from './asset-rule';
import { readTextFile } from './edit-text-file';

/**
 * The step that replaces `.gitattributes` and its new entry; null when there is no path to add. PATH_UNSAFE when it is
 * a symbolic link, FORMAT_INVALID when it is not UTF-8.
 */
export async function stageRules(
  project: IProject,
  id: string,
  paths: ReadonlySet<string>,
  activity: Activity
): Promise<{ readonly step: Step; readonly entry: TreeEntry } | null> {
  if (paths.size === 0) {
    return null;
  }
  const file = `${project.root}/${ATTRIBUTES_FILE}`;
  const stat = await project.files.lstat(file);
  const before = await readTextFile(project, ATTRIBUTES_FILE);
  const text = appendRules(before, [...paths].map(ruleForPath));
  const mode = stat && (await trustsFileMode(project)) ? modeOf(stat) : '100644';
  const entry: TreeEntry = {
    path: ATTRIBUTES_FILE,
    mode,
    oid: await project.git.writeBlob(new TextEncoder().encode(text))
  };
  const old = { path: ATTRIBUTES_FILE, mode, oid: await project.git.writeBlob(new TextEncoder().encode(before)) };
  const leaving = stat ? [{ path: ATTRIBUTES_FILE, stat, target: targetOf(old), asset: null }] : [];
  const [step] = await prepareSteps(
    project,
    id,
    leaving,
    [{ path: ATTRIBUTES_FILE, target: targetOf(entry) }],
    activity
  );
  return { step: step!, entry };
}
