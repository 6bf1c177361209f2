/** Good copies of git's own objects: in remotes that are folders, or made again from a file of a work tree. */
import { BranchbookError } from '../error';
import { encodePointer } from '../format/pointer';
import type { Repair } from '../model/maintenance';
import type { IProject } from '../port';
import type { DamagedObject } from './check-history';
import type { FolderRemote } from './find-copies';

/** A file larger than this, in bytes, is an asset if anything: as a blob it is not tried. */
const MAX_BLOB_BYTES = 512 * 1024 * 1024;

export class ObjectHealer {
  readonly healed: Repair[] = [];

  constructor(
    private readonly _project: IProject,
    private readonly _remotes: readonly FolderRemote[]
  ) {}

  /** Where a good copy came from; null when none was found. */
  async heal(object: DamagedObject): Promise<string | null> {
    const from = (await this._fromRemotes(object)) ?? (await this._fromWorkTrees(object));
    if (from !== null) {
      const what = object.path === null ? 'The git object' : `The git object of ${object.path}`;
      this.healed.push({ object: object.oid, message: `${what} ${object.oid} is whole again.`, from });
    }
    return from;
  }

  private async _fromRemotes({ oid }: DamagedObject): Promise<string | null> {
    for (const { name, gitDir } of this._remotes) {
      if (await this._project.git.takeObject(oid, gitDir)) {
        return name;
      }
    }
    return null;
  }

  private async _fromWorkTrees({ oid, path }: DamagedObject): Promise<string | null> {
    for (const { root } of path === null ? [] : await this._project.git.worktrees()) {
      const found = await this._blobAt(`${root}/${path}`, oid);
      if (found) {
        await this._project.git.writeBlob(found);
        return `the file ${root}/${path}`;
      }
    }
    return null;
  }

  /** The blob itself, or the pointer that stands for the file. */
  private async _blobAt(file: string, oid: string): Promise<Uint8Array | null> {
    const { files, git, store } = this._project;
    try {
      const stat = await files.lstat(file);
      if (stat?.kind === 'symlink') {
        const target = new TextEncoder().encode(await files.readlink(file));
        return (await git.hashBlob(target)) === oid ? target : null;
      }
      if (stat?.kind !== 'file') {
        return null;
      }
      const bytes = stat.size <= MAX_BLOB_BYTES ? await files.readFile(file) : null;
      if (bytes && (await git.hashBlob(bytes)) === oid) {
        return bytes;
      }
      const pointer = encodePointer({ sha256: await store.hashFile(file), size: stat.size });
      return (await git.hashBlob(pointer)) === oid ? pointer : null;
    } catch (error) {
      // A file that cannot be read helps nobody.
      if (['CANCELLED', 'INTERNAL'].includes(BranchbookError.from(error).code)) {
        throw error;
      }
      return null;
    }
  }
}
