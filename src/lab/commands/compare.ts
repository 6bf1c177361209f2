import { InputDialog, MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CompareView } from '../compare/compare-view';
import type { Directions } from '../compare/directions';
import { compareIcon } from '../icons';
import { revisionInWords } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { argument, type CommandArgs, type CommandEnvironment, inProject } from './command-environment';

export type CompareTracker = WidgetTracker<MainAreaWidget<CompareView>>;

export type CompareEnvironment = CommandEnvironment & {
  readonly rendermime: IRenderMimeRegistry | null;
  readonly directions: Directions;
  readonly tracker: CompareTracker;
};

/** Show branches or versions side by side in the main area. */
export function addCompareCommand(env: CompareEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:compare', {
    label: trans.__('Compare Branches…'),
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
          path: { type: 'string', description: 'Contents path of any file in the project' }
        }
      }
    },
    isEnabled: () => branchbook.current !== null,
    execute: args =>
      inProject(env, args, async project => {
        const target = targetOf(args);
        const revisions = target.revisions ?? (await askRevision(env, project));
        if (revisions) {
          await open(env, project, revisions, target.file);
        }
      })
  });
}

type Target = { readonly revisions: readonly string[] | null; readonly file: string | null };

function targetOf(args: CommandArgs): Target {
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

async function open(
  env: CompareEnvironment,
  project: IProjectModel,
  revisions: readonly string[],
  file: string | null
): Promise<void> {
  const { tracker } = env;
  const id = `branchbook-compare:${JSON.stringify([project.located.root, revisions, file])}`;
  let widget = tracker.find(other => other.id === id);
  if (!widget) {
    widget = await newWidget(env, id, project, revisions, file);
    void tracker.add(widget);
    env.shell.add(widget, 'main', { type: 'Compare' });
  }
  env.shell.activateById(widget.id);
}

async function newWidget(
  env: CompareEnvironment,
  id: string,
  project: IProjectModel,
  revisions: readonly string[],
  file: string | null
): Promise<MainAreaWidget<CompareView>> {
  // The page is loaded when it is first asked for: JupyterLab's start must not grow.
  const [{ CompareModel }, { CompareView }] = await Promise.all([
    import('../compare/compare-model'),
    import('../compare/compare-view')
  ]);
  const { trans, rendermime, directions, commands } = env;
  const model = new CompareModel(project, revisions, file);
  // With a slash, so that Jupyter's root is a path too.
  const path = `${project.located.contentsPath ?? ''}/`;
  const run = (command: string, args: CommandArgs): void => void commands.execute(command, { ...args, path });
  const widget = new MainAreaWidget({ content: new CompareView(model, { rendermime, directions, run }, trans) });
  widget.id = id;
  widget.title.icon = compareIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  widget.title.label = trans.__('Compare %1', file ?? revisions.map(revisionInWords).join(' · '));
  return widget;
}
