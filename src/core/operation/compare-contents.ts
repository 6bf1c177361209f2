/** Datasets and models that differ between snapshots: what is in them on each. */
import { throwIfCancelled } from '../cancel';
import { hasCode } from '../error';
import type { ComparedDataset, ComparedModel, ComparedParam, RowDelta } from '../model/compare';
import type { ModelContent } from '../model/content';
import type { DriftLevel } from '../model/diff';
import type { Commit, TreeEntry } from '../model/git';
import type { CompareArgs, CompareResult } from '../model/result';
import type { Activity, IProject } from '../port';
import { contentInfo } from './contents';
import { describeContent } from './describe-content';
import { diffContent } from './diff-content';
import type { FileVersion } from './diff-files';
import { showContent } from './show-content';

export type Contents = {
  readonly datasets: readonly ComparedDataset[];
  readonly models: readonly ComparedModel[];
  /** Settings of the models that differ. */
  readonly settings: readonly ComparedParam[];
};
type Wanted = { readonly files: CompareResult['files']; readonly args: CompareArgs };
type Version = { readonly entry: TreeEntry; readonly commit: Commit; readonly file: FileVersion };

/** Content that is not here, or damaged, is told in `reason`. CANCELLED, TABLES_UNAVAILABLE. */
export async function compareContents(
  project: IProject,
  commits: readonly Commit[],
  { files, args }: Wanted,
  activity: Activity
): Promise<Contents> {
  const datasets: ComparedDataset[] = [];
  const models: ComparedModel[] = [];
  const settings: ComparedParam[] = [];
  const chosen = files.filter(({ kind }) => kind === 'dataset' || kind === 'model');
  for (const [index, { path, kind }] of chosen.entries()) {
    throwIfCancelled(activity);
    activity.onProgress?.({ phase: 'compare', done: index, total: chosen.length, unit: 'files', path });
    const versions = await Promise.all(commits.map(commit => versionAt(project, commit, path)));
    if (kind === 'dataset') {
      datasets.push(await compareDataset(project, path, versions, { drift: args.drift === true, activity }));
    } else {
      const contents = await readModels(project, versions, activity);
      models.push({ path, versions: contents.map((content, side) => content && summary(content, versions[side]!)) });
      settings.push(...differingSettings(path, contents));
    }
  }
  return { datasets, models, settings };
}

async function versionAt(project: IProject, commit: Commit, path: string): Promise<Version | null> {
  const { tree } = commit;
  const entry = await project.git.entry(tree, path);
  if (!entry || entry.mode === '160000') {
    return null;
  }
  const { pointer, size } = await contentInfo(project, entry);
  return { entry, commit, file: { path, entry, tree, size, asset: pointer !== null } };
}

type How = { readonly drift: boolean; readonly activity: Activity };

async function compareDataset(
  project: IProject,
  path: string,
  versions: readonly (Version | null)[],
  how: How
): Promise<ComparedDataset> {
  const reasons: string[] = [];
  const once = new Map<string, Promise<Shape | null>>();
  const shapes = await inTurn(versions, version => {
    const key = version?.entry.oid ?? '';
    const shape = once.get(key) ?? (version ? tolerate(() => shapeOf(project, version, how), reasons) : absent());
    once.set(key, shape);
    return shape;
  });
  const base = versions[0];
  const deltas = await inTurn(versions, version =>
    base && version && version.entry.oid !== base.entry.oid && shapes[0]
      ? tolerate(() => rowDelta(project, base, version, how), reasons)
      : absent()
  );
  const [reason] = reasons;
  return {
    path,
    rows: shapes.map(shape => shape?.rows ?? null),
    columns: shapes.map(shape => shape?.columns ?? null),
    deltas,
    ...(reason !== undefined && { reason })
  };
}

function absent(): Promise<null> {
  return Promise.resolve(null);
}

/** One after the other: each may take much memory. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(await work(item));
  }
  return results;
}

/** What cannot be read is told, and the others go on. */
async function tolerate<T>(work: () => Promise<T>, reasons: string[]): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'ASSET_MISSING', 'OBJECT_CORRUPT', 'FORMAT_INVALID')) {
      reasons.push(error.message);
      return null;
    }
    throw error;
  }
}

type Shape = { readonly rows: number; readonly columns: number };

async function shapeOf(project: IProject, { entry, commit, file }: Version, { activity }: How): Promise<Shape | null> {
  const version = { path: file.path, size: file.size, key: `blob-${entry.oid}`, commit, source: { entry } };
  const content = await showContent(project, version, { address: file.path, content: true }, activity);
  return content.kind === 'table' ? { rows: content.table.rows, columns: content.table.columns.length } : null;
}

const LEVELS: readonly DriftLevel[] = ['none', 'warn', 'fail'];

async function rowDelta(project: IProject, from: Version, to: Version, how: How): Promise<RowDelta | null> {
  const args = { rows: { offset: 0, limit: 0 }, drift: how.drift };
  const diff = await diffContent(project, { from: from.file, to: to.file }, args, how.activity);
  if (diff.kind !== 'table') {
    return null;
  }
  const { added, removed, changed } = diff.counts;
  const levels = (diff.drift ?? []).map(({ level }) => LEVELS.indexOf(level));
  return { added, removed, changed, drift: how.drift ? LEVELS[Math.max(0, ...levels)]! : null };
}

async function readModels(
  project: IProject,
  versions: readonly (Version | null)[],
  activity: Activity
): Promise<readonly (ModelContent | null)[]> {
  return inTurn(versions, async version => {
    const content = version && (await tolerate(() => describeContent(project, version.file, null, activity), []));
    return content?.kind === 'model' ? content : null;
  });
}

function summary(content: ModelContent, { file }: Version): ComparedModel['versions'][number] {
  const { format, framework, estimator, parameters } = content;
  return { format, framework, estimator, parameters, size: file.size };
}

function differingSettings(path: string, contents: readonly (ModelContent | null)[]): readonly ComparedParam[] {
  const names = new Set(contents.flatMap(content => Object.keys(content?.settings ?? {})));
  return [...names].flatMap(name => {
    const values = contents.map(content =>
      content && Object.hasOwn(content.settings, name) ? content.settings[name]! : null
    );
    return values.every(value => value === values[0]) ? [] : [{ path, name, values }];
  });
}
