/** gc. */
import type { Command } from 'commander';
import { renderGc } from '../render/gc';
import type { Session } from '../session';
import { addVerb } from './verb';

type GcOptions = {
  readonly at?: string;
  readonly dryRun?: boolean;
  readonly grace?: string;
  readonly expire?: string;
  readonly ignoreMissing?: boolean;
  /** Commander makes false of `--no-compress`. */
  readonly compress: boolean;
};

export function addMaintenanceCommands(program: Command, session: Session): void {
  addVerb(program, 'gc', [
    'branchbook gc --dry-run',
    'branchbook gc',
    'branchbook gc --grace 0d --expire 30d',
    'branchbook gc --at origin --dry-run',
    'branchbook gc --at https://hub.example.org/vision/iris'
  ])
    .option('--at <remote>', 'not here but at a place, as an owner: a remote, or PLACE/NAMESPACE/PROJECT')
    .option('--dry-run', 'only say what would be deleted')
    .option(
      '--grace <time>',
      'keep what was stored within this time, needed or not (at a place: what was needed); default: 14d'
    )
    .option('--expire <time>', 'forget operations older than this, the last hundred excepted; default: 90d')
    .option('--ignore-missing', 'do not take content that was never fetched for damage')
    .option('--no-compress', 'leave packs as they are that could be compressed')
    .action((options: GcOptions) =>
      session.run(
        'gc',
        () => ({
          ...(options.at !== undefined && { at: options.at }),
          ...(options.dryRun && { dryRun: true }),
          ...(options.grace !== undefined && { grace: options.grace }),
          ...(options.expire !== undefined && { expire: options.expire }),
          ...(options.ignoreMissing && { ignoreMissing: true }),
          ...(!options.compress && { noCompress: true })
        }),
        renderGc
      )
    );
}
