import { Dialog } from '@jupyterlab/apputils';
import { hasCode } from '../../core/error';
import type { CommandEnvironment } from '../commands/command-environment';
import { FormDialog } from './form-dialog';
import { SignInModel } from './sign-in-model';

/** Run `action`; when the place wants to know who the user is, ask them to sign in and run it again. */
export async function withSignIn<T>(env: CommandEnvironment, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    const place = hasCode(error, 'SIGNED_OUT') ? error.data['place'] : undefined;
    if (typeof place !== 'string') {
      throw error;
    }
    return (await signIn(env, place)) ? action() : null;
  }
}

/** Ask until the user is signed in, or gives up. */
export async function signIn({ branchbook, trans }: CommandEnvironment, place: string): Promise<boolean> {
  const model = new SignInModel(place, (verb, args, options) => branchbook.run(verb, args, options));
  const { signInBody } = await import('./sign-in-body');
  const dialog = new FormDialog({
    title: trans.__('Sign in to %1', place),
    body: signInBody(model, trans),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') })]
  });
  model.changed.connect(() => {
    if (model.state.kind === 'done') {
      dialog.resolve();
    }
  });
  void model.start();
  await dialog.launch();
  const signedIn = model.state.kind === 'done';
  model.cancel();
  return signedIn;
}
