/** `branch`: list, create, rename and delete branches, or open one beside the project. */
import { BranchbookError } from '../error';
import type { Head, ObjectId, RefChange } from '../model/git';
import { requireBranchName } from '../model/ref-name';
import type { BranchArgs, BranchInfo, BranchResult, SwitchResult } from '../model/result';
import { subjectOf } from '../model/trailer';
import type { Activity, IProject } from '../port';
import { cleanFilter } from '../transition/clean-filter';
import { changeRefs } from '../transition/change-refs';
import { changesBetween, moveWorkTree, treeOf } from '../transition/move-work-tree';
import { afterwards } from './afterwards';
import { isKeptBy, keepingRefs, noticesOnLeaving, refuseInOtherWorktree, requireBranch, unborn } from './branch-guards';
import { headName, refuseInProgress } from './head';
import type { Operation } from './operation';
import { openBeside } from './open-beside';
import { toIsoTime } from './snapshot-info';

export const branchOperation: Operation<'branch'> = {
  verb: 'branch',
  summary: 'List, create, rename or delete branches',
  mutates: args => args.action !== 'list',
  run: branch
};

/**
 * BRANCH_NAME_INVALID, BRANCH_EXISTS, BRANCH_UNKNOWN, BRANCH_NOT_MERGED, BRANCH_IN_USE, UNBORN_HEAD, and for
 * create with switch what `switch` throws.
 */
export async function branch(project: IProject, args: BranchArgs, activity: Activity): Promise<BranchResult> {
  const done = await act(project, args, activity);
  return { ...done, branches: await afterwards('The branches are changed', () => listBranches(project)) };
}

async function act(project: IProject, args: BranchArgs, activity: Activity): Promise<Omit<BranchResult, 'branches'>> {
  switch (args.action) {
    case 'list':
      return {};
    case 'create':
      return create(project, args, activity);
    case 'rename':
      return rename(project, args.name, args.to);
    case 'delete':
      return remove(project, args.name, args.force ?? false);
    case 'worktree':
      return { branch: args.name, ...(await openBeside(project, args.name, activity)) };
  }
}

const verb = 'branch';
const refOf = (name: string): string => `refs/heads/${name}`;

/** The current branch first, then those used last, then the others by their last snapshot. */
export async function listBranches(project: IProject): Promise<readonly BranchInfo[]> {
  const { git } = project;
  const [head, lastUsed, worktrees] = await Promise.all([git.head(), git.lastUsed(), git.worktrees()]);
  const branches: (BranchInfo & { readonly seconds: number })[] = [];
  for (const ref of await git.refs('refs/heads/')) {
    const name = ref.name.slice('refs/heads/'.length);
    const commit = await git.readCommit(ref.commit);
    branches.push({
      name,
      current: head.kind === 'branch' && head.branch === name,
      commit: ref.commit,
      subject: subjectOf(commit.message),
      time: toIsoTime(commit.author),
      lastUsed: lastUsed.get(name) ?? null,
      worktree: worktrees.find(tree => tree.branch === name && tree.root !== project.root)?.root ?? null,
      seconds: commit.committer.time
    });
  }
  branches.sort(
    (a, b) =>
      Number(b.current) - Number(a.current) ||
      (b.lastUsed ?? 0) - (a.lastUsed ?? 0) ||
      b.seconds - a.seconds ||
      (a.name < b.name ? -1 : 1)
  );
  return branches.map(({ seconds: _seconds, ...info }) => info);
}

type CreateArgs = Extract<BranchArgs, { action: 'create' }>;

async function create(
  project: IProject,
  args: CreateArgs,
  activity: Activity
): Promise<Omit<BranchResult, 'branches'>> {
  const { name } = args;
  await requireFree(project, name);
  const before = await project.git.head();
  if (args.from === undefined && before.commit === null) {
    throw unborn(headName(before));
  }
  const commit = args.from === undefined ? before.commit! : await project.git.resolve(args.from);
  const change: RefChange = { name: refOf(name), from: null, to: commit };
  if (args.switch) {
    return { branch: name, switched: await createAndSwitch(project, name, change, activity) };
  }
  const reflog = `branch: Created from ${args.from ?? 'HEAD'}`;
  await changeRefs(project, { before, refs: [change], verb, description: `create branch ${name}`, reflog });
  return { branch: name };
}

/** One step, so that a refused switch leaves no branch behind and one undo takes back both. */
async function createAndSwitch(
  project: IProject,
  name: string,
  change: RefChange,
  activity: Activity
): Promise<SwitchResult> {
  const started = project.clock.now();
  await refuseInProgress(project);
  const commit = change.to!;
  const before = await project.git.head();
  const scan = await project.git.scan(cleanFilter(project));
  const changes = await changesBetween(project, scan.tree, await treeOf(project, commit));
  const from = headName(before);
  const moved = await moveWorkTree(
    project,
    {
      changes,
      before,
      head: { kind: 'branch', branch: name, commit },
      refs: [change],
      unsnapshotted: 'refuse',
      verb,
      description: `create branch ${name} and switch to it`,
      reflog: `checkout: moving from ${before.kind === 'branch' ? from : before.commit} to ${name}`
    },
    activity
  );
  const touched = new Set(changes.map(({ path }) => path));
  const carried = scan.changes.map(({ path }) => path).filter(path => !touched.has(path));
  const leaving = await afterwards(`Switched to ${name}`, () => noticesOnLeaving(project, before, commit));
  const notices = [...moved.notices, ...leaving];
  const milliseconds = project.clock.now() - started;
  return { from, to: name, commit, ...moved, carried, parked: null, notices, milliseconds };
}

/** A name that can be a branch and is none yet. git keeps refs as files, so `a` and `a/b` exclude each other. */
async function requireFree(project: IProject, name: string, leaving?: string): Promise<void> {
  requireBranchName(name);
  const refs = await project.git.refs('refs/heads/');
  const names = refs.map(ref => ref.name.slice('refs/heads/'.length)).filter(other => other !== leaving);
  if (names.includes(name)) {
    throw new BranchbookError(
      'BRANCH_EXISTS',
      `There is a branch ${name} already.`,
      { name },
      `Switch to it with \`branchbook switch ${name}\`, or choose another name.`
    );
  }
  const blocking = names.find(other => other.startsWith(`${name}/`) || name.startsWith(`${other}/`));
  if (blocking !== undefined) {
    const reason = `git cannot keep it beside the branch ${blocking}`;
    throw new BranchbookError(
      'BRANCH_NAME_INVALID',
      `A branch cannot be called ${name}: ${reason}.`,
      { name, reason },
      'Choose a name that is not a part of another branch’s name.'
    );
  }
}

async function rename(project: IProject, name: string, to: string): Promise<Omit<BranchResult, 'branches'>> {
  const { git } = project;
  const commit = await requireBranch(project, name);
  if (name === to) {
    return { branch: to };
  }
  await requireFree(project, to, name);
  await refuseInOtherWorktree(project, name);
  const before = await git.head();
  const current = before.kind === 'branch' && before.branch === name;
  const after: Head = current ? { kind: 'branch', branch: to, commit } : before;
  const refs: readonly RefChange[] = [
    { name: refOf(name), from: commit, to: null },
    { name: refOf(to), from: null, to: commit }
  ];
  const description = `rename branch ${name} to ${to}`;
  const reflog = `Branch: renamed ${refOf(name)} to ${refOf(to)}`;
  await keepUpstream(project, name, to);
  await changeRefs(project, { before, ...(current && { head: after }), refs, verb, description, reflog });
  return { branch: to };
}

/** Before the branch has its new name: settings of a branch that is not there do no harm. */
async function keepUpstream(project: IProject, name: string, to: string): Promise<void> {
  for (const key of ['remote', 'merge']) {
    const value = await project.git.config(`branch.${name}.${key}`);
    if (value !== null) {
      await project.git.setConfig(`branch.${to}.${key}`, value);
    }
  }
}

async function remove(project: IProject, name: string, force: boolean): Promise<Omit<BranchResult, 'branches'>> {
  const { git } = project;
  const commit = await requireBranch(project, name);
  const head = await git.head();
  if (head.kind === 'branch' && head.branch === name) {
    throw new BranchbookError(
      'BRANCH_IN_USE',
      `${name} is the current branch.`,
      { name, worktree: project.root },
      'Switch to another branch first.'
    );
  }
  await refuseInOtherWorktree(project, name);
  if (!force) {
    await refuseUnmerged(project, name, commit);
  }
  const change: RefChange = { name: refOf(name), from: commit, to: null };
  const description = `delete branch ${name}`;
  await changeRefs(project, { before: head, refs: [change], verb, description, reflog: `branch: deleted ${name}` });
  return { branch: name };
}

/** BRANCH_NOT_MERGED when no other branch or tag holds all of the branch's snapshots. */
async function refuseUnmerged(project: IProject, name: string, commit: ObjectId): Promise<void> {
  const { git } = project;
  const others = (await keepingRefs(project)).filter(ref => ref.name !== refOf(name));
  if (await isKeptBy(project, others, commit)) {
    return;
  }
  let commits = 0;
  for await (const own of git.history(commit)) {
    const held = await Promise.all(others.map(ref => git.isAncestor(own.oid, ref.commit)));
    if (held.includes(true)) {
      break;
    }
    commits += 1;
  }
  throw new BranchbookError(
    'BRANCH_NOT_MERGED',
    `${name} has ${commits} ${commits === 1 ? 'snapshot' : 'snapshots'} that no other branch has.`,
    { name, commits },
    'Merge it first, or delete it with --force (`branchbook undo` brings it back).'
  );
}
