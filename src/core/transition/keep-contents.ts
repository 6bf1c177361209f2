/** Before a file leaves the work tree: make sure that its content is kept somewhere it can be had from again. */
import { BranchbookError } from '../error';
import type { Pointer } from '../model/asset';
import type { Activity, IProject, IStoreSession } from '../port';
import { identityOf, isIdentity, modeOf, readPointer } from './content';
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
    const isAsset = project.git.assetRules();
    for (const file of leaving) {
      const asset = file.target && (await assetOf(project, file, file.target, isAsset));
      kept.push(
        file.target
          ? await keepKnown(project, { ...file, target: file.target, asset }, store)
          : await keepUnknown(project, file, store)
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

async function keepKnown(project: IProject, file: KeptFile, store: Store): Promise<KeptFile> {
  const { asset } = file;
  if (asset && !(await project.store.has(asset.sha256))) {
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

async function assetOf(
  project: IProject,
  file: Leaving,
  target: Target,
  isAsset: (path: string) => Promise<boolean>
): Promise<Pointer | null> {
  const { content } = target;
  if (content.kind === 'stored') {
    return content;
  }
  if (content.kind !== 'git' || file.stat.kind !== 'file' || !(await isAsset(file.path))) {
    return null;
  }
  const pointer = await readPointer(project, content.oid);
  return pointer?.size === file.stat.size ? pointer : null;
}
