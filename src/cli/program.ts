import { Command } from 'commander';
import { addAccountCommands } from './commands/account-commands';
import { addBranchCommands } from './commands/branch-commands';
import { addComputeCommands } from './commands/compute-command';
import { addDiffCommand } from './commands/diff-command';
import { addMaintenanceCommands } from './commands/maintenance-commands';
import { addMigrateCommand } from './commands/migrate-command';
import { addMemberCommands, addNamespaceCommands } from './commands/namespace-command';
import { addProgramCommands } from './commands/program-commands';
import { addSchemaCommand } from './commands/schema-command';
import { addShareCommands } from './commands/share-command';
import { addVersionCommands } from './commands/version-commands';
import { addSyncCommands } from './commands/sync-commands';
import { addWorkCommands } from './commands/work-commands';
import type { Session } from './session';

/** The whole command line. It writes to the session's outputs only and throws instead of exiting. */
export function createProgram(session: Session): Command {
  const { context } = session;
  const program = new Command('branchbook')
    .description('Branches for everything a notebook touches: notebooks, data, models and metrics.')
    .version(context.version, '--version', 'print the version')
    .option('-C, --directory <folder>', 'work as if started in this folder')
    // `share` has options of its own beside those of its actions.
    .enablePositionalOptions()
    .helpCommand(true)
    .showHelpAfterError('(branchbook VERB --help explains a verb)')
    .exitOverride()
    .configureOutput({
      writeOut: text => context.stdout.write(text),
      writeErr: text => (session.json ? undefined : context.stderr.write(text)),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => context.color,
      getErrHasColors: () => context.color
    })
    .addHelpText('after', '\nAddresses: PATH@REVISION, where REVISION is a branch, tag, id, main~2 or {2026-11-01}.')
    .hook('preAction', parent => {
      session.directory = parent.opts<{ directory?: string }>().directory ?? '.';
    });
  addWorkCommands(program, session);
  addBranchCommands(program, session);
  addVersionCommands(program, session);
  addDiffCommand(program, session);
  addMaintenanceCommands(program, session);
  addMigrateCommand(program, session);
  addSchemaCommand(program, session);
  addSyncCommands(program, session);
  addNamespaceCommands(program, session);
  addMemberCommands(program, session);
  addShareCommands(program, session);
  addAccountCommands(program, session);
  addComputeCommands(program, session);
  addProgramCommands(program, session);
  return program;
}
