import { InputDialog, MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CompareModel } from '../compare/compare-model';
import { CompareView } from '../compare/compare-view';
import { compareIcon } from '../icons';
import { revisionInWords } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { argument, type CommandArgs, type CommandEnvironment, inProject } from './command-environment';
import { contextTarget } from './context-target';

export type CompareTracker = WidgetTracker<MainAreaWidget<CompareView>>;

/** Show branches or versions side by side in the main area. */
export function addCompareCommand(env: CommandEnvironment, app: JupyterFrontEnd, tracker: CompareTracker): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:compare', {
    label: args => (args['version'] ? trans.__('Compare with Current') : trans.__('Compare Branches…')),
    caption: trans.__('Show metrics and files of branches or versions side by side'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          revisions: {
            type: 'array',
            items: { type: 'string' },
            description: 'Branches or revisions, the baseline first; one = against the current branch; missing = ask'
          },
          branch: { type: 'string', description: 'Short for revisions with one member' },
          file: { type: 'string', description: 'Project path to compare; missing = the whole project' },
          version: { type: 'boolean', description: 'Take the version the context menu was opened on' },
          path: { type: 'string', description: 'Contents path of any file in the project' }
        }
      }
    },
    isEnabled: () => branchbook.current !== null,
    execute: args =>
      inProject(env, args, async project => {
        const target = targetOf(args, app);
        const revisions = target.revisions ?? (await askRevision(env, project));
        if (revisions) {
          open(env, tracker, project, revisions, target.file);
        }
      })
  });
}

type Target = { readonly revisions: readonly string[] | null; readonly file: string | null };

function targetOf(args: CommandArgs, app: JupyterFrontEnd): Target {
  const address = args['version'] ? contextTarget(app, 'bbAddress') : undefined;
  if (address !== undefined) {
    const cut = address.lastIndexOf('@');
    return { revisions: [address.slice(cut + 1)], file: address.slice(0, cut) };
  }
  const given = args['revisions'];
  const branch = argument(args, 'branch');
  const revisions = Array.isArray(given) ? given.filter(name => typeof name === 'string') : branch ? [branch] : null;
  return { revisions, file: argument(args, 'file') ?? null };
}

async function askRevision({ trans }: CommandEnvironment, project: IProjectModel): Promise<readonly string[] | null> {
  const others = project.branches.filter(branch => !branch.current).map(branch => branch.name);
  const { button, value } = await InputDialog.getItem({
    title: trans.__('Compare %1 with', project.status?.branch ?? ''),
    label: trans.__('Branch, tag or snapshot'),
    items: others,
    editable: true,
    okLabel: trans.__('Compare')
  });
  return button.accept && value ? [value] : null;
}

function open(
  env: CommandEnvironment,
  tracker: CompareTracker,
  project: IProjectModel,
  revisions: readonly string[],
  file: string | null
): void {
  const id = `branchbook-compare:${JSON.stringify([project.located.root, revisions, file])}`;
  const existing = tracker.find(widget => widget.id === id);
  const widget = existing ?? newWidget(env, id, new CompareModel(project, revisions, file));
  if (!existing) {
    void tracker.add(widget);
    env.shell.add(widget, 'main', { type: 'Compare' });
  }
  env.shell.activateById(widget.id);
}

function newWidget(env: CommandEnvironment, id: string, model: CompareModel): MainAreaWidget<CompareView> {
  const { trans } = env;
  const content = new CompareView(model, trans);
  const widget = new MainAreaWidget({ content });
  widget.id = id;
  widget.title.icon = compareIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  widget.title.label = trans.__('Compare %1', model.file ?? model.revisions.map(revisionInWords).join(' · '));
  return widget;
}
