/** serve and git's filters: what only the program itself does. */
import { posix } from 'node:path';
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import type { IProgramAbilities, ServeArguments } from '../context';
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
