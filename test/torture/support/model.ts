/** A project as one would imagine it: a few maps, no disk, no git. What Branchbook does is compared with what this does. */
import type { ErrorCode } from '../../../src/core/error';

export type Tree = ReadonlyMap<string, string>;

export type ModelState = {
  readonly branches: ReadonlyMap<string, Tree>;
  readonly head: string;
  readonly work: Tree;
};

export type Step =
  | { readonly verb: 'write'; readonly path: string; readonly content: string | null }
  | { readonly verb: 'snapshot' }
  | { readonly verb: 'create'; readonly branch: string; readonly follow: boolean }
  | { readonly verb: 'rename'; readonly branch: string; readonly to: string }
  | { readonly verb: 'delete'; readonly branch: string }
  | { readonly verb: 'switch'; readonly branch: string; readonly changes: 'refuse' | 'park' | 'discard' }
  | { readonly verb: 'restore'; readonly path: string; readonly branch: string }
  | { readonly verb: 'undo' | 'redo' | 'gc' | 'maintenance' };

/** What a step leads to: the states that `undo` goes back through, the last one being the new one; or why it is refused. */
type Outcome = readonly ModelState[] | ErrorCode;

const isSame = (a: Tree, b: Tree): boolean => a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);

export function isSameState(a: ModelState, b: ModelState): boolean {
  const names = [...a.branches.keys()];
  const sameBranches =
    a.branches.size === b.branches.size &&
    names.every(name => b.branches.has(name) && isSame(a.branches.get(name)!, b.branches.get(name)!));
  return a.head === b.head && sameBranches && isSame(a.work, b.work);
}

/** Paths where the two differ. */
export function difference(a: Tree, b: Tree): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter(path => a.get(path) !== b.get(path)).sort();
}

export const headOf = ({ branches, head }: ModelState): Tree => branches.get(head)!;

function put(tree: Tree, path: string, content: string | null | undefined): Tree {
  const changed = new Map(tree);
  changed.delete(path);
  return content === null || content === undefined ? changed : changed.set(path, content);
}

const withBranch = (state: ModelState, name: string, tree: Tree | undefined): ModelState => {
  const branches = new Map(state.branches);
  branches.delete(name);
  return { ...state, branches: tree ? branches.set(name, tree) : branches };
};

/** The work tree takes what differs between the branches; everything else in it stays as it is. */
function move(state: ModelState, branch: string): ModelState | ErrorCode {
  const [from, to] = [headOf(state), state.branches.get(branch)!];
  const paths = difference(from, to);
  const inTheWay = paths.filter(
    path => state.work.get(path) !== from.get(path) && state.work.get(path) !== to.get(path)
  );
  if (inTheWay.length > 0) {
    return 'WORK_TREE_DIRTY';
  }
  return { ...state, head: branch, work: paths.reduce((work, path) => put(work, path, to.get(path)), state.work) };
}

function switchTo(state: ModelState, { branch, changes }: Step & { readonly verb: 'switch' }): Outcome {
  if (!state.branches.has(branch)) {
    return 'BRANCH_UNKNOWN';
  }
  const isDirty = !isSame(state.work, headOf(state));
  if (changes === 'park' && isDirty) {
    const parked = withBranch(state, state.head, state.work);
    const moved = move(parked, branch);
    return typeof moved === 'string' ? moved : [parked, moved];
  }
  const from = headOf(state);
  const to = state.branches.get(branch)!;
  // Files that neither branch knows are nobody's to discard.
  const kept = [...state.work].filter(([path]) => !from.has(path) && !to.has(path));
  const clean = changes === 'discard' ? { ...state, work: new Map([...from, ...kept]) } : state;
  const moved = move(clean, branch);
  return typeof moved === 'string' ? moved : [moved];
}

/** `write`, `undo` and `redo` are not steps of the project itself. */
export function take(state: ModelState, step: Step): Outcome {
  switch (step.verb) {
    case 'snapshot':
      return isSame(state.work, headOf(state)) ? 'NOTHING_TO_SNAPSHOT' : [withBranch(state, state.head, state.work)];
    case 'create': {
      const made = withBranch(state, step.branch, headOf(state));
      return state.branches.has(step.branch) ? 'BRANCH_EXISTS' : [step.follow ? { ...made, head: step.branch } : made];
    }
    case 'rename': {
      const tree = state.branches.get(step.branch);
      if (!tree || (state.branches.has(step.to) && step.to !== step.branch)) {
        return tree ? 'BRANCH_EXISTS' : 'BRANCH_UNKNOWN';
      }
      const renamed = withBranch(withBranch(state, step.branch, undefined), step.to, tree);
      return [{ ...renamed, head: state.head === step.branch ? step.to : state.head }];
    }
    case 'delete':
      if (!state.branches.has(step.branch)) {
        return 'BRANCH_UNKNOWN';
      }
      return state.head === step.branch ? 'BRANCH_IN_USE' : [withBranch(state, step.branch, undefined)];
    case 'switch':
      return switchTo(state, step);
    case 'restore': {
      const tree = state.branches.get(step.branch);
      if (!tree?.has(step.path)) {
        return tree ? 'PATH_UNKNOWN' : 'REVISION_UNKNOWN';
      }
      return [{ ...state, work: put(state.work, step.path, tree.get(step.path)) }];
    }
    case 'write':
      return [{ ...state, work: put(state.work, step.path, step.content) }];
    default:
      return [state];
  }
}
