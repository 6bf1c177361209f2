/** Walking the commit graph. */
import type { Commit, ObjectId } from '../../core/model/git';
import type { HistoryOptions } from '../../core/port';
import type { ObjectDatabase } from './objects';
import { itemAt } from './tree-operation';

/** Commits to visit, newest committer date first; equal dates in the order they were found. */
class CommitQueue {
  private readonly _heap: { readonly commit: Commit; readonly order: number }[] = [];
  private _counter = 0;

  some(test: (commit: Commit) => boolean): boolean {
    return this._heap.some(({ commit }) => test(commit));
  }

  push(commit: Commit): void {
    this._heap.push({ commit, order: this._counter++ });
    for (let at = this._heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this._isBefore(at, parent)) {
        break;
      }
      this._swap(at, parent);
      at = parent;
    }
  }

  pop(): Commit | undefined {
    const first = this._heap[0];
    const last = this._heap.pop();
    if (last && this._heap.length > 0) {
      this._heap[0] = last;
      this._sink();
    }
    return first?.commit;
  }

  private _sink(): void {
    for (let at = 0; ;) {
      const children = [2 * at + 1, 2 * at + 2].filter(child => child < this._heap.length);
      const child = children.reduce((best, each) => (this._isBefore(each, best) ? each : best), at);
      if (child === at) {
        return;
      }
      this._swap(at, child);
      at = child;
    }
  }

  private _isBefore(a: number, b: number): boolean {
    const left = this._heap[a] as { commit: Commit; order: number };
    const right = this._heap[b] as { commit: Commit; order: number };
    const later = left.commit.committer.time - right.commit.committer.time;
    return later > 0 || (later === 0 && left.order < right.order);
  }

  private _swap(a: number, b: number): void {
    [this._heap[a], this._heap[b]] = [this._heap[b] as never, this._heap[a] as never];
  }
}

/** What the paths are in a tree, as one string: equal strings = none of them changed. */
async function fingerprint(objects: ObjectDatabase, tree: ObjectId, paths: readonly string[]): Promise<string> {
  const items = await Promise.all(paths.map(path => itemAt(objects, tree, path)));
  return items.map(item => (item ? `${item.mode} ${item.oid}` : '-')).join('\n');
}

/**
 * Commits reachable from `start`, newest first. With `paths`, a merge that is the same as one parent there is followed
 * only to that parent (git's default history simplification).
 */
export async function* history(
  objects: ObjectDatabase,
  start: ObjectId,
  options: HistoryOptions = {}
): AsyncGenerator<Commit> {
  const limit = options.limit ?? Infinity;
  const paths = options.paths && options.paths.length > 0 && !options.paths.includes('') ? options.paths : null;
  const queue = new CommitQueue();
  const seen = new Set([start]);
  queue.push(await objects.readCommit(start));
  for (let count = 0; count < limit;) {
    const commit = queue.pop();
    if (!commit) {
      return;
    }
    const parents = await Promise.all(commit.parents.map(parent => objects.readCommit(parent)));
    const step = paths ? await simplify(objects, commit, parents, paths) : { shown: true, parents };
    if (step.shown) {
      count += 1;
      yield commit;
    }
    for (const parent of step.parents) {
      if (!seen.has(parent.oid)) {
        seen.add(parent.oid);
        queue.push(parent);
      }
    }
  }
}

async function simplify(
  objects: ObjectDatabase,
  commit: Commit,
  parents: readonly Commit[],
  paths: readonly string[]
): Promise<{ readonly shown: boolean; readonly parents: readonly Commit[] }> {
  const mine = await fingerprint(objects, commit.tree, paths);
  for (const parent of parents) {
    if ((await fingerprint(objects, parent.tree, paths)) === mine) {
      return { shown: false, parents: [parent] };
    }
  }
  const nothing = paths.map(() => '-').join('\n');
  return { shown: parents.length > 0 || mine !== nothing, parents };
}

const OURS = 1;
const THEIRS = 2;
const BOTH = OURS | THEIRS;
const STALE = 4;

/** From which starts commits are reached: colours flow from commits to their parents, newest commits first. */
class Painting {
  readonly queue = new CommitQueue();
  private readonly _colors = new Map<ObjectId, number>();

  constructor(private readonly _objects: ObjectDatabase) {}

  colorOf(oid: ObjectId): number {
    return this._colors.get(oid) ?? 0;
  }

  count(color: number): number {
    return [...this._colors.values()].filter(each => each === color).length;
  }

  /** A commit that gets a new colour waits (again) for passing it on. */
  async paint(oid: ObjectId, color: number): Promise<void> {
    const before = this.colorOf(oid);
    if ((before | color) !== before) {
      this._colors.set(oid, before | color);
      this.queue.push(await this._objects.readCommit(oid));
    }
  }

  async paintParents(commit: Commit, color: number): Promise<void> {
    for (const parent of commit.parents) {
      await this.paint(parent, color);
    }
  }
}

/**
 * The best common ancestors: reachable from both and from no other common ancestor. The walk is git's
 * paint_down_to_common. Newest first; several after criss-cross merges, none when the histories have nothing in common.
 */
export async function mergeBases(objects: ObjectDatabase, a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]> {
  if (a === b) {
    return [a];
  }
  const painting = new Painting(objects);
  await painting.paint(a, OURS);
  await painting.paint(b, THEIRS);
  const candidates = new Map<ObjectId, Commit>();
  const isStale = (commit: Commit): boolean => (painting.colorOf(commit.oid) & STALE) !== 0;
  // Once everything left is below a candidate, nothing better can come.
  while (painting.queue.some(commit => !isStale(commit))) {
    const commit = painting.queue.pop() as Commit;
    const color = painting.colorOf(commit.oid);
    if (color === BOTH) {
      candidates.set(commit.oid, commit);
    }
    await painting.paintParents(commit, color === BOTH ? BOTH | STALE : color);
  }
  const best = [...candidates.values()].filter(candidate => !isStale(candidate));
  return best.sort((x, y) => y.committer.time - x.committer.time).map(commit => commit.oid);
}

/**
 * How many commits only `commit` reaches (ahead), and only `base` (behind). The walk ends at the common history, below
 * which both reach everything. Like git's it relies on the dates: a commit dated long before its parents may be counted
 * on the wrong side.
 */
export async function distance(
  objects: ObjectDatabase,
  base: ObjectId,
  commit: ObjectId
): Promise<{ readonly ahead: number; readonly behind: number }> {
  const painting = new Painting(objects);
  await painting.paint(commit, OURS);
  await painting.paint(base, THEIRS);
  let oldest = Infinity;
  // A common commit that is not older than all we counted may still turn out to be a descendant of one of them.
  const isOpen = ({ oid, committer }: Commit): boolean => painting.colorOf(oid) !== BOTH || committer.time >= oldest;
  while (painting.queue.some(isOpen)) {
    const next = painting.queue.pop() as Commit;
    const color = painting.colorOf(next.oid);
    if (color !== BOTH) {
      oldest = Math.min(oldest, next.committer.time);
    }
    await painting.paintParents(next, color);
  }
  return { ahead: painting.count(OURS), behind: painting.count(THEIRS) };
}

/**
 * Commits that `tips` reach and `known` do not, newest first. Never too few; a commit dated long before its parents may be
 * among them although `known` reaches it.
 */
export async function commitsOnlyIn(
  objects: ObjectDatabase,
  tips: readonly ObjectId[],
  known: readonly ObjectId[]
): Promise<readonly Commit[]> {
  const painting = new Painting(objects);
  for (const [oids, color] of [[tips, OURS] as const, [known, THEIRS] as const]) {
    for (const oid of oids) {
      await painting.paint(oid, color);
    }
  }
  const found = new Map<ObjectId, Commit>();
  let oldest = Infinity;
  const isOurs = ({ oid }: Commit): boolean => painting.colorOf(oid) === OURS;
  // What is not older than all we found may still turn out to be a descendant of one of them: also of the same second.
  const isOpen = (one: Commit): boolean => isOurs(one) || one.committer.time >= oldest;
  while (painting.queue.some(isOpen)) {
    const next = painting.queue.pop() as Commit;
    if (isOurs(next)) {
      found.set(next.oid, next);
      oldest = Math.min(oldest, next.committer.time);
    }
    await painting.paintParents(next, painting.colorOf(next.oid));
  }
  return [...found.values()].filter(isOurs);
}

/** True when `ancestor` can be reached from `descendant`; a commit is its own ancestor. */
export async function isAncestor(objects: ObjectDatabase, ancestor: ObjectId, descendant: ObjectId): Promise<boolean> {
  const seen = new Set([descendant]);
  const open = [descendant];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (oid === ancestor) {
      return true;
    }
    for (const parent of (await objects.readCommit(oid)).parents) {
      if (!seen.has(parent)) {
        seen.add(parent);
        open.push(parent);
      }
    }
  }
  return false;
}
