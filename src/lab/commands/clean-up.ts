import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { GcArgs, GcResult } from '../../core/model/maintenance';
import { cleanUpInWords, isWorthwhile, storageInWords } from '../model/clean-up-words';
import { sizeInWords } from '../panel/words';
import { ProgressNotification } from '../switch/progress-notification';
import type { IProjectModel } from '../tokens';
import { type CommandEnvironment, describeArgs, inProject } from './command-environment';

/** Milliseconds; without them the message would only be in the notification centre. */
const shown = { autoClose: 8000 };

/** Say what could be freed, then free it. */
export function addCleanUpCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:clean-up', {
    label: trans.__('Clean Up Storage…'),
    caption: trans.__('Free the space of what no version needs any more, and compress the rest'),
    describedBy: describeArgs({}),
    execute: args =>
      inProject(env, args, async project => {
        const plan = await collect(env, project, { dryRun: true }, trans.__('Looking for what can be freed…'));
        if (!isWorthwhile(plan)) {
          Notification.info(trans.__('There is nothing to clean up. %1', storageInWords(plan, trans)), shown);
        } else if (await isWanted(env, plan)) {
          const result = await collect(env, project, {}, trans.__('Cleaning up…'));
          Notification.success(
            trans.__('Freed %1. %2', sizeInWords(result.freed), storageInWords(result, trans)),
            shown
          );
        }
      })
  });
}

async function isWanted({ trans }: CommandEnvironment, plan: GcResult): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Free %1?', sizeInWords(plan.freed)),
    body: cleanUpInWords(plan, trans).join(' '),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Clean up') })]
  });
  return button.accept;
}

/** With progress, and a button that stops it: what was done until then stays done. */
async function collect(
  { trans }: CommandEnvironment,
  project: IProjectModel,
  args: GcArgs,
  title: string
): Promise<GcResult> {
  const controller = new AbortController();
  const notification = new ProgressNotification(title, () => controller.abort(), trans);
  try {
    return await project.run('gc', args, {
      signal: controller.signal,
      onProgress: progress => notification.update(progress)
    });
  } finally {
    notification.dispose();
  }
}
