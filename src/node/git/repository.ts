/** A git repository with a work tree: the parts of this folder behind one interface. */
import { hasCode } from '../../core/error';
import type {
  Commit,
  Head,
  ObjectId,
  Person,
  Ref,
  RefChange,
  TreeChange,
  TreeEntry,
  TreeItem
} from '../../core/model/git';
import { checkPath } from '../../core/model/path';
import type {
  Activity,
  CleanFilter,
  GitRoots,
  HistoryOptions,
  IBlobBatch,
  IFileSystem,
  IGit,
  IGitTransaction,
  IObjectBatch,
  ITransport,
  IndexEntry,
  Scan
} from '../../core/port';
import { openProcesses } from '../process/processes';
import { Attributes } from './attributes';
import { Config } from './config';
import type { Environment } from '../process/environment';
import type { Location } from './discover';
import { discover, writeRepository } from './discover';
import { collectRoots } from './gc-roots';
import { commitsOnlyIn, distance, history, isAncestor, mergeBases } from './history';
import type { GitOptions } from './git-options';
import { IgnoreRules } from './ignore-rules';
import { stateInProgress } from './in-progress';
import { refreshedIndex, toIndexEntry } from './index-editor';
import { IndexReader } from './index-reader';
import { IndexTransaction } from './index-transaction';
import { clearLeftovers } from './leftovers';
import { fetchLfs } from './lfs';
import { Locks } from './lock-file';
import { encodeCommit } from './object-codec';
import { ObjectDatabase } from './objects';
import { beginObjects } from './rewrite-objects';
import { RefStore } from './ref-store';
import type { RefTransactionOptions } from './ref-transaction';
import { RefTransaction } from './ref-transaction';
import { isMadeHere, lastUsed } from './reflog';
import { Revisions } from './revision';
import type { ScanOptions, ScanOutcome } from './scan';
import { scanWorkTree } from './scan';
import { GitTransport } from './transport/transport';
import { diffTrees, itemAt, listTree, writeTree } from './tree-operation';
import { checkOwner, foreignFilters, refuseLineEnds, trustedUsers } from './trust';
import { addWorktree, listWorktrees } from './worktrees';

class Repository implements IGit {
  readonly root: string;
  readonly gitDir: string;
  readonly commonDir: string;
  private readonly _revisions: Revisions;
  private readonly _index: IndexReader;
  readonly transport: ITransport;

  constructor(
    location: Location,
    private readonly _files: IFileSystem,
    private readonly _objects: ObjectDatabase,
    private readonly _store: RefStore,
    private readonly _locks: Locks,
    private readonly _config: Config,
    private readonly _attributes: Attributes,
    private readonly _ignore: IgnoreRules,
    private readonly _now: () => Date,
    environment: Environment
  ) {
    this.root = location.root;
    this.gitDir = location.gitDir;
    this.commonDir = location.commonDir;
    this._revisions = new Revisions(_store, _objects, _now);
    this._index = new IndexReader(_files, `${location.gitDir}/index`);
    const refs = async (): Promise<ReadonlyMap<string, ObjectId>> =>
      new Map((await _store.list('refs/')).map(({ name, object }) => [name, object]));
    this.transport = new GitTransport({ files: _files, commonDir: location.commonDir, refs }, environment);
  }

  head(): Promise<Head> {
    return this._store.head();
  }

  async refs(prefix: string): Promise<readonly Ref[]> {
    const refs = await this._store.list(prefix);
    const { peeled } = await this._store.packed();
    return Promise.all(
      refs.map(async ref => ({
        name: ref.name,
        object: ref.object,
        // Branches hold commits; everything else may hold annotated tags.
        commit: ref.name.startsWith('refs/heads/')
          ? ref.commit
          : (peeled.get(ref.name) ?? (await this._objects.peel(ref.commit)).oid)
      }))
    );
  }

  resolve(revision: string): Promise<ObjectId> {
    return this._revisions.resolve(revision);
  }

  async updateRefs(changes: readonly RefChange[], reflog: string): Promise<void> {
    const transaction = await RefTransaction.prepare(await this._refOptions(reflog), changes);
    try {
      await transaction.publish();
    } catch (error) {
      await transaction.release();
      throw error;
    }
  }

  roots(): Promise<GitRoots> {
    return collectRoots(this._files, this._objects, this.commonDir);
  }

  lastUsed(): Promise<ReadonlyMap<string, number>> {
    return lastUsed(this._store, this._now());
  }

  isMadeHere(commit: ObjectId): Promise<boolean> {
    return isMadeHere(this._store, commit);
  }

  hasObject(oid: ObjectId): Promise<boolean> {
    return this._objects.has(oid);
  }

  readCommit(commit: ObjectId): Promise<Commit> {
    return this._objects.readCommit(commit);
  }

  readBlob(blob: ObjectId): Promise<Uint8Array> {
    return this._objects.readTyped(blob, 'blob');
  }

  readBlobs(
    blobs: readonly (ObjectId | null)[],
    visit: (position: number, content: Uint8Array | null) => Promise<void>
  ): Promise<void> {
    return this._objects.readBlobs(blobs, visit);
  }

  takeObject(oid: ObjectId, gitDir: string): Promise<boolean> {
    return this._objects.take(oid, gitDir);
  }

  writeBlob(bytes: Uint8Array): Promise<ObjectId> {
    return this._objects.write('blob', bytes);
  }

  beginBlobs(): IBlobBatch {
    const batch = this._objects.beginBatch();
    return { write: bytes => batch.write('blob', bytes), commit: () => batch.commit() };
  }

  beginObjects(): IObjectBatch {
    return beginObjects(this._objects);
  }

  readTree(tree: ObjectId): Promise<readonly TreeItem[]> {
    return this._objects.readTree(tree);
  }

  async hashBlob(bytes: Uint8Array): Promise<ObjectId> {
    return this._objects.hash('blob', bytes);
  }

  writeTree(base: ObjectId | null, changes: ReadonlyMap<string, Omit<TreeEntry, 'path'> | null>): Promise<ObjectId> {
    return writeTree(this._objects, base, changes);
  }

  writeCommit(commit: Omit<Commit, 'oid'>): Promise<ObjectId> {
    return this._objects.write('commit', encodeCommit(commit));
  }

  diffTrees(from: ObjectId | null, to: ObjectId | null, under?: readonly string[]): Promise<readonly TreeChange[]> {
    return diffTrees(this._objects, from, to, under);
  }

  async entry(tree: ObjectId, path: string): Promise<TreeEntry | null> {
    const item = await itemAt(this._objects, tree, path);
    return item && item.mode !== '40000' ? { path, mode: item.mode, oid: item.oid } : null;
  }

  listTree(tree: ObjectId, under?: string): Promise<readonly TreeEntry[]> {
    return listTree(this._objects, tree, under);
  }

  mergeBases(a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]> {
    return mergeBases(this._objects, a, b);
  }

  isAncestor(ancestor: ObjectId, descendant: ObjectId): Promise<boolean> {
    return isAncestor(this._objects, ancestor, descendant);
  }

  distance(base: ObjectId, commit: ObjectId): Promise<{ readonly ahead: number; readonly behind: number }> {
    return distance(this._objects, base, commit);
  }

  commitsOnlyIn(tips: readonly ObjectId[], known: readonly ObjectId[]): Promise<readonly Commit[]> {
    return commitsOnlyIn(this._objects, tips, known);
  }

  history(start: ObjectId, options?: HistoryOptions): AsyncGenerator<Commit> {
    return history(this._objects, start, options);
  }

  async scan(clean: CleanFilter, under?: readonly string[]): Promise<Scan> {
    const head = await this.head();
    const { index, time } = await this._index.load();
    const options: ScanOptions = {
      files: this._files,
      root: this.root,
      head,
      tree: head.commit ? (await this._objects.readCommit(head.commit)).tree : null,
      index,
      indexTime: time,
      objects: this._objects,
      ignore: this._ignore,
      isAsset: this._attributes.session(),
      fileMode: await this._config.isTrue('core.fileMode', true),
      symlinks: await this._config.isTrue('core.symlinks', true),
      trustCtime: await this._config.isTrue('core.trustctime', true),
      clean,
      under: under && under.length > 0 && !under.includes('') ? under : undefined
    };
    const outcome = await scanWorkTree(options);
    if (outcome.refreshed.length > 0) {
      await this._refresh(outcome.refreshed);
    }
    return outcome.scan;
  }

  async indexedBySize(accepts: (size: number) => boolean): Promise<readonly IndexEntry[]> {
    const { index, time } = await this._index.load();
    return index.ofSize(accepts).map(entry => toIndexEntry(entry, time));
  }

  async indexed(): Promise<readonly TreeEntry[]> {
    return (await this._index.load()).index.list();
  }

  async begin(): Promise<IGitTransaction> {
    const lock = await this._locks.acquire(`${this.gitDir}/index`);
    try {
      const { index, time } = await this._index.load();
      return new IndexTransaction({
        files: this._files,
        objects: this._objects,
        gitDir: this.gitDir,
        lock,
        index,
        indexTime: time,
        refOptions: message => this._refOptions(message),
        onWritten: (written, bytes) => this._index.remember(written, bytes)
      });
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  isAsset(path: string): Promise<boolean> {
    return this._attributes.isAsset(path);
  }

  assetRules(): (path: string) => Promise<boolean> {
    return this._attributes.session();
  }

  isIgnored(path: string): Promise<boolean> {
    checkPath(path);
    return this._ignore.isIgnored(path);
  }

  stateInProgress(): Promise<string | null> {
    return stateInProgress(this._files, this.gitDir);
  }

  worktrees(): Promise<readonly { readonly root: string; readonly branch: string | null }[]> {
    return listWorktrees(this._files, this.commonDir);
  }

  addWorktree(root: string, branch: string): Promise<void> {
    return addWorktree(this._files, this, root, branch);
  }

  fetchLfs({ signal }: Activity): Promise<void> {
    return fetchLfs(this._files, this.root, signal);
  }

  config(key: string): Promise<string | null> {
    return this._config.get(key);
  }

  remotes(): Promise<readonly { readonly name: string; readonly url: string }[]> {
    return this._config.remotes();
  }

  setConfig(key: string, value: string): Promise<void> {
    return this._config.set(key, value);
  }

  removeConfig(section: string): Promise<void> {
    return this._config.remove(section);
  }

  identity(): Promise<Person> {
    return this._config.identity();
  }

  private async _refOptions(message: string): Promise<RefTransactionOptions> {
    const policy = (await this._config.get('core.logAllRefUpdates'))?.toLowerCase() ?? 'true';
    return {
      store: this._store,
      locks: this._locks,
      by: await this._config.committer(this._now()),
      policy: policy === 'always' ? 'always' : /^(false|no|off|0)$/.test(policy) ? 'existing' : 'default',
      message
    };
  }

  /** Remember that files are unchanged, so that the next scan need not read them. Gives way to everybody. */
  private async _refresh(refreshed: ScanOutcome['refreshed']): Promise<void> {
    try {
      const lock = await this._locks.acquire(`${this.gitDir}/index`, 0);
      try {
        const { index: old, time } = await this._index.load();
        const index = await refreshedIndex(old, time, refreshed);
        const bytes = index.encode();
        await lock.write(bytes);
        await lock.publish();
        this._index.remember(index, bytes);
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      // A read-only project, a full disk or a busy index: the scan's answer stands without it.
      if (!hasCode(error, 'LOCKED', 'PERMISSION_DENIED', 'DISK_FULL', 'IO')) {
        throw error;
      }
    }
  }
}

/** Open the repository that holds `startPath`. NOT_A_PROJECT, REPOSITORY_UNSUPPORTED, PERMISSION_DENIED. */
export async function openGit(startPath: string, files: IFileSystem, options: GitOptions = {}): Promise<IGit> {
  const location = await discover(files, startPath);
  const { root, gitDir, commonDir } = location;
  const locks = new Locks(files, commonDir, options.processes ?? (await openProcesses()));
  const environment = options.environment ?? process.env;
  const config = new Config(files, gitDir, commonDir, environment, locks);
  await checkOwner(
    files,
    location,
    config,
    options.trusted === undefined ? trustedUsers(environment) : options.trusted
  );
  await refuseLineEnds(config);
  const ignoreCase = await config.isTrue('core.ignoreCase', false);
  const attributesFile = await config.userFile('core.attributesFile', 'attributes');
  const excludesFile = await config.userFile('core.excludesFile', 'ignore');
  const drivers = await foreignFilters(config);
  const attributes = new Attributes(files, root, commonDir, attributesFile, ignoreCase, drivers);
  await attributes.refuseFilters();
  await clearLeftovers(files, commonDir, locks);
  return new Repository(
    location,
    files,
    await ObjectDatabase.open(files, commonDir),
    new RefStore(files, gitDir, commonDir),
    locks,
    config,
    attributes,
    new IgnoreRules(files, root, commonDir, excludesFile, ignoreCase),
    options.now ?? ((): Date => new Date()),
    environment
  );
}

/** Make `root` a repository on branch `main`, like `git init -b main`, and open it. */
export async function initRepository(root: string, files: IFileSystem, options: GitOptions = {}): Promise<IGit> {
  await writeRepository(files, root);
  return openGit(root, files, options);
}
