/** From plain git: large files that were committed as they are become assets, in every commit. */
import { throwIfCancelled } from '../cancel';
import { globMatcher } from '../format/glob';
import { decodePointer, encodePointer } from '../format/pointer';
import type { Pointer } from '../model/asset';
import type { FileMode, ObjectId } from '../model/git';
import type { MigrateArgs, MigrateResult } from '../model/maintenance';
import { ASSET_ATTRIBUTES, ATTRIBUTES_FILE, ruleForPath, ruleForPattern } from '../operation/asset-rule';
import { checkPattern } from '../operation/track';
import type { Activity, IObjectBatch, IProject, NewTreeEntry } from '../port';
import { eachCommit } from './each-commit';
import { ContentImport } from './import-contents';
import { publishHistory } from './publish-history';
import { requireRewritable, rewritableRefs, rewriteHistory } from './rewrite-history';
import type { ITreeMigration, TreeChanges } from './rewrite-history';
import { attributesWith } from './tree-rules';

/** As `git lfs migrate import` suggests it, bytes. */
const DEFAULT_ABOVE = 10 * 1024 * 1024;
/** What git reads itself. */
const OF_GIT = /(^|\/)\.git[a-z]+$/;

/** A file of a tree that becomes an asset. */
type Found = { readonly path: string; readonly mode: FileMode; readonly blob: ObjectId };

export async function migrateFromGit(project: IProject, args: MigrateArgs, activity: Activity): Promise<MigrateResult> {
  const head = await requireRewritable(project);
  const migration = new PlainFiles(project, args);
  const sizes = await migration.survey(activity);
  const newBytes = args.dryRun ? 0 : await migration.store(sizes, activity);
  const batch = args.dryRun ? null : project.git.beginObjects();
  const { refs, commits } = await rewriteHistory(project, migration, batch, activity);
  await batch?.commit();
  const notices = batch ? await publishHistory(project, head, refs, 'git', new Map(), activity) : [];
  return {
    from: 'git',
    to: 'branchbook',
    dryRun: args.dryRun ?? false,
    refs: refs.map(ref => ({ ...ref, to: batch ? ref.to : null })),
    commits,
    files: migration.paths.size,
    versions: sizes.size,
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    newBytes,
    dropped: 0,
    missing: [],
    notices: refs.length > 0 ? notices : ['No file of the history matches: nothing was changed.']
  };
}

class PlainFiles implements ITreeMigration {
  readonly paths = new Set<string>();
  private readonly _above: number;
  private readonly _isIncluded: (path: string) => boolean;
  /** Bytes of the blobs that were looked at; -1 for pointers. */
  private readonly _sizes = new Map<ObjectId, number>();
  /** What was found in a folder, by its path and tree. */
  private readonly _found = new Map<string, readonly Found[]>();
  private readonly _pointers = new Map<ObjectId, Pointer>();

  constructor(
    private readonly _project: IProject,
    private readonly _args: MigrateArgs
  ) {
    const { include, above } = _args;
    include?.forEach(checkPattern);
    this._above = above ?? (include ? 0 : DEFAULT_ABOVE);
    const matchers = include?.map(pattern => globMatcher(pattern, false));
    // Notebooks, however large, are compared and merged cell by cell; who wants them as assets has to say so.
    const matches = (path: string): boolean =>
      matchers?.some(matcher => matcher(path, path.slice(path.lastIndexOf('/') + 1))) ?? !path.endsWith('.ipynb');
    this._isIncluded = path => !OF_GIT.test(path) && matches(path);
  }

  /** Bytes of every blob that becomes an asset. */
  async survey(activity: Activity): Promise<ReadonlyMap<ObjectId, number>> {
    const found = new Map<ObjectId, number>();
    const tips = (await rewritableRefs(this._project)).map(({ commit }) => commit);
    let commits = 0;
    for await (const { tree } of eachCommit(this._project, tips)) {
      throwIfCancelled(activity);
      activity.onProgress?.({ phase: 'Looking for files', done: (commits += 1), total: null, unit: 'commits' });
      for (const { path, blob } of await this._find(tree, '')) {
        this.paths.add(path);
        found.set(blob, this._sizes.get(blob) as number);
      }
    }
    return found;
  }

  /** Durable on return. Bytes that the store did not have. */
  async store(blobs: ReadonlyMap<ObjectId, number>, activity: Activity): Promise<number> {
    const total = [...blobs.values()].reduce((sum, size) => sum + size, 0);
    const contents = new ContentImport(this._project, activity, total);
    try {
      for (const blob of blobs.keys()) {
        const { sha256, size } = await contents.addBytes(await this._project.git.readBlob(blob), blob);
        this._pointers.set(blob, { sha256, size });
      }
      await contents.commit();
      return contents.newBytes;
    } catch (error) {
      await contents.abort();
      throw error;
    }
  }

  async changesOf(tree: ObjectId, batch: IObjectBatch | null): Promise<TreeChanges> {
    const found = await this._find(tree, '');
    const changes = new Map<string, NewTreeEntry>();
    for (const { path, mode, blob } of found) {
      const pointer = this._pointers.get(blob);
      changes.set(path, { mode, oid: batch && pointer ? await batch.write(encodePointer(pointer)) : blob });
    }
    const attributes =
      batch && found.length > 0 && (await attributesWith(this._project, tree, this._rules(found), batch));
    return attributes ? changes.set(ATTRIBUTES_FILE, attributes) : changes;
  }

  /** The patterns themselves, when they alone decide. */
  private _rules(found: readonly Found[]): readonly string[] {
    const { include, above } = this._args;
    return include && above === undefined
      ? include.map(pattern => ruleForPattern(pattern, ASSET_ATTRIBUTES))
      : found.map(({ path }) => ruleForPath(path));
  }

  /** Unchanged folders of other commits are not looked at again. */
  private async _find(tree: ObjectId, prefix: string): Promise<readonly Found[]> {
    const key = `${tree} ${prefix}`;
    const known = this._found.get(key);
    if (known) {
      return known;
    }
    const found: Found[] = [];
    for (const { name, mode, oid } of await this._project.git.readTree(tree)) {
      const path = `${prefix}${name}`;
      if (mode === '40000') {
        found.push(...(await this._find(oid, `${path}/`)));
      } else if (mode.startsWith('100') && this._isIncluded(path) && (await this._isWanted(oid))) {
        found.push({ path, mode, blob: oid });
      }
    }
    this._found.set(key, found);
    return found;
  }

  private async _isWanted(blob: ObjectId): Promise<boolean> {
    let size = this._sizes.get(blob);
    if (size === undefined) {
      const bytes = await this._project.git.readBlob(blob);
      size = decodePointer(bytes) ? -1 : bytes.length;
      this._sizes.set(blob, size);
    }
    // Of an empty file the pointer is empty too.
    return size > this._above && size > 0;
  }
}
