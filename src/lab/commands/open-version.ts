import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import { versionsIcon } from '../icons';
import type { LookServices, LookWidget } from '../look/look-widget';
import { splitPath } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, inProject } from './command-environment';
import { contextTarget } from './context-target';

export type LookTracker = WidgetTracker<MainAreaWidget<LookWidget>>;

/** Show what is in a version, in the main area. */
export function addOpenVersionCommand(
  env: CommandEnvironment,
  app: JupyterFrontEnd,
  tracker: LookTracker,
  services: LookServices
): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:open-version', {
    label: args => (args['context'] ? trans.__('Open') : trans.__('Open a Version…')),
    caption: trans.__('Look at the rows, cells, pixels or parameters of a version'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          address: { type: 'string', description: 'A version, for example data/sales.parquet@main~2; missing = ask' },
          cell: { type: 'string', description: 'Notebooks: id of the cell to bring into view' },
          context: { type: 'boolean', description: 'Take the row the context menu was opened on' },
          path: { type: 'string', description: 'Contents path of any file in the project' }
        }
      }
    },
    isEnabled: args => branchbook.current !== null || argument(args, 'path') !== undefined,
    execute: args =>
      inProject(env, args, async project => {
        const given = argument(args, 'address') ?? (args['context'] ? targetOf(app) : undefined);
        const address = given ?? (await askAddress(env));
        if (address !== null) {
          await open(env, tracker, services, project, address, argument(args, 'cell') ?? null);
        }
      })
  });
}

/** The version the context menu was opened on; an asset stands for the one that is checked out. */
function targetOf(app: JupyterFrontEnd): string | undefined {
  const path = contextTarget(app, 'bbPath');
  return contextTarget(app, 'bbAddress') ?? (path === undefined ? undefined : `${path}@HEAD`);
}

async function askAddress({ trans }: CommandEnvironment): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Open a version'),
    label: trans.__('Path and revision'),
    placeholder: trans.__('data/sales.parquet@main~2'),
    okLabel: trans.__('Open')
  });
  const address = value?.trim();
  return button.accept && address ? (address.includes('@') ? address : `${address}@HEAD`) : null;
}

async function open(
  env: CommandEnvironment,
  tracker: LookTracker,
  services: LookServices,
  project: IProjectModel,
  address: string,
  cell: string | null
): Promise<void> {
  const id = `branchbook-look:${JSON.stringify([project.located.root, address, cell])}`;
  let widget = tracker.find(candidate => candidate.id === id);
  if (!widget) {
    // Not before it is needed: grids and renderers have no part in JupyterLab's start.
    const { createLook } = await import('../look/look-widget');
    widget = new MainAreaWidget({ content: createLook(project, address, cell, services) });
    widget.id = id;
    widget.title.label = splitPath(address).name;
    widget.title.icon = versionsIcon;
    widget.title.closable = true;
    widget.toolbar.hide();
    void tracker.add(widget);
    env.shell.add(widget, 'main', { type: 'Version' });
  }
  env.shell.activateById(widget.id);
}
