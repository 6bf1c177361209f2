import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import '../../../style/share-dialogs.css';
import type { SignInModel } from './sign-in-model';
import { SignInView } from './sign-in-view';

/** The inside of the dialog to sign in. */
export function signInBody(model: SignInModel, trans: TranslationBundle): Widget {
  const body = ReactWidget.create(<SignInView model={model} trans={trans} />);
  body.addClass('bb-SignInBody');
  return body;
}
