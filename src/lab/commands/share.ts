import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import { signedIn } from '../namespace/signed-in';
import { currentWorkspace, namespaceAddress, sharedAddress } from '../namespace/shared-project';
import type { ShareChoice, ShareScene } from '../namespace/share-choice';
import type { ShareOptions } from '../namespace/share-options';
import type { IProjectModel } from '../tokens';
import { argument, type CommandArgs, type CommandEnvironment, inProject, reporting } from './command-environment';
import { contextTarget } from './context-target';
import { isServerShareable } from './share-server';

export type ShareEnvironment = CommandEnvironment & {
  readonly app: JupyterFrontEnd;
  readonly state: IStateDB | null;
  /** Contents paths selected in the file browser. */
  readonly selectedFiles: () => readonly string[];
};

/** Share the project, something in it, or a namespace; and see who has it. */
export function addShareCommand(env: ShareEnvironment): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:share', {
    label: args => (args['selected'] || args['context'] ? trans.__('Share This…') : trans.__('Share…')),
    caption: trans.__('Give a person, a group, everyone or a link a right, and see who has one'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          file: { type: 'string', description: 'Project path of a file or folder to share; the project when missing' },
          selected: { type: 'boolean', description: 'Share the file selected in the file browser' },
          context: { type: 'boolean', description: 'Share the row that the context menu was opened on' },
          namespace: { type: 'string', description: 'Address of a namespace, to share it or its endpoints' },
          endpoint: { type: 'string', description: 'With namespace: the compute endpoint to share' },
          path: { type: 'string', description: 'Contents path of any file in the project' }
        }
      }
    },
    execute: args => {
      const namespace = argument(args, 'namespace');
      return namespace === undefined
        ? inProject(env, args, project => shareProject(env, project, args))
        : reporting(env, () => shareNamespace(env, namespace, argument(args, 'endpoint')));
    }
  });
}

async function shareProject(env: ShareEnvironment, project: IProjectModel, args: CommandArgs): Promise<void> {
  const address = await sharedAddress(project);
  if (address === null) {
    await offerToPublish(env, project);
    return;
  }
  const file = fileOf(env, project, args);
  await open(env, namespaceAddress(address), {
    scene: { project: address.project, namespace: address.namespace },
    preset: file === undefined ? {} : { what: 'asset', detail: file },
    workspace: await currentWorkspace(env, project, address.project, env.state),
    branches: project.branches.map(({ name }) => name)
  });
}

function fileOf(env: ShareEnvironment, project: IProjectModel, args: CommandArgs): string | undefined {
  if (args['context']) {
    return contextTarget(env.app, 'bbPath');
  }
  const selected = args['selected'] ? env.selectedFiles()[0] : undefined;
  return selected === undefined ? argument(args, 'file') : (project.toProjectPath(selected) ?? undefined);
}

async function shareNamespace(env: ShareEnvironment, address: string, endpoint: string | undefined): Promise<void> {
  const scene: ShareScene = { project: null, namespace: address.slice(address.lastIndexOf('/') + 1) };
  const preset: Partial<ShareChoice> = endpoint === undefined ? {} : { what: 'compute', detail: endpoint };
  await open(env, address, { scene, preset, workspace: null, branches: [] });
}

type Opened = Pick<ShareOptions, 'scene' | 'preset' | 'workspace' | 'branches'>;

async function open(env: ShareEnvironment, address: string, opened: Opened): Promise<void> {
  // Loaded when first asked for: JupyterLab's start must not grow.
  const [{ NamespaceModel }, { Changes }, { ServerSharesModel }, { showShareDialog }] = await Promise.all([
    import('../namespace/namespace-model'),
    import('../namespace/changes'),
    import('../namespace/server-shares-model'),
    import('../namespace/share-dialog')
  ]);
  const { trans } = env;
  const model = new NamespaceModel(signedIn(env), address, trans);
  try {
    // Before the dialog: signing in has one of its own.
    await model.load();
    const server = isServerShareable() ? new ServerSharesModel(env.branchbook) : null;
    await showShareDialog({ ...opened, model, changes: new Changes(trans), server, trans });
  } finally {
    model.dispose();
  }
}

async function offerToPublish({ commands, trans }: ShareEnvironment, project: IProjectModel): Promise<void> {
  const publish = 'branchbook:publish';
  const { button } = await showDialog({
    title: trans.__('This project is not shared yet'),
    body: trans.__('Publish it to a namespace of your team, or to one of your own; then choose who may see it.'),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Publish…') })]
  });
  if (button.accept) {
    await commands.execute(publish, { path: `${project.located.contentsPath ?? ''}/` });
  }
}
