/** branch, switch, merge, compare. */
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import type { MergeArgs } from '../../core/model/merge';
import type { BranchArgs, SwitchArgs } from '../../core/model/result';
import { renderBranch } from '../render/branch';
import { renderCompare } from '../render/compare';
import { renderMerge } from '../render/merge';
import { renderSwitch } from '../render/switch';
import type { Paths, Session } from '../session';
import { addVerb } from './verb';

type BranchOptions = {
  readonly from?: string;
  readonly switch?: boolean;
  readonly rename?: string;
  readonly delete?: boolean;
  readonly force?: boolean;
  readonly beside?: boolean;
};

type SwitchOptions = {
  readonly create?: boolean;
  readonly from?: string;
  readonly detach?: boolean;
  readonly park?: boolean;
  readonly discard?: boolean;
  readonly only?: readonly string[];
  readonly all?: boolean;
};

type MergeOptions = {
  readonly into?: string;
  readonly message?: string;
  readonly ours?: readonly string[];
  readonly theirs?: readonly string[];
  readonly allowAnomalies?: boolean;
};

type CompareOptions = {
  readonly path?: readonly string[];
  readonly content?: boolean;
  readonly drift?: boolean;
  readonly markdown?: boolean;
};

export function addBranchCommands(program: Command, session: Session): void {
  addVerb(program, 'branch', [
    'branchbook branch                            # list, most recent first',
    'branchbook branch experiment-1 --switch',
    'branchbook branch old-prod --from prod~3',
    'branchbook branch experiment-1 -m experiment-2',
    'branchbook branch experiment-1 --beside      # open it in a folder of its own'
  ])
    .argument('[name]', 'branch to create, or the one that the options are about')
    .option('--from <revision>', 'create it there instead of at the current snapshot')
    .option('--switch', 'create it and switch to it')
    .option('-m, --rename <new>', 'give it another name')
    .option('-d, --delete', 'delete it')
    .option('--force', 'delete it although it has snapshots that no other branch has')
    .option('--beside', 'open it in a folder beside the project')
    .action(async (name: string | undefined, options: BranchOptions) => {
      const args = branchArgs(name, options);
      await session.run(
        'branch',
        () => args,
        (result, style) => renderBranch(result, style, args.action)
      );
    });

  addSwitch(program, session);

  addVerb(program, 'merge', [
    'branchbook merge experiment-1',
    'branchbook merge experiment-1 --into prod',
    'branchbook merge experiment-1 --theirs models/ --ours train.ipynb'
  ])
    .argument('<name>', 'branch or revision to merge')
    .option('--into <branch>', 'merge into this branch instead of the current one')
    .option('-m, --message <message>', 'message of the merge')
    .option('--ours <paths...>', 'where both changed, keep this side; . means everywhere')
    .option('--theirs <paths...>', 'where both changed, take the other side; . means everywhere')
    .option('--allow-anomalies', 'although a table would break rules of its schema that are marked fail')
    .action((name: string, options: MergeOptions) =>
      session.run('merge', project => mergeArgs(name, options, project), renderMerge)
    );

  addVerb(program, 'compare', [
    'branchbook compare main experiment-1',
    'branchbook compare main experiment-1 experiment-2 --content   # rows of datasets, settings of models',
    'branchbook compare main experiment-1 --markdown >> review.md',
    'branchbook compare prod~1 prod --path metrics/'
  ])
    .argument('<revisions...>', 'the first is the baseline; one alone is compared with the current branch')
    .option('--path <paths...>', 'only these files or folders')
    .option('--content', 'look into datasets and models too')
    .option('--drift', 'also say how far the distributions of the datasets moved')
    .option('--markdown', 'write it as Markdown')
    .action((revisions: readonly string[], options: CompareOptions) =>
      session.run(
        'compare',
        project => ({
          revisions,
          ...(options.path && { paths: options.path.map(project.path) }),
          ...((options.content || options.drift) && { content: true }),
          ...(options.drift && { drift: true })
        }),
        options.markdown ? result => (result.markdown ?? '').trimEnd() : renderCompare
      )
    );
}

function addSwitch(program: Command, session: Session): void {
  addVerb(program, 'switch', [
    'branchbook switch experiment-1',
    'branchbook switch -c experiment-2',
    'branchbook switch main --park',
    'branchbook switch main --only "models/**" data/small.csv',
    'branchbook switch main --all'
  ])
    .argument('<name>', 'branch; any revision with --detach')
    .option('-c, --create', 'create the branch first')
    .option('--from <revision>', 'with --create: start there instead of at the current snapshot')
    .option('--detach', 'look at any revision, on no branch')
    .option('--park', 'snapshot unsnapshotted changes on the current branch first')
    .option('--discard', 'drop unsnapshotted changes (undo brings them back)')
    .option('--only <patterns...>', 'bring only assets that match; the others stay away, here and in later switches')
    .option('--all', 'bring all assets again')
    .action(async (name: string, options: SwitchOptions) => {
      if (options.create) {
        const args = createArgs(name, options);
        await session.run(
          'branch',
          () => args,
          (result, style) => renderBranch(result, style, 'create')
        );
      } else {
        const args = switchArgs(name, options);
        await session.run('switch', () => args, renderSwitch);
      }
    });
}

function usage(argument: string, reason: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', reason, { argument, reason }, hint);
}

function branchArgs(name: string | undefined, options: BranchOptions): BranchArgs {
  const chosen = [
    options.rename !== undefined,
    options.delete,
    options.beside,
    options.switch ?? options.from !== undefined
  ];
  if (chosen.filter(Boolean).length > 1) {
    throw usage('options', 'Only one of --rename, --delete, --beside and --switch/--from can be done at once.', '');
  }
  if (name === undefined) {
    if (chosen.some(Boolean)) {
      throw usage('name', 'Which branch?', 'Name it, for example `branchbook branch experiment-1 --delete`.');
    }
    return { action: 'list' };
  }
  if (options.rename !== undefined) {
    return { action: 'rename', name, to: options.rename };
  }
  if (options.delete) {
    return { action: 'delete', name, ...(options.force && { force: true }) };
  }
  if (options.beside) {
    return { action: 'worktree', name };
  }
  const { from } = options;
  return { action: 'create', name, ...(from !== undefined && { from }), ...(options.switch && { switch: true }) };
}

function createArgs(name: string, options: SwitchOptions): BranchArgs {
  if (options.detach || options.park || options.discard || options.only || options.all) {
    throw usage(
      'options',
      '--create cannot be combined with --detach, --park, --discard, --only or --all.',
      'A new branch takes unsnapshotted changes along.'
    );
  }
  return { action: 'create', name, switch: true, ...(options.from !== undefined && { from: options.from }) };
}

function switchArgs(name: string, options: SwitchOptions): SwitchArgs {
  if (options.park && options.discard) {
    throw usage('options', 'Park or discard: only one of them.', '');
  }
  const changes = options.park ? 'park' : options.discard ? 'discard' : 'refuse';
  const { detach, only, all } = options;
  return { branch: name, changes, ...(detach && { detach }), ...(only && { only }), ...(all && { all }) };
}

function mergeArgs(branch: string, options: MergeOptions, project: Paths): MergeArgs {
  const { into, message, ours, theirs, allowAnomalies } = options;
  return {
    branch,
    ...(into !== undefined && { into }),
    ...(message !== undefined && { message }),
    ...(ours && { ours: ours.map(project.path) }),
    ...(theirs && { theirs: theirs.map(project.path) }),
    ...(allowAnomalies && { allowAnomalies })
  };
}
