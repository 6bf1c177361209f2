/** What is in a version of a file that is no table; of a model also what it was trained on, and how good it is. */
import { readContent } from '../content/read-content';
import { isMetricsFile, METRICS_MAX_BYTES, parseMetrics } from '../format/metrics';
import { kindOf } from '../model/asset-kind';
import type { Content, ModelContent } from '../model/content';
import type { Commit, ObjectId } from '../model/git';
import type { Activity, IProject } from '../port';
import { readText } from './contents';
import { shortId } from './head';
import { lastChange } from './last-change';
import { withSource } from './version-source';
import type { VersionOf } from './version-source';

const MAX_METRICS = 200;
const MAX_DATASETS = 100;

/** `commit`: a snapshot that has the version; null for a file that is only on disk. ASSET_MISSING, CANCELLED. */
export async function describeContent(
  project: IProject,
  version: VersionOf,
  commit: Commit | null,
  activity: Activity
): Promise<Content> {
  const content = await withSource(project, version, activity, source =>
    readContent(version.path, source, project.inflate, activity)
  );
  return content.kind === 'model' && commit
    ? { ...content, ...(await circumstances(project, await lastChange(project, commit, version.path), activity)) }
    : content;
}

/** What else the snapshot has: numbers, and the data that was there. */
async function circumstances(
  project: IProject,
  commit: Commit,
  activity: Activity
): Promise<Pick<ModelContent, 'metrics' | 'trainedOn'>> {
  const entries = await project.git.listTree(commit.tree);
  return {
    metrics: await numbersOf(project, commit.tree, activity),
    trainedOn: entries
      .filter(({ path }) => kindOf(path) === 'dataset')
      .slice(0, MAX_DATASETS)
      .map(({ path }) => ({ path, address: `${path}@${shortId(commit.oid)}` }))
  };
}

/** Metrics that a snapshot has, by its tree. */
export async function numbersOf(
  project: IProject,
  tree: ObjectId,
  activity: Activity
): Promise<ModelContent['metrics']> {
  const entries = await project.git.listTree(tree, 'metrics');
  const found: ModelContent['metrics'][number][] = [];
  for (const entry of entries.filter(({ path }) => isMetricsFile(path))) {
    const text = found.length < MAX_METRICS ? await readText(project, entry, METRICS_MAX_BYTES, activity) : null;
    if (text !== null) {
      const metrics = parseMetrics(entry.path, text, project.parseYaml);
      metrics.forEach((value, name) => found.push({ path: entry.path, name, value }));
    }
  }
  return found.slice(0, MAX_METRICS);
}
