/** What has to happen to each path, and what stands in the way. Looks only; changes nothing. */
import { BranchbookError } from '../error';
import { POINTER_MAX_BYTES } from '../format/pointer';
import type { FileMode, ObjectId } from '../model/git';
import { checkPath, foldersAbove } from '../model/path';
import type { FileStat, IIndex, IndexEntry, IProject } from '../port';
import { cleanBlob } from './clean-filter';
import { fileOf, isSameTarget, isSettled, modeOf, readPointer, standInOf, targetOf, trustsFileMode } from './content';
import type { Target } from './content';
import { isStandIn } from './stand-in';
import { ignoresCase, refuseCollisions, renamedInCase } from './letter-case';
import type { PathChange } from './path-change';

export type Leaving = {
  readonly path: string;
  readonly stat: FileStat;
  /** Its content, known to be kept somewhere; null when it is unsnapshotted. */
  readonly target: Target | null;
};

export type Obstacle = { readonly path: string; readonly reason: string };

export type Plan = {
  readonly changes: readonly PathChange[];
  readonly leaving: readonly Leaving[];
  readonly coming: readonly { readonly path: string; readonly target: Target }[];
  /** Files that are already what they should be, and whose stat would give away that they are no more. */
  readonly settled: readonly { readonly path: string; readonly stat: FileStat }[];
  /** Unsnapshotted work that the change would take away. */
  readonly obstacles: readonly Obstacle[];
};

export type PlanInput = {
  readonly changes: readonly PathChange[];
  readonly index: IIndex;
  /** Unsnapshotted contents that may go, because they are kept already (undo). */
  readonly expected: ReadonlyMap<string, Target | null>;
};

/** Plans some of the changes, which come in order. PATH_UNSAFE for names that must not be written and behind a link. */
export type PlanSome = (changes: readonly PathChange[]) => Promise<Plan>;

/** CASE_COLLISION for names that this file system cannot tell apart. */
export async function openPlanner(project: IProject, input: PlanInput): Promise<PlanSome> {
  const fileMode = await trustsFileMode(project);
  const ignoring = await ignoresCase(project);
  if (ignoring) {
    refuseCollisions(input.index.paths, input.changes);
  }
  const planner = new Planner(project, input, fileMode, ignoring ? renamedInCase(input.changes) : new Set());
  return changes => planner.plan(changes);
}

/** WORK_TREE_DIRTY naming every path and why. */
export function refuseObstacles(obstacles: readonly Obstacle[]): void {
  if (obstacles.length > 0) {
    const list = obstacles.map(({ path, reason }) => `${path} (${reason})`).join(', ');
    throw new BranchbookError(
      'WORK_TREE_DIRTY',
      `Unsnapshotted work would be overwritten: ${list}.`,
      { paths: obstacles },
      'Snapshot it, park it on the current branch, or discard it (discarding can be undone).'
    );
  }
}

/** The index keeps only the low 32 bits of sizes and inode numbers. */
function isIndexed(stat: FileStat, indexed: FileStat): boolean {
  return (
    stat.size % 0x1_0000_0000 === indexed.size &&
    BigInt.asUintN(32, stat.ino) === BigInt.asUintN(32, indexed.ino) &&
    stat.mtimeNs === indexed.mtimeNs
  );
}

class Planner {
  private _leaving: Leaving[] = [];
  private _coming: { path: string; target: Target }[] = [];
  private _settled: { path: string; stat: FileStat }[] = [];
  private _obstacles: Obstacle[] = [];
  /** Files that no change names and that are in the way of several. */
  private readonly _pushed = new Set<string>();
  private readonly _folders = new Map<string, FileStat['kind'] | null>();
  private readonly _changed: ReadonlySet<string>;

  constructor(
    private readonly _project: IProject,
    private readonly _input: PlanInput,
    /** `core.fileMode` */
    private readonly _fileMode: boolean,
    /** Paths where what is found is another path's file, which leaves. */
    private readonly _vacant: ReadonlySet<string>
  ) {
    this._changed = new Set(_input.changes.map(change => change.path));
  }

  async plan(changes: readonly PathChange[]): Promise<Plan> {
    [this._leaving, this._coming, this._settled, this._obstacles] = [[], [], [], []];
    for (const change of changes) {
      checkPath(change.path);
      // Submodules are not ours to check out; git leaves their folders alone as well.
      if (change.from?.mode !== '160000' && change.to?.mode !== '160000') {
        await this._plan(change);
      }
    }
    return {
      changes,
      leaving: this._leaving,
      coming: this._coming,
      settled: this._settled,
      obstacles: this._obstacles
    };
  }

  private async _plan(change: PathChange): Promise<void> {
    const above = await this._checkFolders(change);
    if (above === 'blocked') {
      return;
    }
    // Below a link that is about to leave, looking would follow the link.
    const absent = above === 'absent' || this._vacant.has(change.path);
    const stat = absent ? null : await this._project.files.lstat(`${this._project.root}/${change.path}`);
    if (stat === null) {
      this._planAbsent(change);
    } else if (stat.kind === 'directory') {
      await this._planFolder(change);
    } else {
      await this._planFile(change, stat);
    }
  }

  private _planAbsent(change: PathChange): void {
    if (!change.to) {
      return;
    }
    if (change.from && this._input.expected.get(change.path) !== null) {
      this._obstacles.push({ path: change.path, reason: 'removed here, not snapshotted' });
    }
    this._coming.push({ path: change.path, target: change.to });
  }

  /** A folder where a file should come: fine when all that is in it leaves. */
  private async _planFolder(change: PathChange): Promise<void> {
    if (!change.to) {
      return;
    }
    for (const path of await this._filesBelow(change.path)) {
      if (!this._changed.has(path)) {
        await this._pushAside(path, `not snapshotted, and ${change.path} becomes a file`);
      }
    }
    this._coming.push({ path: change.path, target: change.to });
  }

  private async _planFile(change: PathChange, stat: FileStat): Promise<void> {
    const { path, to } = change;
    const settled = isSettled(stat, this._project.clock.now());
    const target = await this._knownContent(change, stat);
    if (to && (target ? isSameTarget(target, to) : await this._holds(path, stat, fileOf(to)))) {
      if (settled) {
        this._settled.push({ path, stat });
      }
      return;
    }
    if (!target) {
      this._obstacles.push({ path, reason: change.from ? 'modified, not snapshotted' : 'not snapshotted' });
    }
    this._leaving.push({ path, stat, target });
    if (to) {
      this._coming.push({ path, target: to });
    }
  }

  /** What the file holds, when that is kept elsewhere: as in HEAD, or as an earlier operation left it. */
  private async _knownContent(change: PathChange, stat: FileStat): Promise<Target | null> {
    const [indexed] = this._input.index.entriesAt(change.path);
    const { from } = change;
    if (from && indexed?.stage === 0 && indexed.oid === from.oid && this._isFresh(indexed, stat)) {
      return this._formOf(change.path, stat, targetOf(from));
    }
    const expected = this._input.expected.get(change.path);
    if (expected && (await this._holds(change.path, stat, expected))) {
      return expected;
    }
    const known = from !== null && (await this._holds(change.path, stat, targetOf(from)));
    return known ? this._formOf(change.path, stat, targetOf(from)) : null;
  }

  /** git takes an asset and its pointer's text for the same; what lies there decides what can be done with it. */
  private async _formOf(path: string, stat: FileStat, target: Target): Promise<Target> {
    return (await isStandIn(this._project, path, stat)) ? standInOf(target) : target;
  }

  private _isFresh(indexed: IndexEntry, stat: FileStat): boolean {
    return indexed.stat !== null && isIndexed(stat, indexed.stat) && this._hasMode(stat, indexed.mode);
  }

  private _hasMode(stat: FileStat, mode: FileMode): boolean {
    const bitsAside = !this._fileMode && stat.kind === 'file' && mode !== '120000';
    return bitsAside || modeOf(stat) === mode;
  }

  private async _holds(path: string, stat: FileStat, target: Target): Promise<boolean> {
    const { content, mode } = target;
    const link = mode === '120000';
    if (!this._hasMode(stat, mode)) {
      return false;
    }
    const absolute = `${this._project.root}/${path}`;
    switch (content.kind) {
      case 'link':
        return (await this._project.files.readlink(absolute)) === content.target;
      case 'stored':
        return content.size === stat.size && (await this._project.store.hashFile(absolute)) === content.sha256;
      case 'pointer':
        return stat.size <= POINTER_MAX_BYTES && (await this._hashText(absolute)) === content.oid;
      case 'git': {
        const pointer = link ? null : await readPointer(this._project, content.oid);
        // The other size may be that of the pointer's own text, when the content was not to be had.
        if (pointer && pointer.size !== stat.size && stat.size > 1024) {
          return false;
        }
        return (await cleanBlob(this._project, path, stat, pointer !== null)) === content.oid;
      }
    }
  }

  private async _hashText(absolute: string): Promise<ObjectId> {
    return this._project.git.hashBlob((await this._project.files.readFile(absolute)) ?? new Uint8Array());
  }

  /** Whether the folders above a path can hold it. A link among them could lead anywhere. */
  private async _checkFolders(change: PathChange): Promise<'there' | 'absent' | 'blocked'> {
    for (const folder of foldersAbove(change.path)) {
      const kind = await this._kindOf(folder);
      if (kind === 'directory') {
        continue;
      }
      if (kind === null || this._changed.has(folder)) {
        return 'absent';
      }
      if (kind === 'symlink') {
        throw new BranchbookError(
          'PATH_UNSAFE',
          `${change.path} lies behind the symbolic link ${folder}, which may lead outside the project.`,
          { path: change.path, reason: `${folder} is a symbolic link` },
          `Replace the link ${folder} by a real folder, then try again.`
        );
      }
      if (!change.to) {
        return 'blocked';
      }
      await this._pushAside(folder, 'not snapshotted, and it becomes a folder');
      return 'absent';
    }
    return 'there';
  }

  /** A file of the user's that no change names stands where another kind of thing should be. */
  private async _pushAside(path: string, reason: string): Promise<void> {
    const stat = await this._project.files.lstat(`${this._project.root}/${path}`);
    if (stat && !this._pushed.has(path)) {
      this._pushed.add(path);
      this._obstacles.push({ path, reason });
      this._leaving.push({ path, stat, target: null });
    }
  }

  private async _kindOf(folder: string): Promise<FileStat['kind'] | null> {
    let kind = this._folders.get(folder);
    if (kind === undefined) {
      kind = (await this._project.files.lstat(`${this._project.root}/${folder}`))?.kind ?? null;
      this._folders.set(folder, kind);
    }
    return kind;
  }

  private async _filesBelow(folder: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const entry of await this._project.files.readdir(`${this._project.root}/${folder}`)) {
      const path = `${folder}/${entry.name}`;
      found.push(...(entry.kind === 'directory' ? await this._filesBelow(path) : [path]));
    }
    return found;
  }
}
