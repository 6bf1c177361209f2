/** `migrate`: take over the versions of another system, or give ours to Git LFS. */
import { BranchbookError } from '../error';
import { migrateFromDvc } from '../migrate/from-dvc';
import { migrateFromGit } from '../migrate/from-git';
import { migrateFromLfs } from '../migrate/from-lfs';
import { migrateToLfs } from '../migrate/to-lfs';
import type { MigrateArgs, MigrateResult } from '../model/maintenance';
import type { Activity, IProject } from '../port';
import { refuseInProgress } from './head';
import type { Operation } from './operation';

export const migrateOperation: Operation<'migrate'> = {
  verb: 'migrate',
  summary: 'Bring the versions of Git LFS, DVC or plain git here, or take ours to Git LFS',
  mutates: args => !args.dryRun,
  run: migrate
};

/** Options that only one direction knows. */
const OWNERS = { dropSource: 'lfs', keepDvcFiles: 'dvc', above: 'git', include: 'git' } as const;

/** USAGE, OPERATION_IN_PROGRESS, and for histories that are rewritten what `rewriteHistory` throws. */
async function migrate(project: IProject, args: MigrateArgs, activity: Activity): Promise<MigrateResult> {
  refuseOptions(args);
  await refuseInProgress(project);
  switch (args.from) {
    case 'lfs':
      return migrateFromLfs(project, args, activity);
    case 'git':
      return migrateFromGit(project, args, activity);
    case 'dvc':
      return migrateFromDvc(project, args, activity);
    default:
      return migrateToLfs(project, args, activity);
  }
}

function refuseOptions(args: MigrateArgs): void {
  const { from, to } = args;
  if ((from === undefined) === (to === undefined)) {
    throw usage('from', 'Say either from what to migrate, or to what.', '`branchbook migrate --help` shows examples.');
  }
  for (const [option, owner] of Object.entries(OWNERS)) {
    if (args[option as keyof typeof OWNERS] && owner !== from) {
      throw usage(option, `That option only goes with --from ${owner}.`, '`branchbook migrate --help` lists them.');
    }
  }
}

function usage(argument: string, message: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', message, { argument, reason: message }, hint);
}
