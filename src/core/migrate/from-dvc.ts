/** From DVC: what `.dvc` files and `dvc.lock` name becomes the asset itself, in every commit. */
import { throwIfCancelled } from '../cancel';
import type { ObjectId } from '../model/git';
import type { MigrateArgs, MigrateResult } from '../model/maintenance';
import { ATTRIBUTES_FILE, ruleForFolder, ruleForPath } from '../operation/asset-rule';
import type { Activity, IObjectBatch, IProject, NewTreeEntry } from '../port';
import { targetOnDisk } from './disk-contents';
import { DvcCache } from './dvc-cache';
import { DvcContents } from './dvc-contents';
import { isDvcFile, readDvcFile } from './dvc-files';
import type { DvcFile, DvcOut } from './dvc-files';
import { eachCommit } from './each-commit';
import { publishHistory } from './publish-history';
import type { DiskContents } from './publish-history';
import { requireRewritable, rewritableRefs, rewriteHistory } from './rewrite-history';
import type { ITreeMigration, TreeChanges } from './rewrite-history';
import { attributesWith } from './tree-rules';

export async function migrateFromDvc(project: IProject, args: MigrateArgs, activity: Activity): Promise<MigrateResult> {
  const head = await requireRewritable(project);
  const tree = (await project.git.readCommit(head.commit)).tree;
  const cache = await DvcCache.open(project, await dvcRoots(project, tree));
  const migration = new DvcFiles(project, cache, args.keepDvcFiles ?? false);
  await migration.survey(activity);
  const { contents } = migration;
  if (!args.dryRun) {
    await contents.store(activity);
  }
  const batch = args.dryRun ? null : project.git.beginObjects();
  const { refs, commits } = await rewriteHistory(project, migration, batch, activity);
  await batch?.commit();
  const onDisk = batch ? await diskContents(project, cache, await migration.pathsOf(tree), activity) : new Map();
  const notices = batch ? await publishHistory(project, head, refs, 'dvc', onDisk, activity) : [];
  return {
    from: 'dvc',
    to: 'branchbook',
    dryRun: args.dryRun ?? false,
    refs: refs.map(ref => ({ ...ref, to: batch ? ref.to : null })),
    commits,
    files: migration.paths.size,
    versions: contents.versions,
    bytes: contents.bytes,
    newBytes: contents.newBytes,
    dropped: 0,
    missing: [...migration.strange.values(), ...contents.missing],
    notices: [...notices, ...adviceOf(migration, cache, refs.length > 0)]
  };
}

function adviceOf({ contents }: DvcFiles, cache: DvcCache, changed: boolean): readonly string[] {
  const advice: string[] = [];
  if (contents.missing.length > 0) {
    const where = cache.elsewhere.length > 0 ? ` Remotes that were not looked at: ${cache.elsewhere.join(', ')}.` : '';
    advice.push(
      `What is missing stays with DVC. \`dvc fetch --all-branches --all-tags --all-commits\` brings it to the cache, then migrate again.${where}`
    );
  }
  if (!changed) {
    advice.push('No file of DVC in the history could be taken over: nothing was changed.');
  }
  return advice;
}

/** Folders (with a slash, or empty) that hold `.dvc/config`. */
async function dvcRoots(project: IProject, tree: ObjectId): Promise<readonly string[]> {
  const files = await project.git.listTree(tree);
  const roots = files.flatMap(({ path }) => /^((?:.*\/)?)\.dvc\/config$/.exec(path)?.[1] ?? []);
  return [...new Set(['', ...roots])];
}

/** What lies on disk where assets come: DVC put it there behind git's back. */
async function diskContents(
  project: IProject,
  cache: DvcCache,
  paths: readonly string[],
  activity: Activity
): Promise<DiskContents> {
  const found: [string, Awaited<ReturnType<typeof targetOnDisk>>][] = [];
  for (const path of paths) {
    throwIfCancelled(activity);
    found.push([path, await targetOnDisk(project, path, link => cache.holds(link), activity)]);
  }
  return new Map(found);
}

/** A file of DVC in a tree. */
type Placed = { readonly path: string; readonly blob: ObjectId };

class DvcFiles implements ITreeMigration {
  readonly contents: DvcContents;
  readonly paths = new Set<string>();
  readonly strange = new Map<string, { readonly path: string; readonly object: string; readonly reason: string }>();
  private readonly _placed = new Map<ObjectId, readonly Placed[]>();
  private readonly _files = new Map<string, DvcFile>();
  /** Trees of folders that were written, by the folder's content. */
  private readonly _folders = new Map<string, ObjectId>();

  constructor(
    private readonly _project: IProject,
    cache: DvcCache,
    private readonly _keep: boolean
  ) {
    this.contents = new DvcContents(_project, cache);
  }

  /** Look up every content that some commit names. */
  async survey(activity: Activity): Promise<void> {
    const tips = (await rewritableRefs(this._project)).map(({ commit }) => commit);
    const seen = new Set<ObjectId>();
    let commits = 0;
    for await (const { tree } of eachCommit(this._project, tips)) {
      throwIfCancelled(activity);
      activity.onProgress?.({ phase: 'Reading the history', done: (commits += 1), total: null, unit: 'commits' });
      for (const placed of seen.has(tree) ? [] : await this._find(tree)) {
        const { outs, strange } = await this._read(placed);
        strange.forEach(out => this.strange.set(`${out.path} ${out.object}`, out));
        for (const out of await this._withoutTracked(tree, outs)) {
          await this.contents.survey(out, activity);
          this.contents.paths(out).forEach(path => this.paths.add(path));
        }
      }
      seen.add(tree);
    }
  }

  /** Paths that become assets in a tree. */
  async pathsOf(tree: ObjectId): Promise<readonly string[]> {
    return (await this._outsOf(tree)).flatMap(({ outs }) => outs.flatMap(out => this.contents.paths(out)));
  }

  async changesOf(tree: ObjectId, batch: IObjectBatch | null): Promise<TreeChanges> {
    const changes = new Map<string, NewTreeEntry | null>();
    const rules: string[] = [];
    for (const { placed, outs, whole } of await this._outsOf(tree)) {
      for (const out of outs) {
        await this._enter(tree, out, changes, batch);
        rules.push(out.folder ? ruleForFolder(out.path) : ruleForPath(out.path));
      }
      // Pipelines stay as they are; so does what names something that is missing.
      if (outs.length > 0 && whole && !this._keep && placed.path.endsWith('.dvc')) {
        changes.set(placed.path, null);
      }
    }
    const attributes = batch && rules.length > 0 ? await attributesWith(this._project, tree, rules, batch) : null;
    return attributes ? changes.set(ATTRIBUTES_FILE, attributes) : changes;
  }

  /** DVC's files of a tree, each with the outs that are here and that git does not have itself. */
  private async _outsOf(
    tree: ObjectId
  ): Promise<readonly { readonly placed: Placed; readonly outs: readonly DvcOut[]; readonly whole: boolean }[]> {
    const found = [];
    for (const placed of await this._find(tree)) {
      const { outs, strange } = await this._read(placed);
      const here = (await this._withoutTracked(tree, outs)).filter(out => this.contents.has(out));
      found.push({ placed, outs: here, whole: strange.length === 0 && here.length === outs.length });
    }
    return found;
  }

  /** `dvc.lock` also names outputs that git has itself (`cache: false` in `dvc.yaml`). */
  private async _withoutTracked(tree: ObjectId, outs: readonly DvcOut[]): Promise<readonly DvcOut[]> {
    const tracked = await Promise.all(outs.map(({ path }) => this._project.git.entry(tree, path)));
    return outs.filter((_, index) => tracked[index] === null);
  }

  /** The asset, or the folder of assets, and the line gone that made git ignore it. */
  private async _enter(
    tree: ObjectId,
    out: DvcOut,
    changes: Map<string, NewTreeEntry | null>,
    batch: IObjectBatch | null
  ): Promise<void> {
    const mode = out.executable && !out.folder ? '100755' : '100644';
    if (!batch) {
      changes.set(out.path, { mode, oid: '' });
      return;
    }
    const files = this.contents.filesOf(out);
    // Where git has files in that folder too, they stay.
    if (out.folder && (await this._project.git.listTree(tree, out.path)).length === 0) {
      changes.set(out.path, { mode: '40000', oid: await this._writeFolder(out, files, batch) });
    } else {
      for (const { path, bytes } of files) {
        changes.set(path, { mode, oid: await batch.write(bytes) });
      }
    }
    await this._stopIgnoring(tree, out.path, changes, batch);
  }

  private async _writeFolder(
    out: DvcOut,
    files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
    batch: IObjectBatch
  ): Promise<ObjectId> {
    const known = this._folders.get(out.md5);
    if (known !== undefined) {
      return known;
    }
    const entries = new Map<string, NewTreeEntry>();
    for (const { path, bytes } of files) {
      entries.set(path.slice(out.path.length + 1), { mode: '100644', oid: await batch.write(bytes) });
    }
    const written = await batch.writeTree(null, entries);
    this._folders.set(out.md5, written);
    return written;
  }

  /** DVC wrote `/name` into the `.gitignore` beside the out. */
  private async _stopIgnoring(
    tree: ObjectId,
    path: string,
    changes: Map<string, NewTreeEntry | null>,
    batch: IObjectBatch
  ): Promise<void> {
    const cut = path.lastIndexOf('/') + 1;
    const ignore = `${path.slice(0, cut)}.gitignore`;
    const entry = changes.get(ignore) ?? (await this._project.git.entry(tree, ignore));
    const text = this._ignored.get(entry?.oid ?? '') ?? (entry && (await this._readText(entry.oid)));
    if (!entry || text === null || changes.get(ignore) === null) {
      return;
    }
    const kept = text.split('\n').filter(line => line.trim() !== `/${path.slice(cut)}`);
    const edited = kept.join('\n');
    if (edited.trim() === '') {
      changes.set(ignore, null);
    } else if (edited !== text) {
      const oid = await batch.write(new TextEncoder().encode(edited));
      this._ignored.set(oid, edited);
      changes.set(ignore, { mode: '100644', oid });
    }
  }

  /** Ignore files that are written but not readable yet. */
  private readonly _ignored = new Map<ObjectId, string>();

  private async _readText(blob: ObjectId): Promise<string> {
    return new TextDecoder().decode(await this._project.git.readBlob(blob));
  }

  private async _read({ path, blob }: Placed): Promise<DvcFile> {
    const key = `${blob} ${path}`;
    const known = this._files.get(key);
    if (known) {
      return known;
    }
    const file = readDvcFile(path, await this._readText(blob), this._project.parseYaml);
    this._files.set(key, file);
    return file;
  }

  /** Unchanged folders of other commits are not looked at again. */
  private async _find(tree: ObjectId): Promise<readonly Placed[]> {
    const known = this._placed.get(tree);
    if (known) {
      return known;
    }
    const found: Placed[] = [];
    for (const { name, mode, oid } of await this._project.git.readTree(tree)) {
      if (mode === '40000') {
        found.push(...(await this._find(oid)).map(({ path, blob }) => ({ path: `${name}/${path}`, blob })));
      } else if (mode.startsWith('100') && isDvcFile(name)) {
        found.push({ path: name, blob: oid });
      }
    }
    this._placed.set(tree, found);
    return found;
  }
}
