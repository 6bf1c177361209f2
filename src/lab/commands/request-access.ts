import { InputDialog, Notification } from '@jupyterlab/apputils';
import { isViewing, namespaceAddress } from '../share/standing';
import { withSignIn } from '../share/sign-in';
import { type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Ask the owners of a shared project for the right to change it. */
export function addRequestAccessCommand(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  commands.addCommand('branchbook:request-access', {
    label: trans.__('Request Access…'),
    caption: trans.__('Ask the owners for the right to change this project'),
    describedBy: describeArgs({}),
    isVisible: () => isViewing(branchbook.current?.sharing.check ?? null),
    execute: args =>
      inProject(env, args, async project => {
        const { check } = project.sharing;
        const namespace = namespaceAddress(check);
        if (!check?.project || namespace === null) {
          return;
        }
        const message = await askMessage(env, check.project);
        if (message === null) {
          return;
        }
        const object = { kind: 'project', project: check.project } as const;
        const sent = await withSignIn(env, () =>
          branchbook.run('share', { action: 'request', namespace, right: 'edit', object, message })
        );
        if (sent) {
          Notification.success(sent.done ?? trans.__('The owners of %1 were asked.', namespace), { autoClose: 5000 });
        }
      })
  });
}

async function askMessage({ trans }: CommandEnvironment, project: string): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Ask to edit %1', project),
    label: trans.__('A word to the owners, who will be shown this and your name'),
    placeholder: trans.__('I clean the March data'),
    okLabel: trans.__('Send'),
    required: false
  });
  return button.accept ? (value ?? '').trim() : null;
}
