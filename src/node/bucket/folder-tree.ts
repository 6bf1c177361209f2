/**
 * The part of a folder that a bucket may touch. What is a symbolic link below the root is refused: somebody of the group
 * may have put it there to lead us elsewhere.
 */
import { isExisting } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { DirectoryEntry, FileStat, IFileSystem } from '../../core/port';
import { checkKey, compareKeys, isReserved } from './key';

function refuseLink(stat: FileStat | null, path: string): void {
  if (stat?.kind === 'symlink') {
    throw new BranchbookError(
      'PATH_UNSAFE',
      `${path} is a symbolic link, which may lead out of the shared folder.`,
      { path, reason: 'symlink' },
      'Replace it by what it leads to.'
    );
  }
}

/** The key of a folder's entry as it counts in the order of listings: everything in a folder has a slash after its name. */
const sortKey = ({ name, kind }: DirectoryEntry): string => (kind === 'directory' ? `${name}/` : name);

export class FolderTree {
  /** `root`: a folder, without a slash at the end. `prefix`: ends with a slash, or is empty. */
  constructor(
    readonly files: IFileSystem,
    readonly root: string,
    readonly prefix: string
  ) {}

  pathOf(key: string): string {
    return `${this.root}/${this.prefix}${key}`;
  }

  /** The file of an object; null when there is none. PATH_UNSAFE. */
  async stat(key: string): Promise<FileStat | null> {
    checkKey(key);
    if (!(await this.hasFolder(key.slice(0, key.lastIndexOf('/') + 1)))) {
      return null;
    }
    const stat = await this.files.lstat(this.pathOf(key));
    refuseLink(stat, this.pathOf(key));
    return stat?.kind === 'file' ? stat : null;
  }

  /** `folder` ends with a slash, or is empty. PATH_UNSAFE. */
  async hasFolder(folder: string): Promise<boolean> {
    for (const path of this._foldersTo(folder)) {
      const stat = await this.files.lstat(path);
      refuseLink(stat, path);
      if (stat?.kind !== 'directory') {
        return false;
      }
    }
    return true;
  }

  /** Make the folder that holds `key`, and those on the way; the root is there, or is not made: it may be unmounted. */
  async makeFolderOf(key: string): Promise<void> {
    let parent = this.root;
    for (const path of this._foldersTo(key.slice(0, key.lastIndexOf('/') + 1))) {
      const stat = await this.files.lstat(path);
      refuseLink(stat, path);
      if (!stat) {
        await this._makeFolder(path, parent);
      }
      parent = path;
    }
  }

  /** What is in a folder, in the order that its keys have; nothing when there is no such folder. */
  async entries(folder: string): Promise<readonly DirectoryEntry[]> {
    const found = (await this.hasFolder(folder))
      ? await this.files.readdir(this.pathOf(folder).replace(/\/$/, ''))
      : [];
    return found.filter(({ name }) => !isReserved(name)).sort((a, b) => compareKeys(sortKey(a), sortKey(b)));
  }

  private async _makeFolder(path: string, parent: string): Promise<void> {
    try {
      await this.files.mkdir(path);
    } catch (error) {
      if (!isExisting(error)) {
        throw error;
      }
    }
    await this.files.syncDirectory(parent);
  }

  private _foldersTo(folder: string): readonly string[] {
    const parts = `${this.prefix}${folder}`.split('/').slice(0, -1);
    return parts.map((_, index) => `${this.root}/${parts.slice(0, index + 1).join('/')}`);
  }
}
