import { Notification } from '@jupyterlab/apputils';
import { namesOf, sharedName } from '../share/standing';
import type { Pulled } from '../share/transfer';
import type { IProjectModel } from '../tokens';
import { type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Bring what teammates pushed into the branch that is checked out. */
export function addPullCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  const behind = (): number => branchbook.current?.sharing.check?.behind ?? 0;
  env.commands.addCommand('branchbook:pull', {
    label: args => (!args['isPalette'] && behind() > 0 ? trans.__('Pull (⇣%1)', behind()) : trans.__('Pull')),
    caption: trans.__('Bring the snapshots of others here, and merge them'),
    describedBy: describeArgs({}),
    isEnabled: () => hasRemote(branchbook.current),
    execute: args =>
      inProject(env, args, async project => {
        // Not before it is needed.
        const { pullWithDecisions } = await import('../share/transfer');
        const pulled = await pullWithDecisions(env, project);
        if (pulled) {
          Notification.success(describe(env, project, pulled), { autoClose: 5000 });
        }
      })
  });
}

/** True when there may be somewhere to pull from. */
export const hasRemote = (project: IProjectModel | null): boolean => (project?.sharing.remotes?.length ?? 0) > 0;

function describe({ trans }: CommandEnvironment, project: IProjectModel, { pulled, decided }: Pulled): string {
  if (decided) {
    return trans.__('Merged %1 into %2.', decided.merged, decided.branch);
  }
  pulled?.notices.forEach(notice => Notification.warning(notice, { autoClose: false }));
  const incoming = pulled?.incoming ?? [];
  if (incoming.length === 0) {
    return trans.__('Nothing new at %1.', sharedName(project.sharing) ?? pulled?.remote ?? '');
  }
  const authors = namesOf(incoming, trans);
  return trans._n('Pulled %1 snapshot by %2.', 'Pulled %1 snapshots by %2.', incoming.length, authors);
}
