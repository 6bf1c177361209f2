/** `check`: follow every reference from branches down to bytes, and name what is damaged. */
import { throwIfCancelled } from '../cancel';
import { BranchbookError } from '../error';
import type { ErrorCode } from '../error';
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { Pointer, Sha256 } from '../model/asset';
import type { Commit, ObjectId, TreeEntry } from '../model/git';
import type { CheckArgs, CheckFinding, CheckResult } from '../model/maintenance';
import type { Activity, IProject } from '../port';
import { shortId } from './head';
import type { Operation } from './operation';

/** Failures that say nothing about the project's content. */
const TROUBLE: readonly ErrorCode[] = ['CANCELLED', 'IO', 'DISK_FULL', 'INTERNAL'];

export const checkOperation: Operation<'check'> = {
  verb: 'check',
  summary: 'Verify that every version can be had back',
  mutates: false,
  run: check
};

/** Damage is reported as findings, never thrown; only CANCELLED and failures of the disk are thrown. */
export async function check(project: IProject, args: CheckArgs, activity: Activity): Promise<CheckResult> {
  const walk = new Walk(project, activity);
  await walk.run();
  const findings = [...walk.findings];
  for await (const finding of project.store.check({ readData: args.readData ?? false, ...activity })) {
    findings.push(finding);
  }
  const bytes = [...walk.pointers.values()].reduce((sum, pointer) => sum + pointer.size, 0);
  return { findings, commits: walk.commits, assets: walk.pointers.size, bytes };
}

/**
 * Damage that makes a version unavailable, found without reading the data: for callers that must not go on with a
 * damaged project (the collector). Empty when the structure is whole.
 */
export async function findDamage(project: IProject, activity: Activity): Promise<readonly CheckFinding[]> {
  const { findings } = await check(project, {}, activity);
  return findings.filter(finding => finding.severity === 'error');
}

class Walk {
  readonly findings: CheckFinding[] = [];
  readonly pointers = new Map<Sha256, Pointer>();
  commits = 0;
  private readonly _seenCommits = new Set<ObjectId>();
  private readonly _seenBlobs = new Set<ObjectId>();

  constructor(
    private readonly _project: IProject,
    private readonly _activity: Activity
  ) {}

  async run(): Promise<void> {
    const refs = await this._project.git.refs('refs/');
    const head = await this._project.git.head();
    const starts = new Map(refs.map(ref => [ref.commit, ref.name]));
    if (head.commit) {
      starts.set(head.commit, 'HEAD');
    }
    for (const [commit, name] of starts) {
      await this._walkFrom(commit, name);
    }
  }

  /** Depth first over parents; every commit once. */
  private async _walkFrom(start: ObjectId, ref: string): Promise<void> {
    const open: ObjectId[] = [start];
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (this._seenCommits.has(oid)) {
        continue;
      }
      this._seenCommits.add(oid);
      throwIfCancelled(this._activity);
      const commit = await this._try(`commit ${shortId(oid)} of ${ref}`, () => this._project.git.readCommit(oid!));
      if (commit) {
        this.commits += 1;
        this._activity.onProgress?.({ phase: 'Checking history', done: this.commits, total: null, unit: 'commits' });
        await this._checkCommit(commit);
        open.push(...commit.parents);
      }
    }
  }

  /** Only what differs from the first parent: the rest was looked at there, or will be. */
  private async _checkCommit(commit: Commit): Promise<void> {
    const [parent] = commit.parents;
    const where = `the files of ${shortId(commit.oid)}`;
    const before = parent
      ? await this._project.git
          .readCommit(parent)
          .then(found => found.tree)
          .catch(() => null)
      : null;
    const changes = await this._try(where, () => this._project.git.diffTrees(before, commit.tree));
    for (const { to } of changes ?? []) {
      if (to && to.mode !== '160000' && !this._seenBlobs.has(to.oid)) {
        this._seenBlobs.add(to.oid);
        await this._checkEntry(commit, to);
      }
    }
  }

  private async _checkEntry(commit: Commit, entry: TreeEntry): Promise<void> {
    const where = `${entry.path}@${shortId(commit.oid)}`;
    const bytes = await this._try(where, () => this._project.git.readBlob(entry.oid));
    const pointer = bytes && bytes.length <= POINTER_MAX_BYTES ? decodePointer(bytes) : null;
    if (!pointer || this.pointers.has(pointer.sha256)) {
      return;
    }
    this.pointers.set(pointer.sha256, pointer);
    const stored = await this._try(where, () => this._project.store.info(pointer.sha256));
    if (stored === undefined) {
      return;
    }
    if (!stored && !(await this._project.store.has(pointer.sha256))) {
      await this._reportMissing(where, entry, pointer);
    } else if (stored && stored.size !== pointer.size) {
      this.findings.push({
        severity: 'error',
        code: 'CORRUPT',
        object: pointer.sha256,
        message: `${where} says ${pointer.size} bytes, the store has ${stored.size}.`,
        repair: `Snapshot the right file again, or restore another version of ${entry.path}.`
      });
    }
  }

  /** The work tree may still have what the store does not (a project that git-lfs used). */
  private async _reportMissing(where: string, entry: TreeEntry, pointer: Pointer): Promise<void> {
    const stat = await this._project.files.lstat(`${this._project.root}/${entry.path}`);
    const onDisk = stat?.kind === 'file' && stat.size === pointer.size;
    this.findings.push({
      severity: onDisk ? 'warning' : 'error',
      code: 'MISSING',
      object: pointer.sha256,
      message: `The content of ${where} is not in the store.`,
      repair: onDisk
        ? `${entry.path} in the work tree has that size: \`git add --renormalize ${entry.path}\` stores it.`
        : 'Copy .git/branchbook/ or .git/lfs/ from a clone that has it, then run `branchbook init`.'
    });
  }

  /** undefined (and a finding) when git's objects are damaged. */
  private async _try<T>(where: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof BranchbookError) || TROUBLE.includes(error.code)) {
        throw error;
      }
      this.findings.push({
        severity: 'error',
        code: error.code === 'OBJECT_CORRUPT' || error.code === 'FORMAT_INVALID' ? 'CORRUPT' : 'MISSING',
        object: where,
        message: error.message,
        repair: error.hint || 'Fetch the objects again from a clone that has them: `git fetch`.'
      });
      return undefined;
    }
  }
}
