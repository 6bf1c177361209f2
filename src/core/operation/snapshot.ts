/**
 * `snapshot`: one commit in which any number of notebooks and assets become visible together. Order of writes: packs →
 * manifest → git objects → index and ref. Readers go the other way, so nobody sees a reference to what is not there.
 */
import { BranchbookError } from '../error';
import type { AssetFacts } from '../model/asset';
import type { Commit, FileMode, Head, ObjectId, Person, TreeEntry } from '../model/git';
import type { SnapshotArgs, SnapshotAsset, SnapshotResult } from '../model/result';
import type { Anomaly } from '../model/table-schema';
import { encodeMessage, factsOf } from '../model/trailer';
import type { Activity, FileStat, IGitTransaction, IProject, WorkTreeChange } from '../port';
import { cleanFilter } from '../transition/clean-filter';
import { identityOf, readPointers, trustsFileMode } from '../transition/content';
import type { FileIdentity } from '../transition/content';
import type { IndexChange, Step } from '../transition/steps';
import { treeOf } from '../transition/move-work-tree';
import { guardStaging, publish } from '../transition/publish';
import { afterwards } from './afterwards';
import { ATTRIBUTES_FILE } from './asset-rule';
import { collectFiles } from './collect-files';
import type { Candidate, CollectedFile } from './collect-files';
import { defaultMessage, toFileChange } from './describe-changes';
import { headName, refuseInProgress, shortId } from './head';
import { newBytesHints } from './new-bytes-hint';
import type { Operation } from './operation';
import { selectChanges } from './select-changes';
import type { Selection } from './select-changes';
import { toSnapshotInfo } from './snapshot-info';
import { stageRules } from './stage-rules';
import { guardTables, refuseFailures } from './table-guard';
import { schemasOnDisk, tablesAmong } from './table-schemas';

/** Finding the facts of the versions before costs a walk through history for each asset. */
const MAX_FACTS_LOOKUPS = 10;
const REF_ATTEMPTS = 20;

export const snapshotOperation: Operation<'snapshot'> = {
  verb: 'snapshot',
  summary: 'Record changed notebooks, data and models as one version',
  mutates: true,
  run: takeSnapshot
};

type Collected = {
  /** Tree changes; null removes a path. */
  readonly entries: ReadonlyMap<string, TreeEntry | null>;
  readonly files: readonly CollectedFile[];
};

/** IDENTITY_MISSING, OPERATION_IN_PROGRESS, NOTHING_TO_SNAPSHOT, SCHEMA_VIOLATED, FILE_CHANGED, NOTEBOOK_TORN, FILE_UNREADABLE, … */
export async function takeSnapshot(project: IProject, args: SnapshotArgs, activity: Activity): Promise<SnapshotResult> {
  const started = project.clock.now();
  await refuseInProgress(project);
  const author = await project.git.identity();
  const selected = await selectChanges(project, args.paths ?? []);
  if (selected.changes.length === 0 && !args.allowEmpty) {
    throw nothing();
  }
  const collected = await collect(project, selected, activity);
  const selection = { ...selected, changes: selected.changes.filter(change => isChanged(change, collected)) };
  if (selection.changes.length === 0 && !args.allowEmpty) {
    // Looking once more lets the index remember that these files are what they were.
    await project.git.scan(cleanFilter(project), args.paths);
    throw nothing();
  }
  const anomalies = await findAnomalies(project, selection, collected, activity);
  refuseFailures(anomalies, args.allowAnomalies);
  const commit = await commitWithRetry(project, { selection, collected, args, author }, activity);
  const assets = await afterwards(`Snapshot ${shortId(commit.oid)} was made`, () =>
    describeAssets(project, commit, selection, collected, args.facts ?? [])
  );
  return {
    snapshot: toSnapshotInfo(commit),
    branch: headName(selection.scan.head),
    changes: fileChanges(selection),
    assets,
    ...(anomalies && { anomalies }),
    notices: [...selection.notices, ...[...selection.oversized].map(trackedNotice), ...newBytesHints(assets)],
    milliseconds: project.clock.now() - started
  };
}

function isChanged({ path, head }: WorkTreeChange, { entries }: Collected): boolean {
  const entry = entries.get(path);
  return !entry || entry.oid !== head?.oid || entry.mode !== head.mode;
}

function nothing(): BranchbookError {
  return new BranchbookError(
    'NOTHING_TO_SNAPSHOT',
    'Nothing has changed since the last snapshot.',
    {},
    'Change something first, or use --allow-empty.'
  );
}

function trackedNotice(path: string): string {
  return `${path} is larger than 1 MiB and is now tracked as an asset (a rule was added to ${ATTRIBUTES_FILE}).`;
}

function fileChanges({ changes, oversized }: Selection): SnapshotResult['changes'] {
  return changes.map(toFileChange).map(change => ({ ...change, asset: change.asset || oversized.has(change.path) }));
}

/** Read and store every changed file; the assets become durable together. */
async function collect(project: IProject, selection: Selection, activity: Activity): Promise<Collected> {
  const session = await project.store.begin();
  const blobs = project.git.beginBlobs();
  const fileMode = await trustsFileMode(project);
  try {
    const entries = new Map<string, TreeEntry | null>();
    const files: CollectedFile[] = [];
    const { changes } = selection;
    const known = new Map(fileMode ? [] : changes.map(change => [change.path, change]));
    changes.filter(({ kind }) => kind === 'removed').forEach(({ path }) => entries.set(path, null));
    const total = changes.length - entries.size;
    for await (const file of collectFiles(project, { session, blobs }, candidates(selection), activity)) {
      const { path } = file.entry;
      const done = files.push(file);
      activity.onProgress?.({ phase: 'snapshot', done, total, unit: 'files', path });
      const change = known.get(path);
      entries.set(path, change ? { ...file.entry, mode: knownMode(file.entry, change) } : file.entry);
    }
    await session.commit();
    await blobs.commit();
    return { entries, files };
  } catch (error) {
    await session.abort();
    throw error;
  }
}

function candidates({ changes, oversized }: Selection): readonly Candidate[] {
  return changes.flatMap(({ path, kind, asset, stat }) =>
    kind === 'removed' ? [] : [{ path, stat, asset: asset || oversized.has(path) }]
  );
}

/** Where executable bits mean nothing, a file keeps the mode that git knows, as with git. */
function knownMode({ mode }: TreeEntry, { index, head }: WorkTreeChange): FileMode {
  if (mode === '120000') {
    return mode;
  }
  return (index ?? head)?.mode === '100755' ? '100755' : '100644';
}

/** Of the tables that change, or whose schema does, as the snapshot will have them. */
async function findAnomalies(
  project: IProject,
  { changes, scan }: Selection,
  { entries, files }: Collected,
  activity: Activity
): Promise<readonly Anomaly[] | null> {
  const tree = await treeOf(project, scan.head.commit);
  const before = async (path: string): Promise<TreeEntry | null> => (tree ? project.git.entry(tree, path) : null);
  const now = async (path: string): Promise<TreeEntry | null> => {
    const entry = entries.get(path);
    return entry === undefined ? before(path) : entry;
  };
  const tables = tablesAmong(changes.map(({ path }) => path));
  const stats = statsOf(files);
  const onDisk = (path: string): FileIdentity | null => identityOrNull(stats.get(path));
  return guardTables(project, tables, schemasOnDisk(project), { now, before, onDisk }, activity);
}

type Draft = {
  readonly selection: Selection;
  readonly collected: Collected;
  readonly args: SnapshotArgs;
  readonly author: Person;
};

/** Another program may commit meanwhile: then the same changes are put on top of its commit. */
async function commitWithRetry(project: IProject, draft: Draft, activity: Activity): Promise<Commit> {
  for (let attempt = 1; ; attempt += 1) {
    const transaction = await beginPatiently(project);
    const id = project.random.hex(8);
    try {
      return await guardStaging(project, id, transaction, () => commitOnce(project, id, transaction, draft, activity));
    } catch (error) {
      const again = error instanceof BranchbookError && error.code === 'REF_CONFLICT' && error.data['ref'] !== 'HEAD';
      if (!again || attempt === REF_ATTEMPTS) {
        throw error;
      }
    }
  }
}

/** git holds `index.lock` only for moments; waiting here saves reading all files again. */
async function beginPatiently(project: IProject): Promise<IGitTransaction> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await project.git.begin();
    } catch (error) {
      if (!(error instanceof BranchbookError) || error.code !== 'LOCKED' || attempt === 100) {
        throw error;
      }
    }
    await project.clock.sleep(10 + Math.min(attempt, 10) * 5);
  }
}

async function commitOnce(
  project: IProject,
  id: string,
  transaction: IGitTransaction,
  draft: Draft,
  activity: Activity
): Promise<Commit> {
  const { selection, collected, args } = draft;
  const head = await project.git.head();
  refuseMovedHead(head, selection.scan.head);
  const entries = new Map(collected.entries);
  const rules = await stageRules(project, id, selection.oversized, activity);
  if (rules) {
    entries.set(ATTRIBUTES_FILE, rules.entry);
  }
  const tree = await project.git.writeTree(await treeOf(project, head.commit), entries);
  if (tree === (await treeOf(project, head.commit)) && !args.allowEmpty) {
    throw nothing();
  }
  const commit = await writeCommit(project, draft, head, tree);
  const branch =
    head.kind === 'branch' ? [{ name: `refs/heads/${head.branch}`, from: head.commit, to: commit.oid }] : [];
  const [subject] = commit.message.split('\n', 1);
  const steps = rules ? [rules.step] : [];
  await publish(
    project,
    transaction,
    {
      id,
      steps,
      index: indexChanges(entries, collected.files, steps),
      before: head,
      head: head.kind === 'detached' ? { kind: 'detached', commit: commit.oid } : null,
      refs: branch,
      reflog: head.commit ? `commit: ${subject}` : `commit (initial): ${subject}`,
      verb: 'snapshot',
      description: `snapshot ${JSON.stringify(subject)} on ${headName(head)}`,
      files: [],
      workTree: 'stay'
    },
    activity
  );
  return commit;
}

/** The same branch further on is fine; another branch means that our changes were measured against another one. */
function refuseMovedHead(now: Head, then: Head): void {
  const same =
    now.kind === 'branch' ? then.kind === 'branch' && now.branch === then.branch : now.commit === then.commit;
  if (!same) {
    throw new BranchbookError('REF_CONFLICT', 'Another program switched branches meanwhile.', { ref: 'HEAD' });
  }
}

async function writeCommit(project: IProject, draft: Draft, head: Head, tree: ObjectId): Promise<Commit> {
  const { args, author, collected, selection } = draft;
  const facts = (args.facts ?? []).filter(fact => collected.entries.has(fact.path));
  const signature = { ...author, time: Math.floor(project.clock.now() / 1000), offset: project.clock.offset() };
  const commit = {
    tree,
    parents: head.commit ? [head.commit] : [],
    author: signature,
    committer: signature,
    message: encodeMessage(
      args.message?.trim() ? args.message : defaultMessage(fileChanges(selection)),
      args.provenance ?? {},
      facts
    )
  };
  return { ...commit, oid: await project.git.writeCommit(commit) };
}

function indexChanges(
  entries: ReadonlyMap<string, TreeEntry | null>,
  files: readonly CollectedFile[],
  steps: readonly Step[]
): readonly IndexChange[] {
  const stats = statsOf(files);
  const placed = new Map(steps.map(({ path, comes }) => [path, comes?.identity]));
  return [...entries].map(([path, entry]) => {
    const identity = placed.get(path) ?? identityOrNull(stats.get(path));
    return { path, entry, identity };
  });
}

const statsOf = (files: readonly CollectedFile[]): ReadonlyMap<string, FileStat | null> =>
  new Map(files.map(({ entry, stat }) => [entry.path, stat]));

const identityOrNull = (stat: FileStat | null | undefined): FileIdentity | null => (stat ? identityOf(stat) : null);

async function describeAssets(
  project: IProject,
  commit: Commit,
  selection: Selection,
  collected: Collected,
  facts: readonly AssetFacts[]
): Promise<readonly SnapshotAsset[]> {
  const before = new Map(selection.changes.map(change => [change.path, change.head]));
  const stored = collected.files.filter(file => file.stored && before.has(file.entry.path));
  const heads = stored.map(({ entry }) => before.get(entry.path)?.oid ?? null);
  const lookUp = stored.length <= MAX_FACTS_LOOKUPS;
  const assets: SnapshotAsset[] = [];
  await readPointers(project, heads, async (at, pointer) => {
    const { entry, stored: put } = stored[at]!;
    assets.push({
      path: entry.path,
      sha256: put!.sha256,
      size: put!.size,
      newBytes: put!.newBytes,
      previous: pointer && { size: pointer.size, facts: lookUp ? await lastFacts(project, commit, entry.path) : null },
      facts: facts.find(fact => fact.path === entry.path) ?? null
    });
  });
  return assets;
}

/** Facts recorded with the version before `commit`'s. */
async function lastFacts(project: IProject, commit: Commit, path: string): Promise<AssetFacts | null> {
  const [parent] = commit.parents;
  if (parent) {
    for await (const version of project.git.history(parent, { paths: [path], limit: 1 })) {
      return factsOf(version.message).find(facts => facts.path === path) ?? null;
    }
  }
  return null;
}
