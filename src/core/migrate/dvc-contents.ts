/** Every content that DVC's files in the history name, taken from its cache into the store. */
import { encodePointer } from '../format/pointer';
import type { Pointer } from '../model/asset';
import type { MissingVersion } from '../model/maintenance';
import type { Activity, IProject } from '../port';
import type { DvcCache, DvcContent } from './dvc-cache';
import { readDirectory } from './dvc-files';
import type { DvcOut } from './dvc-files';
import { ContentImport } from './import-contents';

/** A file of an out. */
export type OutFile = { readonly path: string; readonly pointer: Pointer };

/** A file to be stored, by its MD5. */
type Wanted = { readonly path: string; readonly content: DvcContent };

/** Identifies what an out stands for, wherever and whenever it is named. */
export function keyOf({ path, md5, folder, executable }: DvcOut): string {
  return `${md5} ${folder ? 'd' : executable ? 'x' : 'f'} ${path}`;
}

export class DvcContents {
  readonly missing: MissingVersion[] = [];
  newBytes = 0;
  /** Files of each out that is here as a whole, with the MD5 of each. */
  private readonly _outs = new Map<string, readonly { readonly path: string; readonly md5: string }[]>();
  private readonly _wanted = new Map<string, Wanted>();
  private readonly _absent = new Map<string, string>();
  private readonly _pointers = new Map<string, Pointer>();

  constructor(
    private readonly _project: IProject,
    private readonly _cache: DvcCache
  ) {}

  get versions(): number {
    return this._wanted.size;
  }

  get bytes(): number {
    return [...this._wanted.values()].reduce((sum, { content }) => sum + content.bytes, 0);
  }

  /** Look an out up. An out of which a part is missing is not taken over at all: its `.dvc` file stays. */
  async survey(out: DvcOut, activity: Activity): Promise<void> {
    if (this._outs.has(keyOf(out))) {
      return;
    }
    const files = out.folder ? await this._readFolder(out, activity) : [{ path: out.path, md5: out.md5 }];
    this._outs.set(keyOf(out), []);
    if (!files) {
      return;
    }
    const reasons = await Promise.all(files.map(({ path, md5 }) => this._look(path, md5, out.legacy, activity)));
    files.forEach(({ path, md5 }, index) => {
      const reason = reasons[index];
      if (reason) {
        this.missing.push({ path, object: md5, reason });
      }
    });
    if (reasons.every(reason => reason === null)) {
      this._outs.set(keyOf(out), files);
    }
  }

  /** Whether all of the out is here. An empty folder has no files, and nothing that git could hold. */
  has(out: DvcOut): boolean {
    return (this._outs.get(keyOf(out)) ?? []).length > 0;
  }

  /** Durable on return. */
  async store(activity: Activity): Promise<void> {
    const contents = new ContentImport(this._project, activity, this.bytes);
    try {
      for (const [md5, { path, content }] of this._wanted) {
        const { sha256, size } = await contents.addFile(content.file, path);
        this._pointers.set(md5, { sha256, size });
      }
      await contents.commit();
      this.newBytes = contents.newBytes;
    } catch (error) {
      await contents.abort();
      throw error;
    }
  }

  paths(out: DvcOut): readonly string[] {
    return (this._outs.get(keyOf(out)) ?? []).map(({ path }) => path);
  }

  /** The files of an out that was stored. */
  filesOf(out: DvcOut): readonly { readonly path: string; readonly bytes: Uint8Array }[] {
    return (this._outs.get(keyOf(out)) ?? []).map(({ path, md5 }) => ({
      path,
      bytes: encodePointer(this._pointers.get(md5) as Pointer)
    }));
  }

  private async _readFolder(
    out: DvcOut,
    activity: Activity
  ): Promise<readonly { readonly path: string; readonly md5: string }[] | null> {
    const found = await this._cache.find(out.md5, { folder: true, legacy: false }, activity);
    const bytes = found && found !== 'damaged' ? await this._project.files.readFile(found.file) : null;
    const files = bytes && readDirectory(out.path, bytes);
    if (!files) {
      const reason = found === null ? 'its list of files is not in the cache' : 'its list of files is damaged';
      this.missing.push({ path: out.path, object: `${out.md5}.dir`, reason });
    }
    return files;
  }

  /** Why a content cannot be taken; null when it can. */
  private async _look(path: string, md5: string, legacy: boolean, activity: Activity): Promise<string | null> {
    if (this._wanted.has(md5)) {
      return null;
    }
    const known = this._absent.get(md5);
    if (known !== undefined) {
      return known;
    }
    const content = await this._cache.find(md5, { folder: false, legacy }, activity);
    if (content === null || content === 'damaged') {
      const reason = content === null ? 'not in the cache' : 'damaged: its bytes do not have that MD5';
      this._absent.set(md5, reason);
      return reason;
    }
    this._wanted.set(md5, { path, content });
    return null;
  }
}
