import { InputDialog, Notification } from '@jupyterlab/apputils';
import { BranchbookError } from '../../core/error';
import { covers } from '../../core/model/access';
import type { ComputeResult } from '../../core/model/sharing';
import { saveDocuments } from '../dialogs/take-snapshot';
import { namespaceAddress, sharedAddress } from '../namespace/shared-project';
import { withSignIn } from '../share/sign-in';
import { withProgress } from '../switch/progress-notification';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, describeArgs, inProject } from './command-environment';

type Run = NonNullable<ComputeResult['ran']>;

/** Run a notebook of the project on a compute endpoint of its namespace, and open what came of it. */
export function addRunThereCommand(env: CommandEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:run-there', {
    label: trans.__('Run Notebook on Shared Compute…'),
    caption: trans.__('Execute a notebook on an endpoint of the namespace; the result opens beside it'),
    describedBy: describeArgs({
      notebook: 'Project path of the notebook; the one in front when missing',
      namespace: 'Address of the namespace with the endpoint; that of the project when missing',
      endpoint: 'Name of the endpoint; asked for when there are several'
    }),
    execute: args =>
      inProject(env, args, async project => {
        const namespace = argument(args, 'namespace') ?? (await namespaceOf(env, project));
        const endpoint = argument(args, 'endpoint') ?? (await askEndpoint(env, project, namespace));
        const notebook = endpoint && (argument(args, 'notebook') ?? (await notebookToRun(env, project)));
        if (endpoint && notebook) {
          await saveDocuments(env, project, [notebook]);
          await runThere(env, project, { namespace, name: endpoint, notebook });
        }
      })
  });
}

async function namespaceOf({ trans }: CommandEnvironment, project: IProjectModel): Promise<string> {
  const address = await sharedAddress(project);
  if (address === null) {
    throw new BranchbookError(
      'COMPUTE_UNAVAILABLE',
      trans.__('This project is not shared, so no compute is shared with it.'),
      { reason: 'not shared' },
      trans.__('Publish it to a namespace that has an endpoint.')
    );
  }
  return namespaceAddress(address);
}

async function askEndpoint(
  { trans }: CommandEnvironment,
  project: IProjectModel,
  namespace: string
): Promise<string | null> {
  const { endpoints = [] } = await project.run('compute', { action: 'list', namespace });
  const names = endpoints.filter(({ right }) => covers(right, 'run')).map(({ name }) => name);
  if (names.length === 0) {
    throw new BranchbookError(
      'COMPUTE_UNAVAILABLE',
      trans.__('There is no endpoint in %1 that you may run on.', namespace),
      { reason: 'none' },
      trans.__('An owner of the namespace can add one, or let you run on it.')
    );
  }
  if (names.length === 1) {
    return names[0]!;
  }
  const { button, value } = await InputDialog.getItem({
    title: trans.__('Run where?'),
    items: names,
    okLabel: trans.__('Run')
  });
  return button.accept ? value : null;
}

/** The notebook in front, else one that is typed. null when cancelled. */
async function notebookToRun(
  { shell, docManager, trans }: CommandEnvironment,
  project: IProjectModel
): Promise<string | null> {
  const path = shell.currentWidget ? docManager.contextForWidget(shell.currentWidget)?.path : undefined;
  const front = path?.endsWith('.ipynb') ? project.toProjectPath(path) : null;
  if (front !== null) {
    return front;
  }
  const { button, value } = await InputDialog.getText({
    title: trans.__('Which notebook?'),
    label: trans.__('Path in the project'),
    placeholder: trans.__('for example analysis.ipynb'),
    okLabel: trans.__('Run')
  });
  return button.accept ? value : null;
}

type Where = { readonly namespace: string; readonly name: string; readonly notebook: string };

async function runThere(env: CommandEnvironment, project: IProjectModel, where: Where): Promise<void> {
  const { trans } = env;
  const title = trans.__('Running %1 on %2:', where.notebook, where.name);
  const result = await withSignIn(env, () =>
    withProgress(title, trans, options => project.run('compute', { action: 'run', ...where }, options))
  );
  if (result?.ran) {
    tell(env, project, result.ran, where.name);
  }
}

function tell(env: CommandEnvironment, project: IProjectModel, ran: Run, endpoint: string): void {
  const { trans, docManager } = env;
  const contentsPath = project.toContentsPath(ran.output);
  if (contentsPath !== null) {
    docManager.openOrReveal(contentsPath);
  }
  const cells = trans._n('%1 cell', '%1 cells', ran.cells);
  if (ran.failed) {
    Notification.error(
      trans.__('%1 failed on %2. What it wrote until then is in %3.', ran.notebook, endpoint, ran.output)
    );
  } else {
    Notification.success(trans.__('%1 ran on %2: %3.', ran.notebook, endpoint, cells), { autoClose: 6000 });
  }
}
