import '../../../style/diff.css';
import '../../../style/namespace.css';
import { Dialog } from '@jupyterlab/apputils';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { type FormEvent, useRef, useState } from 'react';
import { Tabs } from '../diff/tabs';
import { FormDialog } from '../share/form-dialog';
import { AccessNow } from './access-now';
import type { View } from './changes';
import { LastChange } from './last-change';
import { LinkOnce } from './link-once';
import { ServerShares } from './server-shares';
import { type ShareChoice, firstChoice, missing, shareChange } from './share-choice';
import { Fields } from './share-fields';
import { WhatTheyGet } from './what-they-get';
import type { ShareOptions } from './share-options';

/** Share something, and see who has it. Resolves when the dialog is closed. */
export async function showShareDialog(options: ShareOptions): Promise<void> {
  const { scene, trans } = options;
  const dialog = new FormDialog<void>({
    title: trans.__('Share %1', scene.project ?? scene.namespace),
    body: new ShareBody(options),
    buttons: [Dialog.cancelButton({ label: trans.__('Close') })],
    // Type a name at once.
    focusNodeSelector: '.bb-Share-name'
  });
  dialog.addClass('bb-ShareDialog');
  await dialog.launch();
}

class ShareBody extends ReactWidget {
  constructor(private readonly _options: ShareOptions) {
    super();
    this.addClass('bb-Share');
  }

  protected override render(): JSX.Element {
    return <Choices {...this._options} />;
  }
}

/** What is shared through the namespace and, where it can be shared at all, the running server. */
function Choices(props: ShareOptions): JSX.Element {
  const { model, scene, server, trans } = props;
  const [active, setActive] = useState('shared');
  const shared = (): JSX.Element => <UseSignal signal={model.stateChanged}>{() => <Share {...props} />}</UseSignal>;
  if (server === null) {
    return shared();
  }
  return (
    <Tabs
      label={trans.__('What to share')}
      tabs={[
        { id: 'shared', label: scene.project ?? scene.namespace, render: shared },
        {
          id: 'server',
          label: trans.__('This running server'),
          render: () => <ServerShares model={server} trans={trans} />
        }
      ]}
      active={active}
      onChange={setActive}
    />
  );
}

function Share(props: ShareOptions): JSX.Element {
  const { model, trans } = props;
  const { state } = model;
  if (state.kind === 'loading') {
    return (
      <p className="bb-Quiet" role="status">
        {trans.__('Loading…')}
      </p>
    );
  }
  if (state.kind === 'problem') {
    return (
      <div className="bb-Problem" role="alert">
        {state.message}
      </div>
    );
  }
  return <Form {...props} view={state.view} />;
}

function Form(props: ShareOptions & { readonly view: View }): JSX.Element {
  const { model, scene, trans, view } = props;
  const [choice, setChoice] = useState<ShareChoice>({
    ...firstChoice,
    ...(scene.project === null && { what: 'namespace' as const }),
    ...props.preset
  });
  const [link, setLink] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const nameField = (): HTMLInputElement | null => form.current?.querySelector('.bb-Share-name') ?? null;
  const lack = missing(choice, scene, Date.now(), trans);
  const change = (part: Partial<ShareChoice>): void => {
    setChoice({ ...choice, ...part });
    setLink(null);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const workspace = choice.withWorkspace && choice.what !== 'compute' ? props.workspace : null;
    const answer = await model.change(shareChange(choice, scene, workspace, Date.now(), trans));
    if (answer) {
      setLink('link' in answer && typeof answer.link === 'string' ? answer.link : null);
      setChoice({ ...choice, name: '' });
      // The button is off until there is a name again.
      nameField()?.focus();
    }
  };
  return (
    <>
      <form
        ref={form}
        className="bb-Share-form"
        onSubmit={event => void submit(event)}
        data-lm-suppress-shortcuts="true"
      >
        <Fields {...props} view={view} choice={choice} change={change} />
        <WhatTheyGet choice={choice} scene={scene} workspace={props.workspace} trans={trans} />
        <div className="bb-Share-send">
          <button type="submit" className="bb-Button bb-mod-accept" disabled={lack !== null} title={lack ?? ''}>
            {choice.who === 'link' ? trans.__('Create link') : trans.__('Share')}
          </button>
          <span className="bb-Quiet">{lack}</span>
        </div>
      </form>
      <LastChange model={model} trans={trans} />
      {link !== null && <LinkOnce link={link} trans={trans} />}
      <AccessNow {...props} choice={choice} />
    </>
  );
}
