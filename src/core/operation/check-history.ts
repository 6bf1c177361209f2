/** Follow every commit down to its blobs, and collect the asset contents that they ask for. */
import { throwIfCancelled } from '../cancel';
import { BranchbookError } from '../error';
import type { ErrorCode } from '../error';
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { Sha256 } from '../model/asset';
import type { CheckFinding } from '../model/maintenance';
import type { Commit, FileMode, ObjectId } from '../model/git';
import type { Activity, IProject } from '../port';
import { collectRoots } from './check-roots';
import type { RootCommit, RootFile, Roots } from './check-roots';
import { shortId } from './head';

/** Failures that say nothing about the project's content. */
const TROUBLE: readonly ErrorCode[] = ['CANCELLED', 'IO', 'DISK_FULL', 'INTERNAL'];

const FETCH =
  'Fetch it again from a clone that has it: `branchbook check --repair` looks in remotes that are folders; else `git fetch --refetch`.';

/** An asset content that the project needs. */
export type WantedAsset = {
  readonly size: number;
  /** Where it is needed, for people: the first place found. */
  readonly where: string;
  /** Project paths that have it in some version. */
  readonly paths: Set<string>;
  /** A remote's history names it: when it never came here, that is no damage. */
  readonly elsewhere: boolean;
};

/** What a damaged git object is, as far as known. */
export type DamagedObject = { readonly oid: ObjectId; readonly path: string | null; readonly mode: FileMode | null };

/** Tries to get a good copy of a git object. Gives where from, or null. */
export type HealObject = (damaged: DamagedObject) => Promise<string | null>;

/** History as it is on the disk now: an open repository remembers objects that it has read before. */
export async function checkHistory(project: IProject, activity: Activity, heal?: HealObject): Promise<HistoryCheck> {
  const fresh = await project.at(project.root);
  const history = new HistoryCheck(fresh, activity, heal);
  await history.run(await collectRoots(fresh));
  return history;
}

export function sizesOf({ wanted }: HistoryCheck): ReadonlyMap<string, number> {
  return new Map([...wanted].map(([sha256, { size }]) => [sha256, size]));
}

export class HistoryCheck {
  readonly findings: CheckFinding[] = [];
  readonly wanted = new Map<Sha256, WantedAsset>();
  commits = 0;
  /** Commits, blobs, and blobs at paths. */
  private readonly _seen = new Set<string>();
  private readonly _pointers = new Set<ObjectId>();
  /** What is walked now is a remote's. */
  private _remote = false;

  /** `heal` is asked once for every damaged object. */
  constructor(
    private readonly _project: IProject,
    private readonly _activity: Activity,
    private readonly _heal: HealObject = async () => null
  ) {}

  async run(roots: Roots): Promise<void> {
    this.findings.push(...roots.findings);
    // Histories of remotes first, to know what they name; then what is needed, so that its damage is told as what it is.
    const rank = ({ remote, needed }: RootCommit): number => (remote ? 2 : Number(needed));
    for (const root of [...roots.commits].sort((a, b) => rank(b) - rank(a))) {
      this._remote = root.remote ?? false;
      await this._walkFrom(root);
    }
    this._remote = false;
    for (const file of roots.files) {
      await this._checkFile(file);
    }
  }

  /** Depth first over parents; every commit once. */
  private async _walkFrom({ commit: start, where, needed }: RootCommit): Promise<void> {
    const open: ObjectId[] = [start];
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (this._seen.has(oid)) {
        continue;
      }
      this._seen.add(oid);
      throwIfCancelled(this._activity);
      const id = oid;
      const severity = needed ? 'error' : 'warning';
      const commit = await this._read(
        { oid: id, path: null, mode: null },
        `commit ${shortId(id)} of ${where}`,
        severity,
        () => this._project.git.readCommit(id)
      );
      if (commit) {
        this.commits += 1;
        this._activity.onProgress?.({ phase: 'Checking history', done: this.commits, total: null, unit: 'commits' });
        await this._checkCommit(commit, severity);
        open.push(...commit.parents);
      }
    }
  }

  /** Only what differs from the first parent: the rest is looked at there. */
  private async _checkCommit(commit: Commit, severity: CheckFinding['severity']): Promise<void> {
    const [parent] = commit.parents;
    const { git } = this._project;
    const before = parent
      ? await git.readCommit(parent).then(
          found => found.tree,
          () => null
        )
      : null;
    const tree = { oid: commit.tree, path: null, mode: null };
    const changes =
      (await this._read(tree, `the files of ${shortId(commit.oid)}`, severity, () =>
        git.diffTrees(before, commit.tree)
      )) ??
      // The parent's tree may be the damaged one.
      (await git.diffTrees(null, commit.tree).catch(() => []));
    for (const { to } of changes) {
      if (to && to.mode !== '160000') {
        await this._checkBlob({ ...to, where: `${to.path}@${shortId(commit.oid)}` }, severity);
      }
    }
  }

  private async _checkFile({ where, path, target }: RootFile): Promise<void> {
    throwIfCancelled(this._activity);
    const { content, mode } = target;
    if (content.kind === 'stored') {
      this._want(content.sha256, content.size, where, path);
    } else if (content.kind === 'git' && mode !== '160000') {
      await this._checkBlob({ oid: content.oid, path, mode, where }, 'error');
    }
  }

  private async _checkBlob(
    { oid, path, mode, where }: { oid: ObjectId; path: string; mode: FileMode; where: string },
    severity: CheckFinding['severity']
  ): Promise<void> {
    // The same blob at another path is another place to find the content.
    const key = `${oid} ${path}`;
    if (this._seen.has(key)) {
      return;
    }
    this._seen.add(key);
    if (this._seen.has(oid) && !this._pointers.has(oid)) {
      return;
    }
    this._seen.add(oid);
    const bytes = await this._read({ oid, path, mode }, where, severity, () => this._project.git.readBlob(oid));
    const isPointer = bytes && mode !== '120000' && bytes.length <= POINTER_MAX_BYTES;
    const pointer = isPointer ? decodePointer(bytes) : null;
    if (pointer) {
      this._pointers.add(oid);
      this._want(pointer.sha256, pointer.size, where, path);
    }
  }

  private _want(sha256: Sha256, size: number, where: string, path: string): void {
    const known = this.wanted.get(sha256);
    if (known) {
      known.paths.add(path);
    } else {
      this.wanted.set(sha256, { size, where, paths: new Set([path]), elsewhere: this._remote });
    }
  }

  /** undefined (and a finding) when git's objects are damaged and cannot be healed. */
  private async _read<T>(
    object: DamagedObject,
    where: string,
    severity: CheckFinding['severity'],
    read: () => Promise<T>
  ): Promise<T | undefined> {
    const tried = new Set<ObjectId>();
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof BranchbookError) || TROUBLE.includes(error.code)) {
          throw error;
        }
        // A tree is read through those above it: the error says which one it was.
        const named = error.data['oid'];
        const damaged = typeof named === 'string' && named !== object.oid ? { ...object, oid: named } : object;
        const healed = !tried.has(damaged.oid) && (await this._heal(damaged));
        tried.add(damaged.oid);
        if (!healed) {
          this._report(error, where, severity);
          return undefined;
        }
      }
    }
  }

  private _report(error: BranchbookError, where: string, severity: CheckFinding['severity']): void {
    const isCorrupt =
      error.code === 'FORMAT_INVALID' || (error.code === 'OBJECT_CORRUPT' && error.data['reason'] !== 'missing');
    this.findings.push({
      severity,
      code: isCorrupt ? 'CORRUPT' : error.code === 'OBJECT_CORRUPT' ? 'MISSING' : error.code,
      object: where,
      message: `${where}: ${error.message}`,
      repair: isCorrupt || error.code === 'OBJECT_CORRUPT' ? FETCH : error.hint
    });
  }
}
