import { InputDialog, Notification } from '@jupyterlab/apputils';
import { signIn } from '../share/sign-in';
import { argument, type CommandArgs, type CommandEnvironment, describeArgs, reporting } from './command-environment';

const place = { place: 'Address of the hub; the one of the current project when missing' };

/** Tell a hub who the user is, and forget it again. */
export function addSignInCommands(env: CommandEnvironment): void {
  const { trans, branchbook, commands } = env;
  commands.addCommand('branchbook:sign-in', {
    label: trans.__('Sign In…'),
    caption: trans.__('Sign in to a hub'),
    describedBy: describeArgs(place),
    isVisible: args => args['isPalette'] === true || isOnHub(env),
    execute: args =>
      reporting(env, async () => {
        const hub = placeFor(env, args) ?? (await askPlace(env));
        if (hub !== null && (await signIn(env, hub))) {
          void branchbook.current?.sharing.refresh().catch(() => undefined);
        }
      })
  });
  commands.addCommand('branchbook:sign-out', {
    label: trans.__('Sign Out'),
    caption: trans.__('Forget the token of a hub on this machine'),
    describedBy: describeArgs(place),
    isVisible: args => args['isPalette'] === true || isOnHub(env),
    execute: args =>
      reporting(env, async () => {
        const hub = placeFor(env, args) ?? (await askPlace(env));
        if (hub !== null) {
          await branchbook.run('logout', { place: hub });
          Notification.info(trans.__('Signed out of %1.', hub), { autoClose: 5000 });
          void branchbook.current?.sharing.refresh().catch(() => undefined);
        }
      })
  });
}

/** Only hubs know of signing in; folders and buckets go by what the machine may do. */
function isOnHub({ branchbook }: CommandEnvironment): boolean {
  return (branchbook.current?.sharing.remotes ?? []).some(({ kind }) => kind === 'hub');
}

/** `<place>` of `<place>/<namespace>/<project>`. */
function placeFor({ branchbook }: CommandEnvironment, args: CommandArgs): string | null {
  const given = argument(args, 'place');
  if (given !== undefined) {
    return given;
  }
  const hub = branchbook.current?.sharing.remotes?.find(({ kind }) => kind === 'hub');
  return hub ? hub.address.replace(/\/+$/, '').split('/').slice(0, -2).join('/') : null;
}

async function askPlace({ trans }: CommandEnvironment): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Which hub?'),
    label: trans.__('Address'),
    placeholder: trans.__('https://hub.example.org'),
    okLabel: trans.__('Next')
  });
  return button.accept ? value?.trim() || null : null;
}
