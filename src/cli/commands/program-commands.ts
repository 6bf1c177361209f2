/** serve, hub and git's filters: what only the program itself does. */
import { posix } from 'node:path';
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import type { HubArguments, IProgramAbilities, ServeArguments } from '../context';
import type { Session } from '../session';

type ServeOptions = {
  readonly socket?: string;
  readonly tcp?: boolean;
  readonly idleMinutes?: string;
  readonly runtimeDir?: string;
  readonly parentPid?: string;
};

export function addProgramCommands(program: Command, session: Session): void {
  program
    .command('serve')
    .description('Serve JupyterLab and Python on a private socket; started by itself when needed')
    .option('--socket <path>', "Unix socket to listen on; default: in Jupyter's runtime directory")
    .option('--tcp', 'listen on the loopback network instead, with a token')
    .option('--idle-minutes <number>', 'stop after so many idle minutes; 0 = never')
    .option('--runtime-dir <path>', 'where the discovery file goes')
    .option('--parent-pid <pid>', 'stop when this process has ended')
    .addHelpText('after', '\nExamples:\n  branchbook serve --idle-minutes 0')
    .action((options: ServeOptions) => abilities(session, 'serve').serve(serveArguments(options, session.cwd)));

  addHubCommand(program, session);

  program
    .command('filter-process', { hidden: true })
    .description("git's long-running filter; git starts it")
    .action(() => abilities(session, 'filter-process').filterProcess(session.cwd));

  for (const direction of ['clean', 'smudge'] as const) {
    program
      .command(`filter-${direction}`, { hidden: true })
      .argument('<path>')
      .description("git's filter for one file; git starts it")
      .action((path: string) => abilities(session, `filter-${direction}`).filter(direction, session.cwd, path));
  }
}

function addHubCommand(program: Command, session: Session): void {
  program
    .command('hub')
    .description('Run the team server: people, namespaces, shared projects')
    .option(
      '--data <folder>',
      'repositories, and the embedded database and store; default: ~/.local/share/branchbook-hub'
    )
    .option('--database <url>', 'postgres://…, for teams; its password rather in BRANCHBOOK_HUB_DATABASE')
    .option('--store <url>', 's3://…, az://…, gs://… or file://… for the contents of assets')
    .option('--listen <address>', 'host:port; default: 127.0.0.1:8420')
    .option('--url <url>', 'the address that people use, when it is another one')
    .option('--tls-cert <file>', 'certificate (PEM), needed to listen for other machines')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--behind-proxy', 'a proxy in front of it does TLS and says where requests come from')
    .addHelpText(
      'after',
      '\nExamples:\n  branchbook hub\n' +
        '  branchbook hub --listen 0.0.0.0:8443 --tls-cert hub.pem --tls-key hub.key --url https://hub.example.org:8443\n' +
        '  BRANCHBOOK_HUB_DATABASE=postgres://… branchbook hub --store s3://team-data/hub --behind-proxy --url https://hub.example.org'
    )
    .action((options: HubArguments) => abilities(session, 'hub').hub(hubArguments(options, session.cwd)));
}

function hubArguments(options: HubArguments, cwd: string): HubArguments {
  const absolute = (name: 'data' | 'tlsCert' | 'tlsKey'): Partial<HubArguments> => {
    const path = options[name];
    return path === undefined ? {} : { [name]: posix.resolve(cwd, path) };
  };
  return { ...options, ...absolute('data'), ...absolute('tlsCert'), ...absolute('tlsKey') };
}

function abilities(session: Session, command: string): IProgramAbilities {
  if (!session.context.program) {
    throw new BranchbookError(
      'USAGE',
      `${command} cannot be run from a notebook.`,
      { argument: command, reason: 'it belongs to the program itself' },
      `Run \`branchbook ${command}\` in a terminal.`
    );
  }
  return session.context.program;
}

function serveArguments(options: ServeOptions, cwd: string): ServeArguments {
  const { socket, tcp, idleMinutes, runtimeDir, parentPid } = options;
  return {
    ...(socket !== undefined && { socket: posix.resolve(cwd, socket) }),
    ...(tcp && { tcp }),
    ...(idleMinutes !== undefined && { idleMinutes: toNumber('--idle-minutes', idleMinutes) }),
    ...(runtimeDir !== undefined && { runtimeDir: posix.resolve(cwd, runtimeDir) }),
    ...(parentPid !== undefined && { parentPid: toNumber('--parent-pid', parentPid) })
  };
}

function toNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0 || text.trim() === '') {
    throw new BranchbookError('USAGE', `${option} needs a number, not ${JSON.stringify(text)}.`, {
      argument: option,
      reason: 'not a number'
    });
  }
  return number;
}
