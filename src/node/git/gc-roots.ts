/** What git keeps when it collects garbage (Documentation/git-gc.adoc, "NOTES"): where a collector starts. */
import { listNames } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { ObjectId } from '../../core/model/git';
import type { GitRoots, IFileSystem } from '../../core/port';
import { decodeText } from './bytes';
import { decodeIndex } from './index-file';
import type { RawIndexEntry } from './index-entry';
import type { ObjectDatabase } from './objects';
import { noObject } from './reflog';
import { RefStore } from './ref-store';
import { listTree } from './tree-operation';

/** `git add --intent-to-add` names it without writing it. */
const EMPTY_BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
const ID = /\b[0-9a-f]{40}\b/g;

export async function collectRoots(files: IFileSystem, objects: ObjectDatabase, commonDir: string): Promise<GitRoots> {
  const roots = new Roots(files, objects);
  const linked = await listNames(files, `${commonDir}/worktrees`);
  // Also work trees that are not there now: they may be on a disk that will be plugged in again.
  for (const gitDir of [commonDir, ...linked.map(name => `${commonDir}/worktrees/${name}`)]) {
    if (gitDir === commonDir || (await files.lstat(`${gitDir}/HEAD`))) {
      await roots.addGitDir(new RefStore(files, gitDir, commonDir));
    }
  }
  const shallow = decodeText((await files.readFile(`${commonDir}/shallow`)) ?? new Uint8Array());
  return { commits: roots.commits, blobs: roots.blobs, shallow: new Set(shallow.match(ID) ?? []) };
}

class Roots {
  readonly commits = new Map<ObjectId, string>();
  readonly blobs = new Map<ObjectId, string>();
  private readonly _seen = new Set<ObjectId>([noObject, EMPTY_BLOB]);

  constructor(
    private readonly _files: IFileSystem,
    private readonly _objects: ObjectDatabase
  ) {}

  async addGitDir(store: RefStore): Promise<void> {
    await this._addRefs(store);
    await this._addIndexes(store.gitDir);
    const logs = await this._filesBelow(`${store.gitDir}/logs`);
    for (const path of [...logs, ...(await this._stateFiles(store.gitDir))]) {
      await this._addMentioned(path);
    }
  }

  /** Every ref must lead to an object; only symbolic ones may lead nowhere (`origin/HEAD` after a branch was deleted). */
  private async _addRefs(store: RefStore): Promise<void> {
    const head = await store.head();
    if (head.commit) {
      await this._add(head.commit, 'HEAD');
    }
    for (const name of [...(await store.packed()).oids.keys(), ...(await store.looseNames('refs'))]) {
      const { oid } = await store.follow(name);
      if (oid) {
        await this._add(oid, name);
      }
    }
  }

  /** The index, and those that git keeps for a moment: `index.lock`, `next-index-1.lock`, `index.stash.1`. */
  private async _addIndexes(gitDir: string): Promise<void> {
    for (const name of await listNames(this._files, gitDir)) {
      if (name.includes('index')) {
        for (const { oid, mode, path } of await this._readIndex(gitDir, name)) {
          if (mode !== '160000' && !this._seen.has(oid)) {
            this._seen.add(oid);
            this.blobs.set(oid, `${path} in the index`);
          }
        }
      }
    }
  }

  private async _readIndex(gitDir: string, name: string): Promise<readonly RawIndexEntry[]> {
    const bytes = await this._files.readFile(`${gitDir}/${name}`);
    if (!bytes || bytes.length === 0) {
      return [];
    }
    try {
      const index = decodeIndex(Buffer.from(bytes));
      return index.paths.map((_, position) => index.entry(position));
    } catch (error) {
      if (name === 'index') {
        throw error;
      }
      const path = `${gitDir}/${name}`;
      const hint = `Wait until git is done. If no git is running, delete ${path}.`;
      throw new BranchbookError('LOCKED', `git is writing ${path}.`, { path }, hint);
    }
  }

  /** `MERGE_HEAD`, `ORIG_HEAD`, … and what a rebase has to remember. */
  private async _stateFiles(gitDir: string): Promise<readonly string[]> {
    const heads = (await listNames(this._files, gitDir)).filter(name => /^[A-Z_]+$/.test(name) && name !== 'HEAD');
    const rebases = ['rebase-merge', 'rebase-apply'].map(name => this._filesBelow(`${gitDir}/${name}`));
    return [...heads.map(name => `${gitDir}/${name}`), ...(await Promise.all(rebases)).flat()];
  }

  private async _filesBelow(directory: string): Promise<readonly string[]> {
    if ((await this._files.lstat(directory))?.kind !== 'directory') {
      return [];
    }
    const found: string[] = [];
    for (const { name, kind } of await this._files.readdir(directory)) {
      const path = `${directory}/${name}`;
      found.push(...(kind === 'directory' ? await this._filesBelow(path) : [path]));
    }
    return found;
  }

  /** Objects named in a file of git's notes, as far as they still exist. */
  private async _addMentioned(path: string): Promise<void> {
    const stat = await this._files.lstat(path);
    const bytes = stat?.kind === 'file' ? await this._files.readFile(path) : null;
    for (const oid of new Set(decodeText(bytes ?? new Uint8Array()).match(ID) ?? [])) {
      if (!this._seen.has(oid) && (await this._objects.has(oid))) {
        await this._add(oid, path);
      }
    }
  }

  private async _add(oid: ObjectId, from: string): Promise<void> {
    if (this._seen.has(oid)) {
      return;
    }
    this._seen.add(oid);
    const peeled = await this._objects.peel(oid);
    if (peeled.type === 'tree') {
      const entries = await listTree(this._objects, peeled.oid);
      entries.forEach(entry => entry.mode !== '160000' && this.blobs.set(entry.oid, `${entry.path} of ${from}`));
    } else {
      const kept = peeled.type === 'commit' ? this.commits : this.blobs;
      kept.set(peeled.oid, from);
    }
  }
}
