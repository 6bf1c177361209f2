/** Reading refs: loose files first, then `packed-refs` (Documentation/gitrepository-layout.adoc). */
import { hasCode } from '../../core/error';
import { BranchbookError } from '../../core/error';
import type { Head, ObjectId, Ref } from '../../core/model/git';
import type { IFileSystem } from '../../core/port';
import { decodeText } from './bytes';

/** A symbolic ref may point to another; git follows at most five. */
const MAX_SYMREF_DEPTH = 5;
const OID = /^[0-9a-f]{40}$/;

export type RawRef = { readonly symbolic: string } | { readonly oid: ObjectId };

export type PackedRefs = {
  readonly oids: ReadonlyMap<string, ObjectId>;
  /** What an annotated tag names in the end, where packed-refs says so. */
  readonly peeled: ReadonlyMap<string, ObjectId>;
};

/** Names outside `refs/heads` and the like that belong to one work tree only. */
export function isPerWorktree(name: string): boolean {
  return !name.startsWith('refs/') || /^refs\/(bisect|worktree|rewritten)\//.test(name);
}

/** A ref name from a file must not lead out of the git directory. */
function isSafeName(name: string): boolean {
  return /^(refs\/|[A-Z_]+$)/.test(name) && !name.split('/').some(part => part === '' || part === '.' || part === '..');
}

export class RefStore {
  private _packed: { readonly signature: string; readonly refs: PackedRefs } | null = null;

  constructor(
    readonly files: IFileSystem,
    readonly gitDir: string,
    readonly commonDir: string
  ) {}

  /** The file that holds the ref `name` when it is loose. */
  pathOf(name: string): string {
    if (!isSafeName(name)) {
      throw new BranchbookError('REVISION_UNKNOWN', `${JSON.stringify(name)} is not the name of a ref.`, {
        revision: name
      });
    }
    return `${isPerWorktree(name) ? this.gitDir : this.commonDir}/${name}`;
  }

  /** What the ref holds, symbolic refs not followed; null when there is none. */
  async readRaw(name: string): Promise<RawRef | null> {
    const loose = await this._readLoose(name);
    if (loose) {
      return loose;
    }
    const packed = (await this.packed()).oids.get(name);
    if (packed) {
      return { oid: packed };
    }
    // Between the two looks, "git pack-refs" may have moved it; a second look at the loose file settles it.
    return this._readLoose(name);
  }

  /** Follow symbolic refs from `name` to the ref in which the id stands. `oid` is null when that does not exist. */
  async follow(name: string): Promise<{ readonly name: string; readonly oid: ObjectId | null }> {
    let at = name;
    for (let depth = 0; depth <= MAX_SYMREF_DEPTH; depth += 1) {
      const raw = await this.readRaw(at);
      if (!raw || 'oid' in raw) {
        return { name: at, oid: raw?.oid ?? null };
      }
      at = raw.symbolic;
    }
    throw new BranchbookError(
      'REPOSITORY_UNSUPPORTED',
      `The ref ${name} points to itself.`,
      { ref: name },
      'Repair it with “git symbolic-ref”.'
    );
  }

  async head(): Promise<Head> {
    const raw = await this.readRaw('HEAD');
    if (!raw) {
      throw new BranchbookError(
        'NOT_A_PROJECT',
        'The repository has no HEAD.',
        { path: `${this.gitDir}/HEAD` },
        'Repair it with “git symbolic-ref HEAD refs/heads/main”.'
      );
    }
    if ('oid' in raw) {
      return { kind: 'detached', commit: raw.oid };
    }
    const { oid } = await this.follow(raw.symbolic);
    return { kind: 'branch', branch: raw.symbolic.replace(/^refs\/heads\//, ''), commit: oid };
  }

  /** All refs below `prefix` (`refs/heads/`), by name. Broken ones are left out, as git does. */
  async list(prefix: string): Promise<readonly Ref[]> {
    const found = new Map<string, ObjectId>();
    for (const [name, oid] of (await this.packed()).oids) {
      if (name.startsWith(prefix)) {
        found.set(name, oid);
      }
    }
    const folder = prefix.slice(0, prefix.lastIndexOf('/')) || 'refs';
    for (const name of await this.looseNames(folder)) {
      const oid = name.startsWith(prefix) ? await this._resolveQuietly(name) : null;
      if (oid) {
        found.set(name, oid);
      }
    }
    return [...found]
      .map(([name, commit]) => ({ name, commit, object: commit }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names of loose refs below a folder such as `refs/heads`. */
  async looseNames(folder: string): Promise<readonly string[]> {
    const directories = this.gitDir === this.commonDir ? [this.commonDir] : [this.commonDir, this.gitDir];
    const names = await Promise.all(directories.map(directory => this._walk(directory, folder)));
    return [...new Set(names.flat())];
  }

  async packed(): Promise<PackedRefs> {
    const path = `${this.commonDir}/packed-refs`;
    const stat = await this.files.lstat(path);
    const signature = stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : '';
    if (this._packed?.signature !== signature) {
      this._packed = { signature, refs: parsePackedRefs((await this.files.readFile(path)) ?? new Uint8Array()) };
    }
    return this._packed.refs;
  }

  private async _resolveQuietly(name: string): Promise<ObjectId | null> {
    try {
      return (await this.follow(name)).oid;
    } catch (error) {
      if (hasCode(error, 'REPOSITORY_UNSUPPORTED', 'REVISION_UNKNOWN')) {
        return null;
      }
      throw error;
    }
  }

  private async _walk(directory: string, folder: string): Promise<string[]> {
    if ((await this.files.lstat(`${directory}/${folder}`))?.kind !== 'directory') {
      return [];
    }
    const names: string[] = [];
    for (const entry of await this.files.readdir(`${directory}/${folder}`)) {
      const name = `${folder}/${entry.name}`;
      if (entry.kind === 'directory') {
        names.push(...(await this._walk(directory, name)));
      } else if (!entry.name.endsWith('.lock')) {
        names.push(name);
      }
    }
    return names;
  }

  private async _readLoose(name: string): Promise<RawRef | null> {
    const path = this.pathOf(name);
    const stat = await this.files.lstat(path);
    if (!stat || stat.kind === 'directory') {
      return null;
    }
    const bytes = await this.files.readFile(path);
    return bytes && parseRef(name, decodeText(bytes));
  }
}

function parseRef(name: string, text: string): RawRef {
  const value = text.trim();
  const symbolic = /^ref:\s*(\S.*)$/.exec(value)?.[1];
  // Not to HEAD either: once such a branch is checked out, HEAD leads to itself.
  if (symbolic?.startsWith('refs/') && isSafeName(symbolic)) {
    return { symbolic };
  }
  const oid = value.split(/\s/)[0] ?? '';
  if (!OID.test(oid)) {
    throw new BranchbookError(
      'REPOSITORY_UNSUPPORTED',
      `The ref ${name} is damaged: it holds neither an id nor the name of a ref.`,
      { ref: name },
      'Look the right id up in the reflog (.git/logs) and set it with “git update-ref”.'
    );
  }
  return { oid };
}

function parsePackedRefs(bytes: Uint8Array): PackedRefs {
  const oids = new Map<string, ObjectId>();
  const peeled = new Map<string, ObjectId>();
  let last = '';
  for (const line of decodeText(bytes).split('\n')) {
    if (line.startsWith('^')) {
      peeled.set(last, line.slice(1, 41));
    } else if (OID.test(line.slice(0, 40)) && line[40] === ' ') {
      last = line.slice(41).trimEnd();
      oids.set(last, line.slice(0, 40));
    }
  }
  return { oids, peeled };
}
