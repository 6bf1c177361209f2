/** Metrics and parameters of several snapshots side by side. */
import {
  DIRECTIONS_FILE,
  isMetricsFile,
  METRICS_MAX_BYTES,
  parseLooseJson,
  parseMetrics,
  parseSeries
} from '../format/metrics';
import type { Metrics } from '../format/metrics';
import { isParamsFile, parseParams } from '../format/params';
import type { Params } from '../format/params';
import type { ComparedParam, MetricDirection } from '../model/compare';
import type { Commit, ObjectId, TreeEntry } from '../model/git';
import { directionOf, readDirections } from '../model/metric';
import type { MetricRow } from '../model/result';
import type { Activity, IProject } from '../port';
import { readText } from './contents';

type Series = ReadonlyMap<string, readonly (number | null)[]>;
type MetricsFile = { readonly values: Metrics; readonly series: Series };

/** One row a name, sorted by file; what no snapshot has in its baseline comes last in its file. */
export async function compareMetrics(
  project: IProject,
  commits: readonly Commit[],
  activity: Activity
): Promise<readonly MetricRow[]> {
  const directions = await readProjectDirections(project, commits, activity);
  const perSide = await readSides({ project, commits, activity }, metricsFiles, (path, text): MetricsFile => ({
    values: parseMetrics(path, text, project.parseYaml),
    series: parseSeries(path, text)
  }));
  return rowsOf(perSide, file => file.values.keys()).map(({ path, name, files }) => {
    const series = files.map(file => file?.series.get(name) ?? null);
    return {
      path,
      name,
      values: files.map(file => file?.values.get(name) ?? null),
      direction: directionOf(name, directions),
      ...(series.some(values => values) && { series })
    };
  });
}

/** Of `params.yaml` and the like in the root, and of files below `params/`. */
export async function compareParams(
  project: IProject,
  commits: readonly Commit[],
  activity: Activity
): Promise<readonly ComparedParam[]> {
  const perSide = await readSides({ project, commits, activity }, paramsFiles, (path, text): Params =>
    parseParams(path, text, project.parseYaml)
  );
  return rowsOf(perSide, file => file.keys()).map(({ path, name, files }) => ({
    path,
    name,
    values: files.map(file => file?.get(name) ?? null)
  }));
}

/** The first snapshot that says something: the baseline, mostly. */
async function readProjectDirections(
  project: IProject,
  commits: readonly Commit[],
  activity: Activity
): Promise<ReadonlyMap<string, MetricDirection>> {
  for (const { tree } of commits) {
    const entry = await project.git.entry(tree, DIRECTIONS_FILE);
    const text = entry && (await readText(project, entry, METRICS_MAX_BYTES, activity));
    if (text) {
      try {
        return readDirections(parseLooseJson(text));
      } catch {
        continue;
      }
    }
  }
  return new Map();
}

type ListFiles = (project: IProject, tree: ObjectId) => Promise<readonly TreeEntry[]>;

const metricsFiles: ListFiles = async ({ git }, tree) =>
  (await git.listTree(tree, 'metrics')).filter(({ path }) => isMetricsFile(path));

/** The root's own files are looked at without what is below the other folders. */
const paramsFiles: ListFiles = async ({ git }, tree) => {
  const root = (await git.readTree(tree)).flatMap(({ name, mode, oid }): TreeEntry[] =>
    mode === '40000' ? [] : [{ path: name, mode, oid }]
  );
  return [...root, ...(await git.listTree(tree, 'params'))].filter(({ path }) => isParamsFile(path));
};

type Asked = { readonly project: IProject; readonly commits: readonly Commit[]; readonly activity: Activity };

async function readSides<T>(
  { project, commits, activity }: Asked,
  list: ListFiles,
  parse: (path: string, text: string) => T
): Promise<readonly ReadonlyMap<string, T>[]> {
  const known = new Map<string, T | null>();
  const read = async (entry: TreeEntry): Promise<T | null> => {
    const text = await readText(project, entry, METRICS_MAX_BYTES, activity);
    return text === null ? null : parse(entry.path, text);
  };
  const sides: ReadonlyMap<string, T>[] = [];
  for (const { tree } of commits) {
    const files = new Map<string, T>();
    for (const entry of await list(project, tree)) {
      // Most files are the same on all sides.
      const key = `${entry.oid} ${entry.path}`;
      const file = known.has(key) ? known.get(key)! : await read(entry);
      known.set(key, file);
      if (file !== null) {
        files.set(entry.path, file);
      }
    }
    sides.push(files);
  }
  return sides;
}

type Row<T> = { readonly path: string; readonly name: string; readonly files: readonly (T | undefined)[] };

function rowsOf<T>(
  sides: readonly ReadonlyMap<string, T>[],
  namesOf: (file: T) => Iterable<string>
): readonly Row<T>[] {
  const paths = [...new Set(sides.flatMap(files => [...files.keys()]))].sort();
  return paths.flatMap(path => {
    const files = sides.map(side => side.get(path));
    const names = new Set(files.flatMap(file => (file === undefined ? [] : [...namesOf(file)])));
    return [...names].map(name => ({ path, name, files }));
  });
}
