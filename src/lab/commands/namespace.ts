import { Dialog, InputDialog, MainAreaWidget, showDialog, type WidgetTracker } from '@jupyterlab/apputils';
import { BranchbookError } from '../../core/error';
import type { NamespaceListing } from '../../core/model/sharing';
import { peopleIcon } from '../icons';
import type { NamespacePage } from '../namespace/namespace-view';
import { signedIn } from '../namespace/signed-in';
import { namespaceAddress, sharedAddress } from '../namespace/shared-project';
import { argument, type CommandArgs, type CommandEnvironment, projectFor, reporting } from './command-environment';

export type NamespaceTracker = WidgetTracker<MainAreaWidget<NamespacePage>>;

/** Open the page of a namespace: the one named, else that of the project, else one that the user picks. */
export function addNamespaceCommand(env: CommandEnvironment, tracker: NamespaceTracker): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:namespace', {
    label: trans.__('Members and Access…'),
    caption: trans.__('Show who may do what in a namespace: members, shares, projects, compute and what happened'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          namespace: { type: 'string', description: 'Address of a namespace, PLACE/NAMESPACE; asked for when missing' },
          path: { type: 'string', description: 'Contents path of any file in a project that is shared there' },
          tab: { type: 'string', description: 'access, members, projects, shares, compute, activity or audit' }
        }
      }
    },
    execute: args =>
      reporting(env, async () => {
        const address = argument(args, 'namespace') ?? (await ofProject(env, args)) ?? (await ask(env));
        if (address !== null) {
          await open(env, tracker, address, argument(args, 'tab'));
        }
      })
  });
}

async function ofProject(env: CommandEnvironment, args: CommandArgs): Promise<string | null> {
  const project = await projectFor(env, args);
  const address = project && (await sharedAddress(project));
  return address && namespaceAddress(address);
}

async function ask(env: CommandEnvironment): Promise<string | null> {
  const { trans, branchbook } = env;
  const { places = [] } = await branchbook.run('namespace', { action: 'list' });
  const items = addressesOf(places);
  if (items.length === 0) {
    throw new BranchbookError(
      'NAMESPACE_UNKNOWN',
      trans.__('You are in no namespace yet.'),
      {},
      trans.__('Publish a project to make one, or open a link that somebody sent you.')
    );
  }
  const { button, value } = await InputDialog.getItem({
    title: trans.__('Which namespace?'),
    items: [...items],
    okLabel: trans.__('Open')
  });
  return button.accept ? value : null;
}

export function addressesOf(places: readonly NamespaceListing[]): readonly string[] {
  return places.flatMap(({ place, namespaces }) => namespaces.map(({ name }) => `${place}/${name}`));
}

async function open(
  env: CommandEnvironment,
  tracker: NamespaceTracker,
  address: string,
  tab: string | undefined
): Promise<void> {
  const id = `branchbook-namespace:${address}`;
  let widget = tracker.find(other => other.id === id);
  if (!widget) {
    widget = await newWidget(env, id, address);
    void tracker.add(widget);
    env.shell.add(widget, 'main', { type: 'Namespace' });
  }
  if (tab !== undefined) {
    widget.content.model.tab = tab;
  }
  env.shell.activateById(widget.id);
}

async function newWidget(env: CommandEnvironment, id: string, address: string): Promise<MainAreaWidget<NamespacePage>> {
  // The page is loaded when it is first asked for: JupyterLab's start must not grow.
  const [{ NamespaceModel }, { NamespacePage }, { Changes }] = await Promise.all([
    import('../namespace/namespace-model'),
    import('../namespace/namespace-view'),
    import('../namespace/changes')
  ]);
  const { trans, commands } = env;
  const model = new NamespaceModel(signedIn(env), address, trans);
  void model.load();
  model.made.connect(() => {
    // Who is there, and what I may do, may have changed with it.
    void env.branchbook.current?.sharing.refresh().catch(() => undefined);
  });
  const run = async (command: string, args: CommandArgs): Promise<void> => {
    await commands.execute(command, args);
    // It may have changed what the page shows.
    await model.load();
  };
  const content = new NamespacePage(model, { changes: new Changes(trans), run, confirm: confirmIn(env) }, trans);
  const widget = new MainAreaWidget({ content });
  widget.id = id;
  widget.title.icon = peopleIcon;
  widget.title.closable = true;
  widget.title.label = address.slice(address.lastIndexOf('/') + 1);
  widget.title.caption = address;
  widget.toolbar.hide();
  return widget;
}

const confirmIn =
  ({ trans }: CommandEnvironment) =>
  async (title: string, body: string, ok: string): Promise<boolean> => {
    const { button } = await showDialog({
      title,
      body,
      buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.warnButton({ label: ok })]
    });
    return button.accept;
  };
