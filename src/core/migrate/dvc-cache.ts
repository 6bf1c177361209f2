/**
 * Where DVC keeps contents: its cache, and remotes that are folders of this machine.
 * https://dvc.org/doc/user-guide/project-structure/internal-files#structure-of-the-cache-directory
 */
import { decodePointer } from '../format/pointer';
import type { Activity, IProject } from '../port';

export type DvcContent = { readonly file: string; readonly bytes: number };

export class DvcCache {
  private constructor(
    private readonly _project: IProject,
    /** Absolute paths; files lie in `files/md5/ab/cdef…` of them, before DVC 3 in `ab/cdef…`. */
    private readonly _folders: readonly string[],
    /** Remotes that are not on this machine. */
    readonly elsewhere: readonly string[]
  ) {}

  /** Of every DVC project in the work tree (`dvc init --subdir` makes several). */
  static async open(project: IProject, roots: readonly string[]): Promise<DvcCache> {
    const folders: string[] = [];
    const elsewhere: string[] = [];
    for (const root of roots) {
      const base = `${project.root}/${root}.dvc`;
      const settings = [
        ...(await readSettings(project, `${base}/config`)),
        ...(await readSettings(project, `${base}/config.local`))
      ];
      folders.push(`${base}/cache`);
      for (const { section, key, value } of settings) {
        const isCache = section === 'cache' && key === 'dir';
        if (!isCache && !(section.startsWith('remote') && key === 'url')) {
          continue;
        }
        const path = toPath(base, value);
        if (path === null) {
          elsewhere.push(value);
        } else {
          folders.push(path);
        }
      }
    }
    return new DvcCache(project, folders, elsewhere);
  }

  /** The file that is named so and holds what its name says; null when there is none; `damaged` when it does not. */
  async find(
    md5: string,
    options: { readonly folder: boolean; readonly legacy: boolean },
    activity: Activity
  ): Promise<DvcContent | 'damaged' | null> {
    const name = `${md5.slice(0, 2)}/${md5.slice(2)}${options.folder ? '.dir' : ''}`;
    let damaged = false;
    for (const folder of this._folders) {
      for (const file of [`${folder}/files/md5/${name}`, `${folder}/${name}`]) {
        const stat = await this._project.files.lstat(file);
        if (stat?.kind === 'file') {
          if (await this._isWhole(file, md5, options.legacy || !file.includes('/files/md5/'), activity)) {
            return { file, bytes: stat.size };
          }
          damaged = true;
        }
      }
    }
    return damaged ? 'damaged' : null;
  }

  /** True when a link leads to one of these folders. */
  holds(path: string): boolean {
    return this._folders.some(folder => path.startsWith(`${folder}/`));
  }

  private async _isWhole(file: string, md5: string, legacy: boolean, activity: Activity): Promise<boolean> {
    const { md5File } = this._project;
    return (
      (await md5File(file, 'bytes', activity)) === md5 || (legacy && (await md5File(file, 'text', activity)) === md5)
    );
  }
}

type Setting = { readonly section: string; readonly key: string; readonly value: string };

/** DVC's configuration: sections like `[cache]` and `['remote "name"']`, lines like `url = ../storage`. */
async function readSettings(project: IProject, path: string): Promise<readonly Setting[]> {
  const bytes = await project.files.readFile(path);
  const settings: Setting[] = [];
  let section = '';
  for (const line of (bytes && !decodePointer(bytes) ? new TextDecoder().decode(bytes) : '').split('\n')) {
    const title = /^\s*\[\s*'?([^\]']+)'?\s*\]/.exec(line)?.[1];
    const setting = /^\s*([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (title !== undefined) {
      section = title;
    } else if (setting) {
      settings.push({ section, key: setting[1]!, value: setting[2]!.replace(/^(["'])(.*)\1$/, '$2') });
    }
  }
  return settings;
}

/** An absolute path of this machine; relative ones count from `.dvc`. null for a URL. */
function toPath(base: string, value: string): string | null {
  if (value.includes('://')) {
    return value.startsWith('file://') ? value.slice('file://'.length) : null;
  }
  const parts: string[] = [];
  for (const part of (value.startsWith('/') ? value : `${base}/${value}`).split('/')) {
    if (part === '..') {
      parts.pop();
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  return `/${parts.join('/')}`;
}
