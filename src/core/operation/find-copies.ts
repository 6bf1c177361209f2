/** Where else on this machine a content may be: work trees, files that wait to be used again, git-lfs's cache, clones. */
import type { Sha256 } from '../model/asset';
import type { ContentCopy, FindCopies, IAssetStore, IFileSystem, IProject } from '../port';
import { standIns } from './check-own-files';

/** Bytes read at once. */
const PIECE_BYTES = 1024 * 1024;

/** A remote that is a folder of this machine. */
export type FolderRemote = {
  readonly name: string;
  /** Absolute path of its git directory. */
  readonly gitDir: string;
};

/** `pathsOf` gives the project paths that had a content in some version. */
export async function openCopies(
  project: IProject,
  pathsOf: (sha256: Sha256) => Iterable<string>
): Promise<FindCopies> {
  const { files, git, home } = project;
  const roots = (await git.worktrees()).map(({ root }) => root);
  const waiting = await standIns(project);
  const remotes = await folderRemotes(project);
  const caches = [{ name: 'this project', gitDir: git.commonDir }, ...remotes];
  const stores = await openStores(project, remotes);
  return async function* (sha256) {
    for (const path of [...pathsOf(sha256)].flatMap(name => roots.map(root => `${root}/${name}`))) {
      yield* fileCopy(files, path, `the file ${path}`);
    }
    for (const { path } of waiting.filter(file => file.sha256 === sha256)) {
      yield* fileCopy(files, path, path.slice(home.length + 1));
    }
    for (const { name, gitDir } of caches) {
      yield* fileCopy(files, lfsObject(gitDir, sha256), `the git-lfs objects of ${name}`);
    }
    for (const { name, store } of stores) {
      yield* storeCopy(store, sha256, `the store of ${name}`);
    }
  };
}

async function openStores(
  project: IProject,
  remotes: readonly FolderRemote[]
): Promise<readonly { readonly name: string; readonly store: IAssetStore }[]> {
  const stores: { readonly name: string; readonly store: IAssetStore }[] = [];
  for (const { name, gitDir } of remotes) {
    // One of a newer format is none.
    const store = await project.storeAt(`${gitDir}/branchbook`).catch(() => null);
    if (store) {
      stores.push({ name, store });
    }
  }
  return stores;
}

/** Remotes that can be read without a network. */
export async function folderRemotes(project: IProject): Promise<readonly FolderRemote[]> {
  const { files, git } = project;
  const found: FolderRemote[] = [];
  for (const { name, url } of await git.remotes()) {
    const folder = toFolder(project.root, url);
    for (const gitDir of folder === null ? [] : [`${folder}/.git`, folder]) {
      if (await files.lstat(`${gitDir}/objects`).catch(() => null)) {
        found.push({ name, gitDir });
        break;
      }
    }
  }
  return found;
}

/** As git takes it: a path, relative to the work tree, or a file URL. */
function toFolder(root: string, url: string): string | null {
  const path = url.startsWith('file:///') ? decodePath(url.slice('file://'.length)) : url;
  if (path === null || path.includes('\0') || /^[A-Za-z][\w+.-]*:/.test(path) || /^[^/]+:/.test(path)) {
    return null;
  }
  return (path.startsWith('/') ? path : `${root}/${path}`).replace(/\/+$/, '');
}

function decodePath(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function lfsObject(gitDir: string, sha256: Sha256): string {
  return `${gitDir}/lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}

async function* fileCopy(files: IFileSystem, path: string, from: string): AsyncGenerator<ContentCopy> {
  const stat = await files.lstat(path).catch(() => null);
  if (stat?.kind === 'file') {
    yield { from, path, read: (start, end) => readFile(files, path, start, end) };
  }
}

/** Bytes `[start, end)`; fewer where there are no more. */
export async function* readFile(
  files: IFileSystem,
  path: string,
  start: number,
  end: number
): AsyncGenerator<Uint8Array> {
  const handle = await files.open(path, 'read');
  try {
    for (let at = start; at < end;) {
      const buffer = new Uint8Array(Math.min(PIECE_BYTES, end - at));
      const count = await handle.read(buffer, at);
      if (count === 0) {
        return;
      }
      yield buffer.subarray(0, count);
      at += count;
    }
  } finally {
    await handle.close();
  }
}

async function* storeCopy(store: IAssetStore, sha256: Sha256, from: string): AsyncGenerator<ContentCopy> {
  // Also when it is damaged there: a part may be all that is needed.
  if (await store.info(sha256).catch(() => null)) {
    yield { from, path: null, read: (start, end) => store.read(sha256, start, end) };
  }
}
