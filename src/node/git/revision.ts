/** git's revision syntax (Documentation/revisions.adoc), as far as it names one commit. */
import { BranchbookError, hasCode } from '../../core/error';
import type { ObjectId } from '../../core/model/git';
import { parseDate } from './date';
import type { ObjectDatabase } from './objects';
import { noObject, readReflog } from './reflog';
import type { RefStore } from './ref-store';

/** Where git looks for a short name, first match wins. */
const searchPath = ['', 'refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/'];
/** More than this many generations back is a typing error, not a question. */
const MAX_GENERATIONS = 1_000_000;

function unknown(revision: string, why = 'there is no branch, tag or snapshot of that name'): BranchbookError {
  return new BranchbookError(
    'REVISION_UNKNOWN',
    `Cannot find ${JSON.stringify(revision)}: ${why}.`,
    { revision },
    'Look at the branches with “branchbook branch”, at the snapshots with “branchbook versions”.'
  );
}

export class Revisions {
  constructor(
    private readonly _store: RefStore,
    private readonly _objects: ObjectDatabase,
    private readonly _now: () => Date
  ) {}

  /** The commit. REVISION_UNKNOWN, UNBORN_HEAD, or REVISION_AMBIGUOUS with the candidates. */
  async resolve(revision: string): Promise<ObjectId> {
    try {
      return await this._resolve(revision);
    } catch (error) {
      throw hasCode(error, 'REVISION_UNKNOWN') ? await this._unbornOr(error, revision) : error;
    }
  }

  /** The better explanation when the revision counts from a branch without a snapshot. */
  private async _unbornOr(error: BranchbookError, revision: string): Promise<BranchbookError> {
    const head = await this._store.head();
    if (head.kind === 'detached' || head.commit) {
      return error;
    }
    const [base] = revision.split(/[~^]|@\{/, 1);
    if (!['', '@', 'HEAD', head.branch, `refs/heads/${head.branch}`].includes(base!)) {
      return error;
    }
    return new BranchbookError(
      'UNBORN_HEAD',
      `The branch ${head.branch} has no snapshot yet.`,
      { branch: head.branch },
      'Take the first snapshot: `branchbook snapshot -m "first"`.'
    );
  }

  private async _resolve(revision: string): Promise<ObjectId> {
    const match = /^(.*?)(@\{[^{}]*\})?((?:[~^](?:\d+|\{[a-z]*\})?)*)$/s.exec(revision);
    if (!match || revision === '') {
      throw unknown(revision);
    }
    const [base, at, steps] = [match[1] as string, match[2], match[3] as string];
    let oid = at ? await this._resolveAt(revision, base, at.slice(2, -1)) : await this._resolveName(revision, base);
    oid = await this._toCommit(revision, oid);
    for (const step of steps.match(/[~^](?:\d+|\{[a-z]*\})?/g) ?? []) {
      oid = await this._step(revision, oid, step);
    }
    return oid;
  }

  /** Full name of the ref that a short name means; null when there is none. */
  async refName(name: string): Promise<string | null> {
    if (name === '' || name.split('/').some(part => part === '' || part === '.' || part === '..')) {
      return null;
    }
    const candidates = searchPath.map(prefix => `${prefix}${name}`);
    for (const candidate of [...candidates, `refs/remotes/${name}/HEAD`]) {
      const possible = candidate.startsWith('refs/') || /^[A-Z_]+$/.test(candidate);
      if (possible && (await this._store.follow(candidate)).oid) {
        return candidate;
      }
    }
    return null;
  }

  private async _resolveName(revision: string, name: string): Promise<ObjectId> {
    const full = name === '@' ? 'HEAD' : name;
    // Forty digits are always an id, even when a branch is called so.
    if (/^[0-9a-f]{40}$/i.test(full)) {
      const oid = full.toLowerCase();
      if (!(await this._objects.has(oid))) {
        throw unknown(revision);
      }
      return oid;
    }
    const ref = await this.refName(full);
    const oid = ref && (await this._store.follow(ref)).oid;
    return oid ?? this._resolvePrefix(revision, full);
  }

  private async _resolvePrefix(revision: string, text: string): Promise<ObjectId> {
    // What "git describe" prints ends in the abbreviated id.
    const prefix = (/^.*-\d+-g([0-9a-f]{4,40})$/i.exec(text)?.[1] ?? text).toLowerCase();
    if (!/^[0-9a-f]{4,40}$/.test(prefix)) {
      throw unknown(revision);
    }
    const found = await this._objects.expand(prefix);
    const commits: ObjectId[] = [];
    for (const oid of found) {
      const { type } = await this._objects.peel(oid);
      if (type === 'commit') {
        commits.push(oid);
      }
    }
    if (commits.length > 1) {
      throw new BranchbookError(
        'REVISION_AMBIGUOUS',
        `${JSON.stringify(revision)} is the beginning of ${commits.length} ids.`,
        { revision, candidates: commits },
        'Write more of its digits.'
      );
    }
    if (commits.length === 0) {
      throw unknown(revision);
    }
    return commits[0] as ObjectId;
  }

  private async _resolveAt(revision: string, base: string, inside: string): Promise<ObjectId> {
    const name = await this._logName(revision, base);
    const previous = /^-(\d+)$/.exec(inside);
    if (previous && base === '') {
      return this._previousBranch(revision, Number(previous[1]));
    }
    const log = await readReflog(this._store, name);
    if (/^\d+$/.test(inside)) {
      return this._nthBefore(revision, name, log, Number(inside));
    }
    const time = parseDate(inside, this._now());
    if (time === null) {
      throw unknown(revision, `${JSON.stringify(inside)} is neither a number nor a date`);
    }
    const line = log.filter(each => each.time <= time).at(-1);
    if (line && line.to !== noObject) {
      return line.to;
    }
    return this._atDate(revision, name, time);
  }

  /** `@{n}` without a name means the current branch; `HEAD@{n}` means HEAD's own log. */
  private async _logName(revision: string, base: string): Promise<string> {
    if (base === '') {
      const head = await this._store.head();
      return head.kind === 'branch' ? `refs/heads/${head.branch}` : 'HEAD';
    }
    const name = await this.refName(base === '@' ? 'HEAD' : base);
    if (!name) {
      throw unknown(revision);
    }
    return name;
  }

  private async _nthBefore(
    revision: string,
    name: string,
    log: Awaited<ReturnType<typeof readReflog>>,
    n: number
  ): Promise<ObjectId> {
    if (n === 0) {
      const { oid } = await this._store.follow(name);
      if (oid) {
        return oid;
      }
    }
    // The oldest line also tells what was before it.
    const oid = log.at(-1 - n)?.to ?? (n === log.length ? log[0]?.from : undefined);
    if (!oid || oid === noObject) {
      throw unknown(revision, `the log of ${name} has only ${log.length} entries`);
    }
    return oid;
  }

  private async _previousBranch(revision: string, n: number): Promise<ObjectId> {
    const moves = (await readReflog(this._store, 'HEAD'))
      .map(line => /^checkout: moving from (\S+) to /.exec(line.message)?.[1])
      .filter(name => name !== undefined);
    const name = moves.at(-n);
    if (!name || n < 1) {
      throw unknown(revision, `there were not ${n} switches`);
    }
    return this._resolveName(revision, name);
  }

  /** Before the reflog begins: the newest commit of the main line that is not younger than `time`. */
  private async _atDate(revision: string, name: string, time: number): Promise<ObjectId> {
    for (let oid = (await this._store.follow(name)).oid; oid;) {
      const commit = await this._objects.readCommit((await this._objects.peel(oid)).oid);
      if (commit.committer.time <= time) {
        return commit.oid;
      }
      oid = commit.parents[0] ?? null;
    }
    throw unknown(revision, 'that is before the first snapshot');
  }

  private async _toCommit(revision: string, oid: ObjectId): Promise<ObjectId> {
    const peeled = await this._objects.peel(oid);
    if (peeled.type !== 'commit') {
      throw unknown(revision, `it names a ${peeled.type}, not a snapshot`);
    }
    return peeled.oid;
  }

  private async _step(revision: string, oid: ObjectId, step: string): Promise<ObjectId> {
    const argument = step.slice(1);
    if (argument.startsWith('{')) {
      if (step[0] === '^' && (argument === '{}' || argument === '{commit}')) {
        return oid;
      }
      throw unknown(revision, `${step} does not name a snapshot`);
    }
    const n = argument === '' ? 1 : Number(argument);
    if (step[0] === '^') {
      return n === 0 ? oid : this._parent(revision, oid, n);
    }
    let at = oid;
    for (let left = Math.min(n, MAX_GENERATIONS); left > 0; left -= 1) {
      at = await this._parent(revision, at, 1);
    }
    return at;
  }

  private async _parent(revision: string, oid: ObjectId, n: number): Promise<ObjectId> {
    const parent = (await this._objects.readCommit(oid)).parents[n - 1];
    if (!parent) {
      throw unknown(revision, `${oid.slice(0, 7)} has no ${n === 1 ? 'parent' : `parent number ${n}`}`);
    }
    return parent;
  }
}
