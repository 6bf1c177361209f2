/** migrate. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import type { MigrateArgs } from '../../core/model/maintenance';
import { renderMigrate } from '../render/migrate';
import type { Session } from '../session';
import { addVerb } from './verb';

type MigrateOptions = Omit<MigrateArgs, 'above'> & { readonly above?: string };

export function addMigrateCommand(program: Command, session: Session): void {
  addVerb(program, 'migrate', [
    'branchbook migrate --from lfs --drop-source',
    'branchbook migrate --from dvc --dry-run      # what would happen',
    'branchbook migrate --from git --above 10MiB',
    'branchbook migrate --from git --include "*.parquet" "models/**"',
    'branchbook migrate --to lfs                  # go on without Branchbook'
  ])
    .addOption(new Option('--from <system>', 'take over the versions of this system').choices(['lfs', 'dvc', 'git']))
    .addOption(new Option('--to <system>', 'give all versions to this system').choices(['lfs']))
    .option('--dry-run', 'only tell what would happen')
    .option('--drop-source', "with --from lfs: delete git-lfs's own copies, each verified before")
    .option('--keep-dvc-files', 'with --from dvc: leave the .dvc files beside the assets')
    .option('--above <size>', 'with --from git: files larger than this, for example 500kB or 10MiB; default: 10MiB')
    .option('--include <patterns...>', 'with --from git: only files that match')
    .action(({ above, from, to, dryRun, dropSource, keepDvcFiles, include }: MigrateOptions) =>
      session.run(
        'migrate',
        () => ({
          ...(from && { from }),
          ...(to && { to }),
          ...(dryRun && { dryRun }),
          ...(dropSource && { dropSource }),
          ...(keepDvcFiles && { keepDvcFiles }),
          ...(above !== undefined && { above: toBytes(above) }),
          ...(include && { include })
        }),
        renderMigrate
      )
    );
}

const UNITS: { readonly [unit: string]: number } = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3
};

function toBytes(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match && UNITS[match[2]!.toLowerCase()];
  if (!unit) {
    const reason = 'not a size';
    throw new BranchbookError(
      'USAGE',
      `${JSON.stringify(text)} is not a size.`,
      { argument: 'above', reason },
      'For example --above 10MiB.'
    );
  }
  return Math.round(Number(match[1]) * unit);
}
