/**
 * What differs from HEAD: index against HEAD's tree, work tree against the index by stat signature, and what is
 * untracked. Only files whose signature does not settle the question are read.
 */
import type { FileMode, Head, ObjectId, TreeEntry } from '../../core/model/git';
import { isWithin } from '../../core/model/path';
import type { CleanFilter, FileStat, IFileSystem, Scan, WorkTreeChange } from '../../core/port';
import { compareBytes } from './bytes';
import type { CacheTree } from './cache-tree';
import type { IgnoreRules, IgnoreStack } from './ignore-rules';
import type { IndexFile, RawIndexEntry } from './index-file';
import { toIndexStat } from './index-file';
import { earliestChange, isKnown, isRacy } from './index-transaction';
import type { TreeItem } from './object-codec';
import type { ObjectDatabase } from './objects';

export type ScanOptions = {
  readonly files: IFileSystem;
  readonly root: string;
  readonly head: Head;
  readonly tree: ObjectId | null;
  readonly index: IndexFile;
  readonly indexTime: bigint;
  readonly objects: ObjectDatabase;
  readonly ignore: IgnoreRules;
  readonly isAsset: (path: string) => Promise<boolean>;
  /** `core.fileMode`, `core.symlinks`, `core.trustctime`. */
  readonly fileMode: boolean;
  readonly symlinks: boolean;
  readonly trustCtime: boolean;
  readonly clean: CleanFilter;
  readonly under?: readonly string[] | undefined;
};

/** A scan, and entries found equal by content whose stat in the index is out of date. */
export type ScanOutcome = {
  readonly scan: Scan;
  readonly refreshed: readonly { readonly entry: RawIndexEntry; readonly stat: FileStat }[];
};

/** Whether the stat says that the file cannot have changed since the index entry was made. */
function isSameStat(entry: RawIndexEntry, stat: FileStat, trustCtime: boolean): boolean {
  const known = entry.stat;
  const low = (value: bigint): number => Number(BigInt.asUintN(32, value));
  return (
    isKnown(entry) &&
    known.size === stat.size % 0x1_0000_0000 &&
    known.ino === low(stat.ino) &&
    isSameTime(known.mtimeSeconds, known.mtimeNanoseconds, stat.mtimeNs) &&
    (!trustCtime || isSameTime(known.ctimeSeconds, known.ctimeNanoseconds, stat.ctimeNs))
  );
}

/** Nanoseconds of zero were written by a git that does not record them. */
function isSameTime(seconds: number, nanoseconds: number, time: bigint): boolean {
  const whole = time / 1_000_000_000n;
  return (
    seconds === Number(BigInt.asUintN(32, whole)) &&
    (nanoseconds === 0 || BigInt(nanoseconds) === time % 1_000_000_000n)
  );
}

const toTreeEntry = (entry: RawIndexEntry): TreeEntry => ({ path: entry.path, mode: entry.mode, oid: entry.oid });

function toFile(path: string, item: TreeItem | undefined): TreeEntry | null {
  return item && item.mode !== '40000' ? { path, mode: item.mode, oid: item.oid } : null;
}

/** Entries of the folder `prefix`: its own files by name, and those of the folders in it by the folder's name. */
function groupByName(
  entries: readonly RawIndexEntry[],
  prefix: string
): { readonly own: ReadonlyMap<string, RawIndexEntry>; readonly folders: Map<string, RawIndexEntry[]> } {
  const own = new Map<string, RawIndexEntry>();
  const folders = new Map<string, RawIndexEntry[]>();
  for (const entry of entries) {
    const slash = entry.path.indexOf('/', prefix.length);
    const name = entry.path.slice(prefix.length, slash < 0 ? undefined : slash);
    const below = slash < 0 ? undefined : (folders.get(name) ?? []);
    if (below) {
      below.push(entry);
      folders.set(name, below);
    } else {
      own.set(name, entry);
    }
  }
  return { own, folders };
}

type TrackedPaths = { readonly files: ReadonlySet<string>; readonly folders: ReadonlySet<string> };

/** By the entries, which stay the same object while the index stays the same. */
const knownPaths = new WeakMap<readonly RawIndexEntry[], TrackedPaths>();

function trackedPaths(entries: readonly RawIndexEntry[]): TrackedPaths {
  let known = knownPaths.get(entries);
  if (!known) {
    const folders = new Set<string>();
    for (const { path } of entries) {
      // A folder that is known has its own folders known.
      for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        const folder = path.slice(0, slash);
        if (folders.has(folder)) {
          break;
        }
        folders.add(folder);
      }
    }
    known = { files: new Set(entries.map(entry => entry.path)), folders };
    knownPaths.set(entries, known);
  }
  return known;
}

/** Files looked at in one go. */
const LOOK_AT_ONCE = 1024;

class Scanner {
  private readonly _changes = new Map<string, WorkTreeChange>();
  private readonly _refreshed: { entry: RawIndexEntry; stat: FileStat }[] = [];
  /** HEAD's entry where it is not what the index says; null = HEAD does not have it. */
  private readonly _headOnly = new Map<string, TreeEntry | null>();
  private readonly _tracked: TrackedPaths;
  /** Paths of HEAD that the index does not have. */
  private readonly _unindexed = new Set<string>();
  private readonly _started = earliestChange();

  constructor(private readonly _options: ScanOptions) {
    this._tracked = trackedPaths(_options.index.entries);
  }

  async run(): Promise<ScanOutcome> {
    const { head, tree, index } = this._options;
    await this._compareHead(tree, index.entries, '', index.cacheTree);
    const wanted = index.entries.filter(entry => this._isWanted(entry.path));
    for (let at = 0; at < wanted.length; at += LOOK_AT_ONCE) {
      await this._checkAll(wanted.slice(at, at + LOOK_AT_ONCE));
    }
    await this._removedFromIndex();
    await this._walkUntracked('', await this._options.ignore.top());
    const changes = [...this._changes.values()].sort((a, b) => compareBytes(a.path, b.path));
    return { scan: { head, tree, changes }, refreshed: this._refreshed };
  }

  private _isWanted(path: string): boolean {
    return this._options.under?.some(folder => isWithin(path, folder)) ?? true;
  }

  /** Fill `_headOnly`. `entries` are those of the folder `prefix`; a folder with a known tree id is compared by it. */
  private async _compareHead(
    tree: ObjectId | null,
    entries: readonly RawIndexEntry[],
    prefix: string,
    cached: CacheTree | null | undefined
  ): Promise<void> {
    if (tree !== null && cached && cached.count >= 0 && cached.oid === tree) {
      return;
    }
    const items = new Map((tree ? await this._options.objects.readTree(tree) : []).map(item => [item.name, item]));
    const { own, folders } = groupByName(entries, prefix);
    for (const [name, entry] of own) {
      const item = items.get(name);
      if (item?.oid !== entry.oid || item.mode !== entry.mode) {
        this._headOnly.set(entry.path, toFile(entry.path, item));
      }
    }
    for (const [name, item] of items) {
      if (item.mode === '40000') {
        folders.set(name, folders.get(name) ?? []);
      } else if (!own.has(name)) {
        this._headOnly.set(`${prefix}${name}`, toFile(`${prefix}${name}`, item));
      }
    }
    for (const [name, below] of folders) {
      const item = items.get(name);
      const oid = item?.mode === '40000' ? item.oid : null;
      await this._compareHead(oid, below, `${prefix}${name}/`, cached?.folders.get(name));
    }
  }

  private _headOf(entry: RawIndexEntry): TreeEntry | null {
    const differing = this._headOnly.get(entry.path);
    return differing === undefined ? toTreeEntry(entry) : differing;
  }

  private async _report(
    path: string,
    kind: WorkTreeChange['kind'],
    head: TreeEntry | null,
    index: TreeEntry | null,
    stat: FileStat | null
  ): Promise<void> {
    this._changes.set(path, { path, kind, head, index, stat, asset: await this._options.isAsset(path) });
  }

  /** Nothing is made for a file that is as the index says, and as HEAD: nearly all of them. */
  private async _checkAll(entries: readonly RawIndexEntry[]): Promise<void> {
    const { files, root } = this._options;
    const paths = entries.map(entry => `${root}/${entry.path}`);
    const stats = await files.lstatAll(paths);
    for (const [position, entry] of entries.entries()) {
      const path = paths[position] as string;
      const known = this._folders.get(path.slice(0, path.lastIndexOf('/')));
      const stat = (known ?? (await this._isBehindLink(path))) ? null : (stats[position] as FileStat | null);
      if (!stat || !this._isSettled(entry, stat)) {
        await this._checkTracked(entry, stat);
      }
    }
  }

  private _isSettled(entry: RawIndexEntry, stat: FileStat): boolean {
    return (
      entry.stage === 0 &&
      (stat.kind === 'file' || stat.kind === 'symlink') &&
      !this._headOnly.has(entry.path) &&
      this._isSameFile(entry, stat)
    );
  }

  private async _checkTracked(entry: RawIndexEntry, stat: FileStat | null): Promise<void> {
    const head = this._headOf(entry);
    if (entry.stage !== 0) {
      await this._report(entry.path, 'unmerged', this._headOnly.get(entry.path) ?? null, null, stat);
      return;
    }
    const index = toTreeEntry(entry);
    if (entry.mode === '160000') {
      // A submodule's own state is its own business; only a moved pointer differs from HEAD.
      if (this._headOnly.has(entry.path)) {
        await this._report(entry.path, head ? 'modified' : 'added', head, index, stat);
      }
      return;
    }
    if (!stat || stat.kind === 'directory') {
      // A skip-worktree entry is meant to be missing.
      if (head && !entry.skipWorktree) {
        await this._report(entry.path, 'removed', head, index, null);
      } else if (head && this._headOnly.has(entry.path)) {
        await this._report(entry.path, 'modified', head, index, null);
      }
      return;
    }
    const equalsIndex = await this._equalsIndex(entry, stat);
    if (!equalsIndex || this._headOnly.has(entry.path)) {
      await this._compareContent(entry, head, stat, equalsIndex);
    }
  }

  /** Links above a file would lead out of the project, so what lies behind one counts as missing. */
  private async _lstat(path: string, files: IFileSystem): Promise<FileStat | null> {
    const stat = await files.lstat(path);
    return stat && (await this._isBehindLink(path)) ? null : stat;
  }

  private readonly _folders = new Map<string, boolean>();

  private async _isBehindLink(path: string): Promise<boolean> {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder.length <= this._options.root.length) {
      return false;
    }
    let behind = this._folders.get(folder);
    if (behind === undefined) {
      const stat = await this._options.files.lstat(folder);
      behind = stat?.kind === 'symlink' || (await this._isBehindLink(folder));
      this._folders.set(folder, behind);
    }
    return behind;
  }

  private _modeOf(entry: RawIndexEntry, stat: FileStat): FileMode {
    if (stat.kind === 'symlink') {
      return '120000';
    }
    if (entry.mode === '120000' && !this._options.symlinks) {
      return '120000';
    }
    if (!this._options.fileMode && entry.mode !== '120000') {
      return entry.mode;
    }
    return stat.mode & 0o100 ? '100755' : '100644';
  }

  /** The stat alone says that the file equals the index. */
  private _isSameFile(entry: RawIndexEntry, stat: FileStat): boolean {
    return (
      !entry.intentToAdd &&
      this._modeOf(entry, stat) === entry.mode &&
      isSameStat(entry, stat, this._options.trustCtime) &&
      !isRacy(entry.stat, this._options.indexTime)
    );
  }

  private async _equalsIndex(entry: RawIndexEntry, stat: FileStat): Promise<boolean> {
    if (entry.intentToAdd || this._modeOf(entry, stat) !== entry.mode || stat.kind === 'other') {
      return false;
    }
    if (entry.assumeValid || this._isSameFile(entry, stat)) {
      return true;
    }
    const asset = await this._options.isAsset(entry.path);
    const oid = await this._options.clean(entry.path, stat, asset, toTreeEntry(entry));
    if (oid !== entry.oid) {
      return false;
    }
    // Not while the file may change again without git seeing it.
    if (!isRacy(toIndexStat(stat), this._started)) {
      this._refreshed.push({ entry, stat });
    }
    return true;
  }

  /** The index differs from HEAD, or the file from the index: the file may still equal HEAD. */
  private async _compareContent(
    entry: RawIndexEntry,
    head: TreeEntry | null,
    stat: FileStat,
    equalsIndex: boolean
  ): Promise<void> {
    const differsFromIndex = this._headOnly.has(entry.path);
    if (head && differsFromIndex && !equalsIndex && this._modeOf(entry, stat) === head.mode) {
      const asset = await this._options.isAsset(entry.path);
      if ((await this._options.clean(entry.path, stat, asset, head)) === head.oid) {
        return;
      }
    }
    await this._report(entry.path, head ? 'modified' : 'added', head, toTreeEntry(entry), stat);
  }

  /** In HEAD, not in the index: staged as removed, whatever stands in the work tree. */
  private async _removedFromIndex(): Promise<void> {
    for (const [path, head] of this._headOnly) {
      if (head && !this._tracked.files.has(path) && this._isWanted(path)) {
        const stat = await this._lstat(`${this._options.root}/${path}`, this._options.files);
        const file = stat?.kind === 'file' || stat?.kind === 'symlink' ? stat : null;
        this._unindexed.add(path);
        const asset = await this._options.isAsset(path);
        if (!file || (await this._options.clean(path, file, asset, head)) !== head.oid) {
          await this._report(path, file ? 'modified' : 'removed', head, null, file);
        }
      }
    }
  }

  private async _walkUntracked(folder: string, stack: IgnoreStack): Promise<void> {
    const { files, root, ignore } = this._options;
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const entry of await files.readdir(`${root}/${folder}`)) {
      const path = `${prefix}${entry.name}`;
      // A folder may stand where the index has a file.
      const tracked = entry.kind !== 'directory' && (this._tracked.files.has(path) || this._unindexed.has(path));
      if (entry.name.toLowerCase() === '.git' || tracked || !this._mayHoldWanted(path)) {
        continue;
      }
      if (entry.kind === 'directory') {
        await this._walkFolder(path, stack);
      } else if (entry.kind !== 'other' && this._isWanted(path) && !ignore.matches(stack, path)) {
        const stat = await files.lstat(`${root}/${path}`);
        if (stat) {
          await this._report(path, 'untracked', null, null, stat);
        }
      }
    }
  }

  private _mayHoldWanted(path: string): boolean {
    const { under } = this._options;
    return !under || under.some(folder => isWithin(path, folder) || isWithin(folder, path));
  }

  private async _walkFolder(path: string, stack: IgnoreStack): Promise<void> {
    const { files, root, ignore } = this._options;
    const tracked = this._tracked.folders.has(path);
    if (!tracked && (ignore.matches(stack, `${path}/`) || (await files.lstat(`${root}/${path}/.git`)))) {
      return;
    }
    const below = await ignore.enter(stack, path);
    await this._walkUntracked(path, below);
  }
}

export function scanWorkTree(options: ScanOptions): Promise<ScanOutcome> {
  return new Scanner(options).run();
}
