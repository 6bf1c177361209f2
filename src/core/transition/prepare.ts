/**
 * Make everything ready beside the work tree: every file that will come lies flushed in staging (or, an asset that was
 * here before, in `materialized/`), so that what follows is renames only. Fails without having touched the work tree.
 */
import { throwIfCancelled } from '../cancel';
import { mapConcurrently } from '../concurrency';
import { ensureDirectory, parentOf } from '../durable';
import { BranchbookError } from '../error';
import { encodePointer } from '../format/pointer';
import type { Pointer, Sha256 } from '../model/asset';
import type { FileMode, ObjectId } from '../model/git';
import type { Activity, FileStat, IFileHandle, IProject } from '../port';
import { requireSpace } from '../space';
import { buildAssets } from './build-assets';
import { identityOf, isExecutable, readPointers, standInOf } from './content';
import type { Target } from './content';
import type { KeptFile } from './keep-contents';
import type { Plan } from './plan';
import { parkedFolder, parkingPlace, takeParked } from './parked-blob';
import { stagingOf } from './steps';
import type { ParkedFile, Step } from './steps';
import { materializedPath, verifyFiles } from './verified-file';

/** Files that are open at the same time; programs may usually have 1024. */
const WRITTEN_AT_ONCE = 128;

/**
 * A file to write, and what its blob points to (an asset whose content is not here comes as its pointer, as with
 * git-lfs), or one that is parked.
 */
type SmallFile = {
  readonly path: string;
  readonly target: Target;
  readonly pointer: Pointer | null;
  readonly parked: ParkedFile | null;
};

/** The steps for a plan whose leaving files are all kept somewhere. Staged content is durable on return. */
export async function prepareSteps(
  project: IProject,
  id: string,
  leaving: readonly KeptFile[],
  coming: Plan['coming'],
  activity: Activity
): Promise<readonly Step[]> {
  const preparation = await Preparation.open(project, id, activity);
  const steps = await preparation.steps(leaving, coming);
  await preparation.finish();
  return steps;
}

/** Makes steps ready, any number of times; what it staged is durable after `finish`. */
export class Preparation {
  private _count = 0;
  /** Contents that leave to `materialized/`. */
  private readonly _leaving = new Set<Sha256>();
  /** Of these steps, those that a coming file may take; each only once. */
  private readonly _available = new Map<Sha256, ParkedFile>();
  private readonly _claimed = new Set<Sha256>();
  /** Files in `parked/` that come, or that are on their way there. */
  private readonly _parked = new Set<string>();

  private constructor(
    private readonly _project: IProject,
    private readonly _staging: string,
    private readonly _activity: Activity
  ) {}

  /** Make the folders in which the change `id` stages. */
  static async open(project: IProject, id: string, activity: Activity): Promise<Preparation> {
    const staging = stagingOf(project, id);
    await ensureDirectory(project.files, parentOf(staging));
    await ensureDirectory(project.files, `${project.home}/materialized`);
    await ensureDirectory(project.files, parkedFolder(project));
    for (const folder of foldersIn(staging)) {
      await project.files.mkdir(folder);
    }
    return new Preparation(project, staging, activity);
  }

  async steps(leaving: readonly KeptFile[], coming: Plan['coming']): Promise<readonly Step[]> {
    this._available.clear();
    const leaves = new Map<string, ParkedFile>();
    for (const file of leaving) {
      leaves.set(file.path, await this._park(file));
    }
    const comes = await this._stageAll(coming);
    const paths = new Set([...leaves.keys(), ...comes.keys()]);
    return [...paths].map(path => ({ path, leaves: leaves.get(path) ?? null, comes: comes.get(path) ?? null }));
  }

  async finish(): Promise<void> {
    const folders = [parentOf(this._staging), ...foldersIn(this._staging)];
    await mapConcurrently(folders, folder => this._project.files.syncDirectory(folder));
  }

  /** Where a leaving file goes: an asset to `materialized/`, unless its content is there already. */
  private async _park(leaving: KeptFile): Promise<ParkedFile> {
    const { target, asset } = leaving;
    const identity = identityOf(leaving.stat);
    if (asset && !this._leaving.has(asset.sha256)) {
      const place = materializedPath(this._project, asset.sha256);
      if (!(await this._project.files.lstat(place))) {
        const parked = { identity, place, target };
        this._leaving.add(asset.sha256);
        this._available.set(asset.sha256, parked);
        return parked;
      }
    }
    const place = await parkingPlace(this._project, leaving);
    if (place !== null && !this._parked.has(place)) {
      this._parked.add(place);
      return { identity, place, target };
    }
    return { identity, place: this._next('old'), target };
  }

  private async _stageAll(coming: Plan['coming']): Promise<ReadonlyMap<string, ParkedFile>> {
    const staged = new Map<string, ParkedFile>();
    const builds: { path: string; target: Target; pointer: Pointer; place: string }[] = [];
    const small: SmallFile[] = [];
    const waiting = await this._waitingBlobs(coming);
    const pointers = await this._pointersOf(coming, waiting);
    const ready = await this._ready(pointers);
    for (const [at, { path, target }] of coming.entries()) {
      throwIfCancelled(this._activity);
      const pointer = pointers[at] ?? null;
      const here = pointer && (await this._take(pointer, target, ready.get(pointer.sha256) ?? null));
      if (here) {
        staged.set(path, here);
      } else if (pointer && (await this._isStored(pointer.sha256))) {
        builds.push({ path, target, pointer, place: this._next('new') });
      } else {
        small.push({ path, target: pointer ? standInOf(target) : target, pointer, parked: waiting[at]! });
      }
    }
    for (let at = 0; at < small.length; at += WRITTEN_AT_ONCE) {
      await this._stageSmall(small.slice(at, at + WRITTEN_AT_ONCE), staged);
    }
    const needed = builds.reduce((sum, build) => sum + build.pointer.size, 0);
    await requireSpace(this._project.files, this._project.home, needed);
    const wanted = builds.map(({ pointer, place }) => ({ sha256: pointer.sha256, place }));
    await buildAssets(this._project, wanted, this._activity);
    for (const { path, target, place } of builds) {
      const stat = (await this._project.files.lstat(place))!;
      await this._setMode(place, stat, target.mode);
      staged.set(path, { identity: identityOf(stat), place, target });
    }
    return staged;
  }

  /** Known is enough: content that is damaged must fail aloud, not turn into its pointer. */
  private async _isStored(sha256: Sha256): Promise<boolean> {
    const { store } = this._project;
    return (await store.has(sha256)) || (await store.info(sha256)) !== null;
  }

  private _next(folder: 'old' | 'new'): string {
    this._count += 1;
    return `${this._staging}/${folder}/${this._count}`;
  }

  /** What is in `parked/` already, by position; assets are not. */
  private async _waitingBlobs(coming: Plan['coming']): Promise<readonly (ParkedFile | null)[]> {
    const isAsset = this._project.git.assetRules();
    const waiting: (ParkedFile | null)[] = [];
    for (const { path, target } of coming) {
      waiting.push((await isAsset(path)) ? null : await this._takeParked(target));
    }
    return waiting;
  }

  private async _pointersOf(
    coming: Plan['coming'],
    waiting: readonly (ParkedFile | null)[]
  ): Promise<readonly (Pointer | null)[]> {
    const pointers = coming.map(
      ({ target: { content } }) => (content.kind === 'stored' ? content : null) as Pointer | null
    );
    const blobs = coming.map(({ target }, at) => (waiting[at] ? null : blobOf(target)));
    await readPointers(this._project, blobs, async (at, pointer) => {
      throwIfCancelled(this._activity);
      pointers[at] ??= pointer;
    });
    return pointers;
  }

  /** Files in `materialized/` that hold these contents, verified. */
  private async _ready(pointers: readonly (Pointer | null)[]): Promise<ReadonlyMap<Sha256, FileStat | null>> {
    const wanted = [...new Set(pointers.flatMap(pointer => pointer?.sha256 ?? []))];
    const claims = wanted.filter(sha256 => !this._claimed.has(sha256) && !this._available.has(sha256));
    const files = claims.map(sha256 => ({ file: materializedPath(this._project, sha256), sha256 }));
    const stats = await verifyFiles(this._project, files, this._activity);
    return new Map(claims.map((sha256, at) => [sha256, stats[at] ?? null]));
  }

  /** A file that holds the content already; `ready`: the one in `materialized/`. */
  private async _take(pointer: Pointer, target: Target, ready: FileStat | null): Promise<ParkedFile | null> {
    const { sha256 } = pointer;
    if (this._claimed.has(sha256)) {
      return null;
    }
    const leaving = this._available.get(sha256);
    if (leaving) {
      // Same content under another name: the leaving file itself comes again.
      if (leaving.target.mode !== target.mode) {
        return null;
      }
      this._claimed.add(sha256);
      return { ...leaving, target };
    }
    if (!ready) {
      return null;
    }
    const place = materializedPath(this._project, sha256);
    this._claimed.add(sha256);
    await this._setMode(place, ready, target.mode);
    return { identity: identityOf(ready), place, target };
  }

  private async _takeParked({ content, mode }: Target): Promise<ParkedFile | null> {
    if (content.kind !== 'git' || mode === '120000') {
      return null;
    }
    const parked = await takeParked(this._project, content.oid, mode);
    if (!parked || this._parked.has(parked.place)) {
      return null;
    }
    this._parked.add(parked.place);
    return parked;
  }

  private async _setMode(place: string, stat: FileStat, mode: FileMode): Promise<void> {
    if (isExecutable(stat) !== (mode === '100755')) {
      await this._project.files.chmod(place, mode === '100755' ? stat.mode | 0o111 : stat.mode & ~0o111);
    }
  }

  /**
   * Links, and files that git itself stores. All are written before the first is flushed: creating a file waits for a
   * flush that is under way.
   */
  private async _stageSmall(files: readonly SmallFile[], staged: Map<string, ParkedFile>): Promise<void> {
    const open: IFileHandle[] = [];
    const written: { path: string; target: Target; place: string }[] = [];
    try {
      for (const { path, target, pointer, parked } of files) {
        throwIfCancelled(this._activity);
        if (parked) {
          open.push(await this._project.files.open(parked.place, 'read'));
          staged.set(path, parked);
          continue;
        }
        const place = this._next('new');
        if (target.mode === '120000') {
          await this._project.files.symlink(await this._linkTarget(target), place);
        } else {
          await this._write(place, await this._bytesOf(path, target, pointer), target.mode, open);
        }
        written.push({ path, target, place });
      }
      await mapConcurrently(open, handle => handle.sync());
    } finally {
      await closeAll(open);
    }
    for (const { path, target, place } of written) {
      staged.set(path, { identity: identityOf((await this._project.files.lstat(place))!), place, target });
    }
  }

  private async _linkTarget({ content }: Target): Promise<string> {
    if (content.kind === 'link') {
      return content.target;
    }
    const oid = content.kind === 'git' ? content.oid : '';
    return new TextDecoder().decode(await this._project.git.readBlob(oid));
  }

  private async _bytesOf(path: string, { content }: Target, pointer: Pointer | null): Promise<Uint8Array> {
    if (content.kind === 'git' || content.kind === 'pointer') {
      return this._project.git.readBlob(content.oid);
    }
    throw new BranchbookError(
      'ASSET_MISSING',
      `The content of ${path} is not in the store.`,
      { path, sha256: pointer?.sha256, pointer: pointer && new TextDecoder().decode(encodePointer(pointer)) },
      'Get it with `git lfs fetch --all` if a git-lfs remote has it, or snapshot the file again where it still exists.'
    );
  }

  private async _write(place: string, bytes: Uint8Array, mode: FileMode, open: IFileHandle[]): Promise<void> {
    const handle = await this._project.files.open(place, 'create', mode === '100755' ? 0o777 : 0o666);
    open.push(handle);
    await handle.write(bytes, 0);
  }
}

/** The blob that may be a pointer. */
function blobOf({ content, mode }: Target): ObjectId | null {
  return content.kind === 'git' && mode !== '120000' ? content.oid : null;
}

const foldersIn = (staging: string): readonly string[] => [staging, `${staging}/old`, `${staging}/new`];

async function closeAll(handles: readonly IFileHandle[]): Promise<void> {
  const outcomes = await Promise.allSettled(handles.map(handle => handle.close()));
  const failure = outcomes.find(outcome => outcome.status === 'rejected');
  if (failure) {
    throw failure.reason;
  }
}
