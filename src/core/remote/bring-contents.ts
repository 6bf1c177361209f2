/** Contents that are not here, from remotes that have them. Stores know nothing of it: who needs contents asks first. */
import { BranchbookError } from '../error';
import type { Pointer, Sha256 } from '../model/asset';
import type { Transfer } from '../model/sharing';
import type { Activity, IProject } from '../port';
import { requireSpace } from '../space';
import { fetchContents } from '../sync/fetch-contents';
import { configuredRemotes, upstreamOf } from './configured';
import type { Remote } from './configured';
import { fetchFromLfs } from './lfs-contents';
import { openRemote } from './open-remote';

export type Brought = {
  readonly transfer: Transfer;
  /** What is still not here. */
  readonly missing: readonly Pointer[];
  /** Why remotes could not be asked, or failed. */
  readonly problems: readonly BranchbookError[];
};

export const noTransfer: Transfer = { contents: 0, bytes: 0, transferred: 0, milliseconds: 0 };

export function addTransfers(a: Transfer, b: Transfer): Transfer {
  return {
    contents: a.contents + b.contents,
    bytes: a.bytes + b.bytes,
    transferred: a.transferred + b.transferred,
    milliseconds: a.milliseconds + b.milliseconds
  };
}

/** What becomes of contents that are brought: kept in the store, or written as files too. */
export type Purpose = 'store' | 'file';

/** Remotes that did not answer, by the operation that asked them: it does not wait for them again. */
const silent = new WeakMap<Activity, Map<string, BranchbookError>>();

/**
 * Bring what is not here: from the current branch's remote first. Remotes that cannot be reached are told in `problems`;
 * only CANCELLED is thrown, and failures of this machine (DISK_FULL before anything comes, PERMISSION_DENIED).
 */
export async function bringContents(
  project: IProject,
  contents: readonly Pointer[],
  activity: Activity,
  purpose: Purpose = 'store'
): Promise<Brought> {
  let missing = await notHere(project, contents);
  let transfer = noTransfer;
  const problems: BranchbookError[] = [];
  const unanswered = silent.get(activity) ?? new Map<string, BranchbookError>();
  silent.set(activity, unanswered);
  for (const remote of missing.length === 0 ? [] : await remotesInOrder(project)) {
    const before = unanswered.get(remote.name);
    if (before) {
      problems.push(before);
    } else if (missing.length > 0) {
      try {
        transfer = addTransfers(transfer, await bringFrom(project, remote, missing, { activity, purpose }));
      } catch (error) {
        const problem = refuseOwn(BranchbookError.from(error));
        problems.push(problem);
        if (problem.code === 'PLACE_UNREACHABLE') {
          unanswered.set(remote.name, problem);
        }
      }
      missing = await notHere(project, missing);
    }
  }
  return { transfer, missing, problems };
}

/** The same for one content that a path names; ASSET_MISSING when nobody has it, or nobody can be asked. */
export async function requireContent(
  project: IProject,
  pointer: Pointer,
  path: string,
  activity: Activity,
  purpose: Purpose = 'store'
): Promise<void> {
  const { missing, problems } = await bringContents(project, [pointer], activity, purpose);
  if (missing.length > 0) {
    throw missingContent(pointer.sha256, path, problems);
  }
}

export function missingContent(sha256: Sha256, path: string, problems: readonly BranchbookError[]): BranchbookError {
  const [problem] = problems;
  return new BranchbookError(
    'ASSET_MISSING',
    problem
      ? `The content of ${path} is not in this clone, and could not be brought: ${problem.message}`
      : `The content of ${path} is not in this clone, and no remote has it.`,
    { path, sha256, ...(problem && { cause: problem.toJSON() }) },
    problem?.hint ||
      'Whoever made this version may still have it: ask them to push. If a place keeps the assets of a git host’s project, name it: `branchbook remote set NAME --assets PLACE/NAMESPACE/PROJECT`.'
  );
}

/** For people: why something is missing. */
export function problemsOf({ missing, problems }: Brought): readonly string[] {
  return missing.length === 0 ? [] : problems.map(({ message, hint }) => `${message} ${hint}`.trim());
}

export async function notHere(project: IProject, contents: readonly Pointer[]): Promise<readonly Pointer[]> {
  const here = await project.store.hasAll(contents.map(({ sha256 }) => sha256));
  const missing = new Map<Sha256, Pointer>();
  for (const pointer of contents) {
    if (pointer.size > 0 && !here.has(pointer.sha256)) {
      missing.set(pointer.sha256, pointer);
    }
  }
  return [...missing.values()];
}

async function remotesInOrder({ git }: IProject): Promise<readonly Remote[]> {
  const remotes = await configuredRemotes(git);
  const head = await git.head();
  const upstream = head.kind === 'branch' ? await upstreamOf(git, head.branch) : null;
  const rank = ({ name, shared }: Remote): number => (name === upstream?.remote ? 0 : shared === null ? 2 : 1);
  return [...remotes].sort((a, b) => rank(a) - rank(b));
}

async function bringFrom(
  project: IProject,
  remote: Remote,
  missing: readonly Pointer[],
  { activity, purpose }: { readonly activity: Activity; readonly purpose: Purpose }
): Promise<Transfer> {
  const { assets, history } = await openRemote(project.places, remote);
  if (assets === null) {
    await requireSpace(project.files, project.home, sizeOf(missing, purpose) + sizeOf(missing, 'file'));
    return fetchFromLfs(project, history, missing, activity);
  }
  const there = await assets.has(
    missing.map(({ sha256 }) => sha256),
    activity
  );
  const wanted = missing.filter(({ sha256 }) => there.has(sha256));
  const names = wanted.map(({ sha256 }) => sha256);
  return wanted.length === 0
    ? noTransfer
    : fetchContents(project.store, assets, names, activity, sizeOf(wanted, purpose));
}

/** Bytes that they take as files, besides what they take in the store. */
function sizeOf(contents: readonly Pointer[], purpose: Purpose): number {
  return purpose === 'store' ? 0 : contents.reduce((sum, { size }) => sum + size, 0);
}

/** Another remote changes nothing about these. */
function refuseOwn(error: BranchbookError): BranchbookError {
  if (['CANCELLED', 'DISK_FULL', 'LOCKED'].includes(error.code)) {
    throw error;
  }
  return error;
}
