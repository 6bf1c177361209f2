/**
 * What differs from HEAD: index against HEAD's tree, work tree against the index by stat signature, and what is
 * untracked. Only files whose signature does not settle the question are read.
 */
import type { FileMode, Head, ObjectId, TreeEntry, TreeItem } from '../../core/model/git';
import { isWithin } from '../../core/model/path';
import type { CleanFilter, FileStat, IFileSystem, Scan, WorkTreeChange } from '../../core/port';
import { compareBytes } from './bytes';
import type { CacheTree } from './cache-tree';
import type { IgnoreRules } from './ignore-rules';
import { earliestChange, isKnown, isRacy, racySince } from './index-editor';
import { toIndexStat } from './index-entry';
import type { RawIndexEntry } from './index-entry';
import type { IndexFile } from './index-file';
import type { ObjectDatabase } from './objects';
import { walkUntracked } from './untracked';

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

const low32 = (value: bigint): number => Number(BigInt.asUintN(32, value));

/** Whether the stat says that the file cannot have changed since the index entry was made. */
function isSameStat(entry: RawIndexEntry, stat: FileStat, trustCtime: boolean): boolean {
  const known = entry.stat;
  return (
    isKnown(entry) &&
    known.size === stat.size % 0x1_0000_0000 &&
    known.ino === low32(stat.ino) &&
    isSameTime(known.mtimeSeconds, known.mtimeNanoseconds, stat.mtimeNs) &&
    (!trustCtime || isSameTime(known.ctimeSeconds, known.ctimeNanoseconds, stat.ctimeNs))
  );
}

/** Nanoseconds of zero were written by a git that does not record them. */
function isSameTime(seconds: number, nanoseconds: number, time: bigint): boolean {
  const whole = time / 1_000_000_000n;
  return seconds === low32(whole) && (nanoseconds === 0 || BigInt(nanoseconds) === time % 1_000_000_000n);
}

const toTreeEntry = (entry: RawIndexEntry): TreeEntry => ({ path: entry.path, mode: entry.mode, oid: entry.oid });

function toFile(path: string, item: TreeItem | undefined): TreeEntry | null {
  return item && item.mode !== '40000' ? { path, mode: item.mode, oid: item.oid } : null;
}

/** Whether `folder` ('' or with a slash at the end) holds the path itself. */
function isDirectlyIn(path: string, folder: string): boolean {
  return path.startsWith(folder) && path.indexOf('/', folder.length) < 0;
}

/** Files looked at together: enough for two threads to share, and no more paths in memory than that. */
const LOOKED_AT_ONCE = 32_768;

class Scanner {
  private readonly _changes = new Map<string, WorkTreeChange>();
  private readonly _refreshed: { entry: RawIndexEntry; stat: FileStat }[] = [];
  /** HEAD's entry where it is not what the index says; null = HEAD does not have it. */
  private readonly _headOnly = new Map<string, TreeEntry | null>();
  /** Paths of HEAD that the index does not have. */
  private readonly _unindexed = new Set<string>();
  private readonly _started = earliestChange();
  private readonly _isRacySecond: (mtimeSeconds: number) => boolean;

  constructor(private readonly _options: ScanOptions) {
    this._isRacySecond = racySince(_options.indexTime);
  }

  async run(): Promise<ScanOutcome> {
    const { head, tree, root, index } = this._options;
    await this._compareHead(tree, 0, index.paths.length, '', index.cacheTree);
    // Removed entries first: the walk has to know them, and runs while other threads look at files.
    await this._removedFromIndex();
    const walk = (): Promise<void> =>
      walkUntracked({
        ...this._options,
        isListed: path => this._unindexed.has(path),
        found: (path, stat) => this._report(path, 'untracked', null, null, stat)
      });
    const [unsettled] = await Promise.all([this._unsettled(), walk()]);
    for (const position of unsettled) {
      const entry = index.entry(position);
      await this._checkTracked(entry, await this._lstat(`${root}/${entry.path}`));
    }
    const changes = [...this._changes.values()].sort((a, b) => compareBytes(a.path, b.path));
    return { scan: { head, tree, changes }, refreshed: this._refreshed };
  }

  private _isWanted(path: string): boolean {
    return this._options.under?.some(folder => isWithin(path, folder)) ?? true;
  }

  /**
   * Fill `_headOnly`. The entries from `start` to `end` are those of the folder `prefix`; a folder with a known tree id
   * is compared by it.
   */
  private async _compareHead(
    tree: ObjectId | null,
    start: number,
    end: number,
    prefix: string,
    cached: CacheTree | null | undefined
  ): Promise<void> {
    if (tree !== null && cached && cached.count >= 0 && cached.oid === tree) {
      return;
    }
    const { index, objects } = this._options;
    const items = new Map((tree ? await objects.readTree(tree) : []).map(item => [item.name, item]));
    const seen = new Set<string>();
    for (let at = start; at < end;) {
      const path = index.paths[at] as string;
      const slash = path.indexOf('/', prefix.length);
      const name = path.slice(prefix.length, slash < 0 ? undefined : slash);
      const item = items.get(name);
      if (slash < 0) {
        if (!item || item.mode === '40000' || !index.isEntry(at, item.mode, item.oid)) {
          this._headOnly.set(path, toFile(path, item));
        }
        at += 1;
      } else {
        const below = index.endOf(`${prefix}${name}/`, at, end);
        const oid = item?.mode === '40000' ? item.oid : null;
        await this._compareHead(oid, at, below, `${prefix}${name}/`, cached?.folders.get(name));
        at = below;
      }
      seen.add(name);
    }
    for (const [name, item] of items) {
      const path = `${prefix}${name}`;
      if (!seen.has(name) && item.mode === '40000') {
        await this._compareHead(item.oid, end, end, `${path}/`, null);
      } else if (!seen.has(name)) {
        this._headOnly.set(path, toFile(path, item));
      }
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

  /** Positions of the entries for which one quick look is not enough: few, usually. Nothing is made of the others. */
  private async _unsettled(): Promise<readonly number[]> {
    const { root, index } = this._options;
    const unsettled: number[] = [];
    let looked: number[] = [];
    // The next files are gathered while those before are looked at.
    let looking: Promise<void> = Promise.resolve();
    let folder = '';
    let behindLink = false;
    for (const [position, path] of index.paths.entries()) {
      if (!this._isWanted(path)) {
        continue;
      }
      if (!isDirectlyIn(path, folder)) {
        folder = path.slice(0, path.lastIndexOf('/') + 1);
        behindLink = await this._isBehindLink(`${root}/${path}`);
      }
      if (behindLink || !this._isSettling(position, path)) {
        unsettled.push(position);
      } else if (looked.push(position) === LOOKED_AT_ONCE) {
        await looking;
        looking = this._glance(looked, unsettled);
        looking.catch(() => undefined); // Seen before the next ones are looked at, or at the end.
        looked = [];
      }
    }
    await looking;
    await this._glance(looked, unsettled);
    return unsettled;
  }

  /** Add to `unsettled` those of the positions whose files a look does not show to be unchanged. */
  private async _glance(positions: readonly number[], unsettled: number[]): Promise<void> {
    const { files, root, index, fileMode, trustCtime } = this._options;
    const paths = positions.map(position => `${root}/${index.paths[position] as string}`);
    await files.glanceAll(paths, (at, glance) => {
      const position = positions[at] as number;
      if (!glance || !index.looksSame(position, glance, fileMode, trustCtime)) {
        unsettled.push(position);
      }
    });
  }

  /** Whether a look at the file may show that it is as the index says, and as HEAD. */
  private _isSettling(position: number, path: string): boolean {
    const { index } = this._options;
    return index.isPlain(position) && !this._isRacySecond(index.mtimeSeconds(position)) && !this._headOnly.has(path);
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
  private async _lstat(path: string): Promise<FileStat | null> {
    const stat = await this._options.files.lstat(path);
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
      if (head && !this._options.index.has(path) && this._isWanted(path)) {
        const stat = await this._lstat(`${this._options.root}/${path}`);
        const file = stat?.kind === 'file' || stat?.kind === 'symlink' ? stat : null;
        this._unindexed.add(path);
        const asset = await this._options.isAsset(path);
        if (!file || (await this._options.clean(path, file, asset, head)) !== head.oid) {
          await this._report(path, file ? 'modified' : 'removed', head, null, file);
        }
      }
    }
  }
}

export function scanWorkTree(options: ScanOptions): Promise<ScanOutcome> {
  return new Scanner(options).run();
}
