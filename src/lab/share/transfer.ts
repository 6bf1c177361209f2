import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type BranchbookError, hasCode } from '../../core/error';
import type { MergeResult } from '../../core/model/merge';
import type { PullResult, PushArgs, PushResult } from '../../core/model/sharing';
import type { CommandEnvironment } from '../commands/command-environment';
import { mergeWithDecisions } from '../commands/merge-branch';
import { withProgress } from '../switch/progress-notification';
import type { DocumentChanges, IProjectModel } from '../tokens';
import { withSignIn } from './sign-in';

/** What a pull did; `decided` when the user had to choose between two versions, and the merge went on from there. */
export type Pulled = { readonly pulled: PullResult | null; readonly decided: MergeResult | null };

/** Pull with open documents kept in step, asking for what only the user can decide. null when cancelled. */
export async function pullWithDecisions(env: CommandEnvironment, project: IProjectModel): Promise<Pulled | null> {
  const upstream = upstreamOf(project);
  const pull = (): Promise<PullResult & DocumentChanges> =>
    withProgress(env.trans.__('Pulling…'), env.trans, async options => {
      const result = await project.run('pull', {}, options);
      return { ...result, ...changesOf(result) };
    });
  try {
    const pulled = await withSignIn(env, () => env.branchbook.withDocuments(project, pull));
    return pulled && { pulled, decided: null };
  } catch (error) {
    const decided = await decide(env, project, upstream, error);
    return decided && { pulled: null, decided };
  }
}

/** Push; when the branch moved there, offer to pull and merge first. null when cancelled. */
export async function pushWithDecisions(
  env: CommandEnvironment,
  project: IProjectModel,
  args: PushArgs = {}
): Promise<PushResult | null> {
  try {
    return await withSignIn(env, () =>
      withProgress(env.trans.__('Pushing…'), env.trans, options => project.run('push', args, options))
    );
  } catch (error) {
    if (!hasCode(error, 'PUSH_REJECTED')) {
      throw error;
    }
    return (await askToPullFirst(error, project.status?.branch ?? '', env.trans)) ? sync(env, project) : null;
  }
}

/** Pull, merge and push in one go. null when cancelled. */
export async function sync(env: CommandEnvironment, project: IProjectModel): Promise<PushResult | null> {
  const upstream = upstreamOf(project);
  const push = (): Promise<PushResult & DocumentChanges> =>
    withProgress(env.trans.__('Pulling and pushing…'), env.trans, async options => {
      const result = await project.run('push', { pullFirst: true }, options);
      return { ...result, ...changesOf(result.pulled) };
    });
  try {
    return await withSignIn(env, () => env.branchbook.withDocuments(project, push));
  } catch (error) {
    const decided = await decide(env, project, upstream, error);
    return decided && pushWithDecisions(env, project);
  }
}

/** What came is here but could not be merged by itself: merge it as any other branch, with the user's decisions. */
async function decide(
  env: CommandEnvironment,
  project: IProjectModel,
  upstream: string,
  error: unknown
): Promise<MergeResult | null> {
  if (!hasCode(error, 'MERGE_CONFLICT', 'WORK_TREE_DIRTY')) {
    throw error;
  }
  return mergeWithDecisions(env, project, { branch: upstream });
}

/** The branch as it was last seen at the remote, as git names it. */
function upstreamOf({ sharing, status }: IProjectModel): string {
  const remote = sharing.remotes?.find(({ isUpstream }) => isUpstream) ?? sharing.remotes?.[0];
  return sharing.check?.upstream ?? `${remote?.name ?? 'origin'}/${status?.branch ?? ''}`;
}

function changesOf(result: PullResult | null): DocumentChanges {
  const { changed, added, removed } = result?.merged ?? { changed: [], added: [], removed: [] };
  const gone = new Set(removed);
  const rewritten = (result?.changed ?? []).filter(path => !gone.has(path));
  return { changed: [...new Set([...changed, ...rewritten])], added, removed };
}

/** The branch moved: say so, and offer the one thing to do about it. */
async function askToPullFirst(error: BranchbookError, branch: string, trans: TranslationBundle): Promise<boolean> {
  const behind = Number(error.data['behind'] ?? 0);
  const news =
    behind > 0
      ? trans._n('%1 snapshot is there that you do not have.', '%1 snapshots are there that you do not have.', behind)
      : trans.__('Snapshots are there that you do not have.');
  const { button } = await showDialog({
    title: trans.__('%1 has moved meanwhile', branch),
    body: trans.__('%1 Bring them here, merge, and push both? Nothing of yours is lost.', news),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Pull, merge and push') })
    ]
  });
  return button.accept;
}
