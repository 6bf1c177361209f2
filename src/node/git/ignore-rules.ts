/** Which untracked paths git ignores (Documentation/gitignore.adoc). Deeper files win over those above. */
import ignore from 'ignore';
import type { Ignore } from 'ignore';
import type { IFileSystem } from '../../core/port';
import { foldersAbove } from '../../core/model/path';
import { decodeText } from './bytes';
import { unlessForbidden } from './user-file';

type Level = {
  /** '' or `folder/`. */
  readonly prefix: string;
  readonly rules: Ignore;
};

/** The rule files in force in one folder, strongest first. */
export type IgnoreStack = readonly Level[];

/** Rules remember every path they were asked about: after so many they are read again. */
const MANY = 20_000;

export class IgnoreRules {
  private readonly _cache = new Map<string, { readonly signature: string; readonly rules: Ignore | null }>();

  private _asked = 0;

  /** @param _userFile file of `core.excludesFile`, the weakest of all */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _root: string,
    private readonly _commonDir: string,
    private readonly _userFile: string | null,
    private readonly _ignoreCase: boolean
  ) {}

  /** Rules for the names in the project's top folder. */
  async top(): Promise<IgnoreStack> {
    if (this._asked > MANY) {
      this._cache.clear();
      this._asked = 0;
    }
    const files = [this._userFile, `${this._commonDir}/info/exclude`];
    let stack: IgnoreStack = [];
    for (const path of files) {
      stack = path ? await this._push(stack, path, '') : stack;
    }
    return this._push(stack, `${this._root}/.gitignore`, '');
  }

  /** Rules for the names in `folder`, given those of the folder above. */
  async enter(stack: IgnoreStack, folder: string): Promise<IgnoreStack> {
    return this._push(stack, `${this._root}/${folder}/.gitignore`, `${folder}/`);
  }

  /** Whether a name is ignored, when no folder above it is. Folders are given with a slash at the end. */
  matches(stack: IgnoreStack, path: string): boolean {
    this._asked += stack.length;
    for (const { prefix, rules } of stack) {
      const { ignored, unignored } = rules.test(path.slice(prefix.length));
      if (ignored || unignored) {
        return ignored;
      }
    }
    return false;
  }

  /** Whether a path or a folder above it is ignored. */
  async isIgnored(path: string): Promise<boolean> {
    let stack = await this.top();
    for (const folder of foldersAbove(path)) {
      if (this.matches(stack, `${folder}/`)) {
        return true;
      }
      stack = await this.enter(stack, folder);
    }
    const stat = await this._files.lstat(`${this._root}/${path}`);
    return this.matches(stack, stat?.kind === 'directory' ? `${path}/` : path);
  }

  private async _push(stack: IgnoreStack, path: string, prefix: string): Promise<IgnoreStack> {
    const rules = await this._load(path);
    return rules ? [{ prefix, rules }, ...stack] : stack;
  }

  private _load(path: string): Promise<Ignore | null> {
    return path === this._userFile ? unlessForbidden(this._read(path), null) : this._read(path);
  }

  private async _read(path: string): Promise<Ignore | null> {
    const stat = await this._files.lstat(path);
    // A .gitignore that is a symbolic link is not followed; the user's own file may be one.
    if (!stat || (stat.kind !== 'file' && path !== this._userFile)) {
      return null;
    }
    const signature = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    let cached = this._cache.get(path);
    if (cached?.signature !== signature || stat.kind === 'symlink') {
      const text = decodeText((await this._files.readFile(path)) ?? new Uint8Array()).replace(/^\ufeff/, '');
      const rules = ignore({ ignorecase: this._ignoreCase }).add(text);
      cached = { signature, rules: /^[^#\s]/m.test(text) ? rules : null };
      this._cache.set(path, cached);
    }
    return cached.rules;
  }
}
