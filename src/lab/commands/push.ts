import { Notification } from '@jupyterlab/apputils';
import type { PushResult } from '../../core/model/sharing';
import { sizeInWords } from '../panel/words';
import { pushBlock, sharedName } from '../share/standing';
import type { IProjectModel } from '../tokens';
import { type CommandEnvironment, describeArgs, inProject } from './command-environment';
import { hasRemote } from './pull';

/** Loaded when it is first needed: JupyterLab's start must not grow. */
const transfer = () => import('../share/transfer');

/** Send the snapshots of the branch that is checked out: alone, or after what others sent is merged. */
export function addPushCommands(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  const block = (): string | null => (branchbook.current ? pushBlock(branchbook.current, trans) : null);
  const isEnabled = (): boolean => hasRemote(branchbook.current) && block() === null;
  const caption = (words: string) => () => block() ?? words;
  commands.addCommand('branchbook:push', {
    label: args => pushLabel(args['isPalette'] ? null : branchbook.current, env),
    caption: caption(trans.__('Send your snapshots, with their data and models')),
    describedBy: describeArgs({}),
    isEnabled,
    execute: args =>
      inProject(env, args, async project =>
        tell(env, project, await (await transfer()).pushWithDecisions(env, project))
      )
  });
  commands.addCommand('branchbook:sync', {
    label: trans.__('Pull, Merge and Push'),
    caption: caption(trans.__('Bring the snapshots of others, merge them, and send yours')),
    describedBy: describeArgs({}),
    isEnabled,
    execute: args =>
      inProject(env, args, async project => tell(env, project, await (await transfer()).sync(env, project)))
  });
}

function pushLabel(project: IProjectModel | null, { trans }: CommandEnvironment): string {
  const ahead = project?.sharing.check?.ahead ?? 0;
  const block = project && pushBlock(project, trans);
  if (block) {
    return trans.__('Push — %1', block);
  }
  return ahead > 0 ? trans.__('Push (⇡%1)', ahead) : trans.__('Push');
}

/** Say what was sent. */
export function tell({ trans }: CommandEnvironment, project: IProjectModel, result: PushResult | null): void {
  if (!result) {
    return;
  }
  result.notices.forEach(notice => Notification.warning(notice, { autoClose: false }));
  const where = sharedName(project.sharing) ?? result.address;
  const snapshots = result.pushed.reduce((sum, ref) => sum + ref.snapshots, 0);
  const branches = result.pushed.map(({ name }) => name).join(', ');
  const message =
    result.pushed.length === 0
      ? trans.__('%1 has everything already.', where)
      : trans._n(
          'Pushed %1 snapshot of %2 to %3 (%4).',
          'Pushed %1 snapshots of %2 to %3 (%4).',
          snapshots,
          branches,
          where,
          sizeInWords(result.transfer.transferred)
        );
  Notification.success(message, { autoClose: 5000 });
}
