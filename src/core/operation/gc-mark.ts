/**
 * Which contents of the store something still needs. Whatever is reachable must be readable: the first thing that is not
 * ends the collection, since what cannot be read may name anything.
 */
import { throwIfCancelled } from '../cancel';
import { BranchbookError, hasCode } from '../error';
import type { ErrorCode } from '../error';
import type { Sha256 } from '../model/asset';
import type { Commit, Head, ObjectId, RefChange } from '../model/git';
import { readAllOperations } from '../oplog/expire';
import type { LoggedOperation } from '../oplog/operation-log';
import type { Activity, IProject } from '../port';
import { readPointer } from '../transition/content';
import type { Target } from '../transition/content';
import { portionsOf, readAllJournals } from '../transition/journal';
import type { Portion } from '../transition/steps';
import { shortId } from './head';

/** Failures that say nothing about the project's content. */
const TROUBLE: readonly ErrorCode[] = [
  'CANCELLED',
  'LOCKED',
  'USAGE',
  'IO',
  'DISK_FULL',
  'PERMISSION_DENIED',
  'INTERNAL'
];

/** What of a project is needed, by what needs it. */
export type Marked = {
  /** SHA-256 of needed contents to what names them, for people. */
  readonly contents: ReadonlyMap<Sha256, string>;
  /** Those of them that histories of remotes name: what never came from there is no damage. */
  readonly elsewhere: ReadonlySet<Sha256>;
  readonly commits: number;
};

/** `forgotten` operations need nothing. Fails when anything that is needed cannot be read; LOCKED while git is at work. */
export async function markNeeded(
  project: IProject,
  forgotten: ReadonlySet<string>,
  activity: Activity
): Promise<Marked> {
  const marker = new Marker(project, activity);
  await marker.markGit();
  await marker.markOperations(forgotten);
  await marker.markJournals();
  const { contents, elsewhere, commits } = marker;
  return { contents, elsewhere, commits };
}

/** Damage as PROJECT_DAMAGED; other failures as they are. */
export function toDamage(error: unknown): BranchbookError {
  const cause = BranchbookError.from(error);
  return TROUBLE.includes(cause.code) ? cause : damaged(cause);
}

function damaged({ code, message, data }: BranchbookError): BranchbookError {
  const check = 'Run `branchbook check`; it lists all damage and what to do about each.';
  return new BranchbookError(
    'PROJECT_DAMAGED',
    `The project is damaged, so nothing was deleted: ${message}`,
    { ...data, reason: message },
    code === 'ASSET_MISSING' ? `${check} Was it never fetched here? Then use \`--ignore-missing\`.` : check
  );
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'OBJECT_CORRUPT') && error.data['reason'] === 'missing';
}

class Marker {
  readonly contents = new Map<Sha256, string>();
  elsewhere: ReadonlySet<Sha256> = new Set();
  commits = 0;
  private readonly _seenCommits = new Set<ObjectId>();
  private readonly _seenBlobs = new Set<ObjectId>();
  private _shallow: ReadonlySet<ObjectId> = new Set();

  constructor(
    private readonly _project: IProject,
    private readonly _activity: Activity
  ) {}

  async markGit(): Promise<void> {
    const { commits, blobs, shallow } = await this._project.git.roots();
    this._shallow = shallow;
    // First, so that it is known what they name.
    for (const { name, commit } of await this._project.git.refs('refs/remotes/')) {
      await this._markHistory(commit, name);
    }
    this.elsewhere = new Set(this.contents.keys());
    for (const [commit, from] of commits) {
      await this._markHistory(commit, from);
    }
    for (const [blob, from] of blobs) {
      await this._markBlob(blob, from);
    }
  }

  /** Whatever undo may bring back. Commits that git has forgotten since (they are in no reflog) cannot come back. */
  async markOperations(forgotten: ReadonlySet<string>): Promise<void> {
    for (const operation of await readAllOperations(this._project)) {
      throwIfCancelled(this._activity);
      if (!forgotten.has(operation.id)) {
        await this._markOperation(operation, `operation ${operation.id} (${operation.description})`);
      }
    }
  }

  /** Changes that were interrupted, of all work trees. */
  async markJournals(): Promise<void> {
    for (const journal of await readAllJournals(this._project)) {
      const from = `interrupted ${journal.operation.description}`;
      await this._markOperation(journal.operation, from);
      await this._markHeads([journal.before, journal.head], journal.refs, from);
      for await (const portion of portionsOf(this._project, journal)) {
        await this._markPortion(portion, from);
      }
    }
  }

  private async _markPortion({ steps, index }: Portion, from: string): Promise<void> {
    for (const { leaves, comes } of steps) {
      await this._markTarget(leaves?.target, from);
      await this._markTarget(comes?.target, from);
    }
    for (const { entry } of index) {
      if (entry && entry.mode !== '160000') {
        await this._markBlob(entry.oid, from);
      }
    }
  }

  private async _markOperation(operation: LoggedOperation, from: string): Promise<void> {
    await this._markHeads([operation.before, operation.after], operation.refs, from);
    for (const { before, after } of operation.files) {
      await this._markTarget(before, from);
      await this._markTarget(after, from);
    }
  }

  private async _markHeads(heads: readonly (Head | null)[], refs: readonly RefChange[], from: string): Promise<void> {
    const commits = [...heads.map(head => head?.commit), ...refs.flatMap(ref => [ref.from, ref.to])];
    for (const commit of commits) {
      if (commit && !this._seenCommits.has(commit) && (await this._project.git.hasObject(commit))) {
        await this._markHistory(commit, from, true);
      }
    }
  }

  private async _markTarget(target: Target | null | undefined, from: string): Promise<void> {
    if (target?.content.kind === 'stored') {
      this._keep(target.content.sha256, from);
    } else if (target?.content.kind === 'git' && (await this._project.git.hasObject(target.content.oid))) {
      await this._markBlob(target.content.oid, from);
    }
  }

  /**
   * Depth first over parents; every commit once. What only the operation log remembers, git may have forgotten in part:
   * with `forgotten`, objects that are missing (not: damaged) cannot come back and are left out.
   */
  private async _markHistory(start: ObjectId, from: string, forgotten = false): Promise<void> {
    const open: ObjectId[] = [start];
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (this._seenCommits.has(oid)) {
        continue;
      }
      throwIfCancelled(this._activity);
      try {
        const commit = await this._project.git.readCommit(oid);
        this._seenCommits.add(oid);
        const parents = this._shallow.has(oid) ? [] : commit.parents;
        open.push(...parents);
        await this._markFiles(commit, parents[0] ?? null, from);
      } catch (error) {
        if (!forgotten || !isMissing(error)) {
          throw error;
        }
      }
    }
  }

  /** What differs from the first parent, whose own files are marked when it is. */
  private async _markFiles(commit: Commit, parent: ObjectId | null, from: string): Promise<void> {
    const { git } = this._project;
    const before = parent ? (await git.readCommit(parent)).tree : null;
    for (const { to } of await git.diffTrees(before, commit.tree)) {
      if (to && to.mode !== '160000') {
        await this._markBlob(to.oid, `${to.path}@${shortId(commit.oid)}, of ${from}`);
      }
    }
    this.commits += 1;
    const { commits } = this;
    this._activity.onProgress?.({ phase: 'finding what is needed', done: commits, total: null, unit: 'commits' });
  }

  private async _markBlob(oid: ObjectId, from: string): Promise<void> {
    if (!this._seenBlobs.has(oid)) {
      this._seenBlobs.add(oid);
      const pointer = await readPointer(this._project, oid);
      if (pointer) {
        this._keep(pointer.sha256, from);
      }
    }
  }

  private _keep(sha256: Sha256, from: string): void {
    if (!this.contents.has(sha256)) {
      this.contents.set(sha256, from);
    }
  }
}
