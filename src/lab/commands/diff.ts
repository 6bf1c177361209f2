import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { DiffTarget } from '../diff/diff-model';
import type { DiffView } from '../diff/diff-view';
import { compareIcon } from '../icons';
import { revisionInWords, splitPath } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { argument, type CommandArgs, type CommandEnvironment, inProject } from './command-environment';
import { contextTarget } from './context-target';

export type DiffTracker = WidgetTracker<MainAreaWidget<DiffView>>;

export type DiffEnvironment = CommandEnvironment & {
  readonly app: JupyterFrontEnd;
  readonly rendermime: IRenderMimeRegistry | null;
  readonly tracker: DiffTracker;
  /** Contents paths selected in the file browser. */
  readonly selectedFiles: () => readonly string[];
};

/** Show what changed in a file between two versions, in the main area. */
export function addDiffCommand(env: DiffEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:diff', {
    label: args =>
      args['version']
        ? trans.__('Compare with Current')
        : args['selected']
          ? trans.__('Compare with Last Snapshot')
          : trans.__('Diff a File…'),
    caption: trans.__('Show what changed between two versions of a file: rows, cells, lines, pixels'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          from: { type: 'string', description: 'Branch or revision; missing = HEAD' },
          to: { type: 'string', description: 'Branch or revision; missing = the files on disk' },
          file: { type: 'string', description: 'Project path; missing = ask' },
          all: { type: 'boolean', description: 'List all files that differ instead of one' },
          key: { type: 'array', items: { type: 'string' }, description: 'Columns that name a row of a table' },
          version: { type: 'boolean', description: 'Take the version the context menu was opened on' },
          selected: { type: 'boolean', description: 'Take the file selected in the file browser' },
          path: { type: 'string', description: 'Contents path of any file in the project' }
        }
      }
    },
    isEnabled: () => branchbook.current !== null,
    execute: args =>
      inProject(env, args, async project => {
        const target = await targetOf(env, project, args);
        if (target) {
          await open(env, project, target);
        }
      })
  });
}

async function targetOf(env: DiffEnvironment, project: IProjectModel, args: CommandArgs): Promise<DiffTarget | null> {
  const address = args['version'] ? contextTarget(env.app, 'bbAddress') : undefined;
  if (address !== undefined) {
    const cut = address.lastIndexOf('@');
    return { from: address.slice(cut + 1), to: null, path: address.slice(0, cut), key: null };
  }
  const path = args['all'] ? null : (fileOf(env, project, args) ?? (await askFile(env, project)));
  if (path === null && !args['all']) {
    return null;
  }
  const given = args['key'];
  return {
    from: argument(args, 'from') ?? 'HEAD',
    to: argument(args, 'to') ?? null,
    path,
    key: Array.isArray(given) && given.length > 0 ? given.filter(name => typeof name === 'string') : null
  };
}

function fileOf(env: DiffEnvironment, project: IProjectModel, args: CommandArgs): string | null {
  const selected = args['selected'] ? env.selectedFiles()[0] : undefined;
  return selected === undefined ? (argument(args, 'file') ?? null) : project.toProjectPath(selected);
}

async function askFile({ trans }: CommandEnvironment, project: IProjectModel): Promise<string | null> {
  const changed = project.status?.changes.map(change => change.path) ?? [];
  const assets = project.assets.map(asset => asset.path);
  const { button, value } = await InputDialog.getItem({
    title: trans.__('Diff a file'),
    label: trans.__('Path in the project'),
    items: [...new Set([...changed, ...assets])],
    editable: true,
    okLabel: trans.__('Diff')
  });
  return button.accept && value ? value : null;
}

async function open(env: DiffEnvironment, project: IProjectModel, target: DiffTarget): Promise<void> {
  const id = `branchbook-diff:${JSON.stringify([project.located.root, target])}`;
  let widget = env.tracker.find(other => other.id === id);
  if (!widget) {
    widget = await newWidget(env, id, project, target);
    void env.tracker.add(widget);
    env.shell.add(widget, 'main', { type: 'Diff' });
  }
  env.shell.activateById(widget.id);
}

async function newWidget(
  env: DiffEnvironment,
  id: string,
  project: IProjectModel,
  target: DiffTarget
): Promise<MainAreaWidget<DiffView>> {
  // Views and grid are loaded when the first diff is asked for: JupyterLab's start must not grow.
  const [{ DiffModel }, { DiffView }] = await Promise.all([import('../diff/diff-model'), import('../diff/diff-view')]);
  const { trans, rendermime, app, tracker } = env;
  const model = new DiffModel(project, target);
  const content = new DiffView(model, { rendermime, contents: app.serviceManager.contents }, trans);
  const widget = new MainAreaWidget({ content });
  widget.id = id;
  widget.title.icon = compareIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  const follow = (): void => {
    const { from, to, path } = model.target;
    const name = path === null ? trans.__('All files') : splitPath(path).name;
    const later = to === null ? trans.__('disk') : revisionInWords(to);
    widget.title.label = trans.__('Diff %1', name);
    widget.title.caption = trans.__('%1: %2 → %3', path ?? name, revisionInWords(from), later);
  };
  let shown: DiffTarget | null = null;
  model.stateChanged.connect(() => {
    if (shown !== model.target) {
      shown = model.target;
      follow();
      // What is restored is what was on show, not what it was opened with.
      void tracker.save(widget);
    }
  });
  follow();
  return widget;
}
