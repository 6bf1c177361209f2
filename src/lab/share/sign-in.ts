import { Dialog } from '@jupyterlab/apputils';
import { hasCode } from '../../core/error';
import type { CommandEnvironment } from '../commands/command-environment';

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
  // Not before it is needed.
  const [{ SignInModel }, { FormDialog }, { signInBody }] = await Promise.all([
    import('./sign-in-model'),
    import('./form-dialog'),
    import('./sign-in-body')
  ]);
  const model = new SignInModel(place, (verb, args, options) => branchbook.run(verb, args, options));
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
