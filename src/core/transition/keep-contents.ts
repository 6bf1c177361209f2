/** Before a file leaves the work tree: make sure that its content is kept somewhere it can be had from again. */
import { BranchbookError } from '../error';
import type { Pointer, Sha256 } from '../model/asset';
import type { ObjectId } from '../model/git';
import type { Activity, IProject, IStoreSession } from '../port';
import { identityOf, isIdentity, modeOf, readPointers } from './content';
import type { Target } from './content';
import type { Leaving } from './plan';

export type KeptFile = Leaving & {
  readonly target: Target;
  /** When the file holds an asset's content. */
  readonly asset: Pointer | null;
};

/**
 * Unsnapshotted contents go to the store, so that undo can bring them back; so do assets that the store does not have
 * (committed by plain git-lfs), because the copies that wait in `materialized/` may be evicted.
 */
export async function keepContents(
  project: IProject,
  leaving: readonly Leaving[],
  activity: Activity
): Promise<readonly KeptFile[]> {
  let session: IStoreSession | null = null;
  const store = async (file: Leaving): Promise<Pointer> => {
    session ??= await project.store.begin();
    return add(project, session, file, activity);
  };
  const finish = async (end: 'commit' | 'abort'): Promise<void> => session?.[end]();
  try {
    const kept: KeptFile[] = [];
    const assets = await assetsOf(project, leaving);
    const here = await project.store.hasAll(assets.flatMap(asset => asset?.sha256 ?? []));
    for (const [at, file] of leaving.entries()) {
      const { target } = file;
      const asset = assets[at] ?? null;
      kept.push(
        target ? await keepKnown({ ...file, target, asset }, here, store) : await keepUnknown(project, file, store)
      );
    }
    await finish('commit');
    return kept;
  } catch (error) {
    await finish('abort');
    throw error;
  }
}

type Store = (file: Leaving) => Promise<Pointer>;

async function keepKnown(file: KeptFile, here: ReadonlySet<Sha256>, store: Store): Promise<KeptFile> {
  const { asset } = file;
  if (asset && !here.has(asset.sha256)) {
    const stored = await store(file);
    if (stored.sha256 !== asset.sha256) {
      throw changed(file.path);
    }
  }
  return file;
}

async function keepUnknown(project: IProject, file: Leaving, store: Store): Promise<KeptFile> {
  if (file.stat.kind === 'symlink') {
    const target = await project.files.readlink(`${project.root}/${file.path}`);
    return { ...file, target: { mode: '120000', content: { kind: 'link', target } }, asset: null };
  }
  const { sha256, size } = await store(file);
  return {
    ...file,
    target: { mode: modeOf(file.stat), content: { kind: 'stored', sha256, size } },
    asset: { sha256, size }
  };
}

async function add(project: IProject, session: IStoreSession, file: Leaving, activity: Activity): Promise<Pointer> {
  const absolute = `${project.root}/${file.path}`;
  const { sha256, size } = await session.add(absolute, activity);
  if (!isIdentity(await project.files.lstat(absolute), identityOf(file.stat))) {
    throw changed(file.path);
  }
  return { sha256, size };
}

function changed(path: string): BranchbookError {
  return new BranchbookError(
    'FILE_CHANGED',
    `${path} changed while it was being saved.`,
    { path, attempts: 1 },
    'Wait until the program that writes it is done, then try again.'
  );
}

/** What each of the files is known to hold, when that is an asset's content. */
async function assetsOf(project: IProject, leaving: readonly Leaving[]): Promise<readonly (Pointer | null)[]> {
  const isAsset = project.git.assetRules();
  const assets: (Pointer | null)[] = [];
  const blobs: (ObjectId | null)[] = [];
  for (const { path, stat, target } of leaving) {
    const content = target?.content;
    const isPointed = content?.kind === 'git' && stat.kind === 'file' && (await isAsset(path));
    assets.push(content?.kind === 'stored' ? content : null);
    blobs.push(isPointed ? content.oid : null);
  }
  await readPointers(project, blobs, async (at, pointer) => {
    if (pointer?.size === leaving[at]!.stat.size) {
      assets[at] = pointer;
    }
  });
  return assets;
}
