/** compute. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ComputeArgs } from '../../core/model/sharing';
import { renderCompute } from '../render/compute';
import type { Session } from '../session';
import { addAction, inNamespace, usageError } from './sharing-options';
import type { InNamespace } from './sharing-options';
import { addVerb } from './verb';

const TOKEN_VARIABLE = 'BRANCHBOOK_COMPUTE_TOKEN';
const kinds = ['jupyter-server', 'kernel-gateway'] as const;

type AddOptions = InNamespace & { readonly kind: (typeof kinds)[number]; readonly title?: string };
type RunOptions = InNamespace & { readonly output?: string };
type ReceiverOptions = { readonly user?: string; readonly group?: string };
type Run = (args: ComputeArgs) => Promise<void>;

export function addComputeCommands(program: Command, session: Session): void {
  const run: Run = args => session.run('compute', () => args, renderCompute);
  const verb = addVerb(program, 'compute', [
    'branchbook compute list',
    'branchbook compute add gpu-1 https://gpu.example.org:8888 < token.txt',
    'branchbook compute run gpu-1 train.ipynb',
    'branchbook compute remove gpu-1',
    'branchbook compute share-server --user anna                # the JupyterHub server this runs in',
    'branchbook compute kubeflow-import vision --url http://profiles-kfam.kubeflow:8081'
  ]);
  addAction(verb, 'list', 'Endpoints that you may see')
    .addOption(inNamespace())
    .action(({ namespace }: InNamespace) => run({ action: 'list', namespace }));
  addEndpoints(verb, session, run);
  addRun(verb, session);
  addServer(verb, run);
  addKubeflow(verb, run);
}

function addEndpoints(verb: Command, session: Session, run: Run): void {
  addAction(verb, 'add', 'Let members who may run use a Jupyter Server or Kernel Gateway')
    .usage('[options] <name> <url>')
    .argument('<name>', 'what members call it')
    .argument('<url>', 'where the hub finds it')
    .addOption(new Option('--kind <kind>', 'what answers there').choices(kinds).default('jupyter-server'))
    .option('--title <text>', 'a line about it')
    .addOption(inNamespace())
    .addHelpText('after', `\nIts token is read from ${TOKEN_VARIABLE}, else from standard input; members never see it.`)
    .action(async (name: string, url: string, { namespace, kind, title }: AddOptions) => {
      const token = await readToken(session);
      await run({ action: 'add', namespace, name, kind, url, token, ...(title !== undefined && { title }) });
    });
  addAction(verb, 'remove', 'Nobody can use it any more')
    .argument('<name>', 'as `compute list` has it')
    .addOption(inNamespace())
    .action((name: string, { namespace }: InNamespace) => run({ action: 'remove', namespace, name }));
}

async function readToken({ context }: Session): Promise<string> {
  const token = process.env[TOKEN_VARIABLE] || (await context.program?.secret('Token of the endpoint: '));
  if (!token) {
    const hint = `Pipe it in (\`branchbook compute add … < token.txt\`), or set ${TOKEN_VARIABLE}.`;
    throw usageError('token', 'The endpoint’s token is missing.', hint);
  }
  return token;
}

function addRun(verb: Command, session: Session): void {
  addAction(verb, 'run', 'Run a notebook there; what came out is in a copy beside it')
    .argument('<name>', 'as `compute list` has it')
    .argument('<notebook>', 'a notebook of this project')
    .option('-o, --output <path>', 'the copy; default: NOTEBOOK-on-NAME.ipynb')
    .addOption(inNamespace())
    .action((name: string, notebook: string, { namespace, output }: RunOptions) =>
      session.run(
        'compute',
        paths => ({
          ...{ action: 'run', namespace, name, notebook: paths.path(notebook) },
          ...(output !== undefined && { output: paths.path(output) })
        }),
        renderCompute
      )
    );
}

function addServer(verb: Command, run: Run): void {
  const receiver = (command: Command): Command =>
    command
      .option('--user <name>', 'this person of the JupyterHub')
      .option('--group <name>', 'this group of the JupyterHub');
  addAction(verb, 'server-shares', 'Who may use the JupyterHub server that this runs in').action(() =>
    run({ action: 'server-shares' })
  );
  receiver(addAction(verb, 'share-server', 'Let others use it: they run code as you'))
    .option('--link', 'make an address that lets in who opens it')
    .option('--expires <seconds>', 'with --link; default: one day')
    .action(({ link, expires, ...options }: ReceiverOptions & { readonly link?: boolean; readonly expires?: string }) =>
      run(
        link
          ? { action: 'share-server-link', ...(expires !== undefined && { expiresIn: parseSeconds(expires) }) }
          : { action: 'share-server', ...options }
      )
    );
  receiver(addAction(verb, 'unshare-server', 'Take that back'))
    .option('--links', 'all links that were made')
    .action(({ links, ...options }: ReceiverOptions & { readonly links?: boolean }) =>
      run({ action: 'unshare-server', ...options, ...(links && { codes: true }) })
    );
}

function addKubeflow(verb: Command, run: Run): void {
  const summaries = {
    'kubeflow-import': 'Make contributors of a Kubeflow profile members of the namespace',
    'kubeflow-export': 'Make members of the namespace contributors of a Kubeflow profile'
  } as const;
  for (const action of ['kubeflow-import', 'kubeflow-export'] as const) {
    addAction(verb, action, summaries[action])
      .argument('<profile>', 'the profile’s name')
      .requiredOption('--url <address>', 'where its access management answers')
      .addOption(inNamespace())
      .addHelpText(
        'after',
        '\nadmin, edit, view ↔ owner, editor, viewer. Nobody is removed, and nobody’s role is changed.' +
          '\nBRANCHBOOK_KUBEFLOW_USER says who you are to Kubeflow.'
      )
      .action((profile: string, { url, namespace }: InNamespace & { readonly url: string }) =>
        run({ action, namespace, url, profile })
      );
  }
}

function parseSeconds(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw usageError('expires', `${JSON.stringify(text)} is no number of seconds.`, 'For example --expires 3600.');
  }
  return Number(text);
}
