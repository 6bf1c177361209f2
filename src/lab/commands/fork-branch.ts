import { Notification } from '@jupyterlab/apputils';
import type { BranchResult } from '../../core/model/result';
import { nameForFork } from '../share/names';
import { isViewing } from '../share/standing';
import { openDocuments } from '../switch/open-documents';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Go on with a branch that is only here, where those who may only look can keep changes of their own. */
export function addForkBranchCommand(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  const isViewer = (): boolean => isViewing(branchbook.current?.sharing.check ?? null);
  commands.addCommand('branchbook:fork', {
    label: trans.__('Fork to a Private Branch'),
    caption: trans.__('Make a branch that stays on this machine, switch to it, and save your changes there'),
    describedBy: describeArgs({ name: 'Name of the branch; made from the branch and your name when missing' }),
    isVisible: isViewer,
    execute: args => inProject(env, args, project => fork(env, project, argument(args, 'name') ?? nameForFork(project)))
  });
}

/** It begins where the current branch is, so nothing on disk changes, and what is being edited can stay open. */
async function fork(env: CommandEnvironment, project: IProjectModel, name: string): Promise<BranchResult> {
  const { trans, shell, docManager } = env;
  const result = await project.run('branch', { action: 'create', name, switch: true });
  await project.refresh();
  const edited = openDocuments(shell, docManager, project).filter(({ context }) => context.model.dirty);
  await Promise.all(edited.map(({ context }) => context.save()));
  Notification.success(trans.__('You are on %1, which only you have. What you change is saved again.', name), {
    autoClose: 5000
  });
  return result;
}
