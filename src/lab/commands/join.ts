import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { placeOfLink } from '../share/join-link';
import { argument, type CommandEnvironment, reporting } from './command-environment';

/** Open what somebody shared by link. Nothing happens before the user agreed, whoever ran the command. */
export function addJoinCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:join', {
    label: trans.__('Join by Link…'),
    caption: trans.__('Open what somebody shared with you by link'),
    describedBy: {
      args: {
        type: 'object',
        properties: { link: { type: 'string', description: 'The link; asked for when missing' } }
      }
    },
    isEnabled: () => !branchbook.unavailable,
    execute: args =>
      reporting(env, async () => {
        const given = argument(args, 'link');
        const link = given ?? (await askLink(env));
        if (link !== null && (given === undefined || (await wantsToSee(env, link)))) {
          // Not before it is needed.
          const { acceptLink } = await import('../share/accept-link');
          await acceptLink(env, link);
        }
      })
  });
}

async function askLink({ trans }: CommandEnvironment): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Join by link'),
    label: trans.__('The link you were sent. You are told what it gives before anything is taken.'),
    placeholder: trans.__('https://hub.example.org/join/…'),
    okLabel: trans.__('Next')
  });
  return button.accept ? value?.trim() || null : null;
}

/** A page that somebody was led to may ask for this, so no place is asked anything before the person says yes. */
async function wantsToSee({ trans }: CommandEnvironment, link: string): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('See an invitation?'),
    body: trans.__(
      'The address of this page has a link to something at %1. If you go on, that place is asked what the link gives. Nothing is taken before you agree.',
      placeOfLink(link)
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Show it') })]
  });
  return button.accept;
}
