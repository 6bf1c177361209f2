import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { IProjectModel } from '../tokens';
import { branchArgument, argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';
import { mergeWithDecisions } from './merge-branch';

/** Where good branches usually go; offered first. */
const usual = ['prod', 'production', 'main', 'master'];

/** Merge a branch into another one than the current, after asking: what was compared becomes what others use. */
export function addPromoteCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:promote', {
    label: trans.__('Promote Branch…'),
    caption: trans.__('Merge a branch into the one that others rely on, for example prod'),
    describedBy: describeArgs({
      branch: 'Branch to promote; asked for when missing',
      into: 'Branch that takes it; asked for when missing'
    }),
    execute: args =>
      inProject(env, args, async project => {
        const branch = await branchArgument(env, project, args, trans.__('Promote'));
        const into = branch && (argument(args, 'into') ?? (await askTarget(env, project, branch)));
        if (branch && into && (await confirm(env, project, branch, into))) {
          await promote(env, project, branch, into);
        }
      })
  });
}

async function askTarget(
  { trans }: CommandEnvironment,
  project: IProjectModel,
  branch: string
): Promise<string | null> {
  const names = project.branches.map(({ name }) => name).filter(name => name !== branch);
  const first = usual.filter(name => names.includes(name));
  const { button, value } = await InputDialog.getItem({
    title: trans.__('Promote %1', branch),
    label: trans.__('Into which branch? A new name makes a new branch.'),
    items: [...new Set([...first, ...names])],
    current: first[0] ?? usual[0]!,
    editable: true,
    okLabel: trans.__('Continue')
  });
  return button.accept && value ? value.trim() : null;
}

async function confirm(
  { trans }: CommandEnvironment,
  project: IProjectModel,
  branch: string,
  into: string
): Promise<boolean> {
  const exists = project.branches.some(({ name }) => name === into);
  const { button } = await showDialog({
    title: trans.__('Promote %1 to %2?', branch, into),
    body: exists
      ? trans.__('Everything of %1 is merged into %2. Undo takes it back.', branch, into)
      : trans.__('There is no branch %2 yet: it is made, and stands where %1 stands.', branch, into),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Promote') })]
  });
  return button.accept;
}

async function promote(env: CommandEnvironment, project: IProjectModel, branch: string, into: string): Promise<void> {
  const { trans } = env;
  if (!project.branches.some(({ name }) => name === into)) {
    await project.run('branch', { action: 'create', name: into, from: branch });
  } else if (!(await mergeWithDecisions(env, project, { branch, into }))) {
    return;
  }
  Notification.success(trans.__('%2 holds everything of %1 now.', branch, into));
}
