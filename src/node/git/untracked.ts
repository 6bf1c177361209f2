/** Finds the files that the index does not have and no rule ignores. */
import { isWithin } from '../../core/model/path';
import type { DirectoryEntry, FileStat, IFileSystem } from '../../core/port';
import type { IgnoreRules, IgnoreStack } from './ignore-rules';
import type { IndexFile } from './index-file';

export type UntrackedOptions = {
  readonly files: IFileSystem;
  readonly root: string;
  readonly index: IndexFile;
  readonly ignore: IgnoreRules;
  /** Only at these project paths and below. */
  readonly under?: readonly string[] | undefined;
  /** True for paths that are known although the index does not have them. */
  readonly isListed: (path: string) => boolean;
  readonly found: (path: string, stat: FileStat) => Promise<void>;
};

class Walk {
  /** Position in the index of the next path to come: both go through the files in nearly the same order. */
  private _next = 0;

  constructor(private readonly _options: UntrackedOptions) {}

  /** @param stack the rules in force above the folder */
  async folder(folder: string, stack: IgnoreStack): Promise<void> {
    const { files, root, ignore, isListed } = this._options;
    const entries = await files.readdir(folder === '' ? root : `${root}/${folder}`);
    const rules = folder !== '' && entries.some(isIgnoreFile) ? await ignore.enter(stack, folder) : stack;
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const { name, kind } of entries) {
      const path = `${prefix}${name}`;
      if (kind === 'directory') {
        // A folder may stand where the index has a file.
        await this._enter(path, name, rules);
      } else if (!this._isTracked(path) && !isGit(name) && !isListed(path)) {
        await this._file(path, kind, rules);
      }
    }
  }

  private async _enter(path: string, name: string, stack: IgnoreStack): Promise<void> {
    const { files, root, ignore, index, under } = this._options;
    const mayHoldWanted = !under || under.some(folder => isWithin(path, folder) || isWithin(folder, path));
    if (isGit(name) || !mayHoldWanted) {
      return;
    }
    const tracked = index.paths[index.lowerBound(`${path}/`)]?.startsWith(`${path}/`);
    if (tracked || !(ignore.matches(stack, `${path}/`) || (await files.lstat(`${root}/${path}/.git`)))) {
      await this.folder(path, stack);
    }
  }

  private async _file(path: string, kind: DirectoryEntry['kind'], stack: IgnoreStack): Promise<void> {
    const { files, root, ignore, under, found } = this._options;
    const wanted = !under || under.some(folder => isWithin(path, folder));
    if (kind !== 'other' && wanted && !ignore.matches(stack, path)) {
      const stat = await files.lstat(`${root}/${path}`);
      if (stat) {
        await found(path, stat);
      }
    }
  }

  private _isTracked(path: string): boolean {
    const { index } = this._options;
    if (index.paths[this._next] !== path) {
      this._next = index.lowerBound(path);
    }
    const tracked = index.paths[this._next] === path;
    this._next += tracked ? 1 : 0;
    return tracked;
  }
}

const isGit = (name: string): boolean => name.length === 4 && name.toLowerCase() === '.git';

/** Whether the folder may have rules of its own; some file systems ignore the case of names. */
const isIgnoreFile = ({ name }: DirectoryEntry): boolean =>
  name.length === '.gitignore'.length && name.toLowerCase() === '.gitignore';

export async function walkUntracked(options: UntrackedOptions): Promise<void> {
  await new Walk(options).folder('', await options.ignore.top());
}
