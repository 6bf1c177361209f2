/** share. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { parseObject, parsePrincipal, rights } from '../../core/model/access';
import type { Right } from '../../core/model/access';
import type { ShareArgs } from '../../core/model/sharing';
import { renderShare } from '../render/sharing';
import type { Session } from '../session';
import { addAction, inNamespace, rightOption, usageError } from './sharing-options';
import type { InNamespace } from './sharing-options';
import { addVerb } from './verb';

type WithOptions = InNamespace & { readonly with?: string; readonly right: Right; readonly until?: string };
type LinkOptions = InNamespace & {
  readonly right: Right;
  readonly until?: string;
  readonly many?: boolean;
  readonly member?: boolean;
};
type AskOptions = InNamespace & { readonly right: Right; readonly message?: string };
type AnswerOptions = InNamespace & { readonly grant?: boolean; readonly refuse?: boolean; readonly right?: Right };

const WHAT = 'namespace, iris, iris/data/raw, branch:iris/prod, pipeline:iris/train or compute:gpu-1';
const until = (what: string): Option =>
  new Option('--until <time>', `7d, 2026-12-03 or an ISO 8601 time; default: ${what}`);

export function addShareCommands(program: Command, session: Session): void {
  const run = (args: ShareArgs): Promise<void> => session.run('share', () => args, renderShare);
  const verb = addVerb(program, 'share', [
    'branchbook share iris --with anna                          # anna can read it',
    'branchbook share iris/data/raw --with group:vision --right edit --until 7d',
    'branchbook share link iris --right view --until 2d         # who opens it first',
    'branchbook share list',
    'branchbook share revoke 5f0c2a9e1b7d3c48',
    'branchbook share explain iris/data/raw                     # who can see it, and why',
    'branchbook share request iris --right edit -m "to fix the labels"',
    'branchbook share answer 5f0c2a9e1b7d3c48 --grant'
  ])
    // What follows an action is the action's.
    .enablePositionalOptions()
    .argument('[what]', WHAT)
    .option('-w, --with <who>', 'a person’s name, user:NAME, group:NAME or namespace:NAME')
    .addOption(rightOption())
    .addOption(until('until it is revoked'))
    .addOption(inNamespace())
    .action((what: string | undefined, options: WithOptions) => run(grantArgs(what, options)));
  addLink(verb, run);
  addAction(verb, 'list', 'Shares, links and requests that you may see')
    .addOption(inNamespace())
    .action(({ namespace }: InNamespace) => run({ action: 'list', namespace }));
  addAction(verb, 'revoke', 'Take back a share or a link, at once')
    .argument('<id>', 'as `share list` has it')
    .addOption(inNamespace())
    .action((id: string, { namespace }: InNamespace) => run({ action: 'revoke', namespace, id }));
  addAction(verb, 'explain', 'Who can see it, and why')
    .argument('<what>', WHAT)
    .option('--who <who>', 'only this person, group or namespace')
    .addOption(inNamespace())
    .action((what: string, { namespace, who }: InNamespace & { readonly who?: string }) =>
      run({
        ...{ action: 'explain', namespace, object: parseObject(what) },
        ...(who !== undefined && { principal: parsePrincipal(who) })
      })
    );
  addRequests(verb, run);
}

type Run = (args: ShareArgs) => Promise<void>;

function grantArgs(what: string | undefined, options: WithOptions): ShareArgs {
  if (what === undefined || options.with === undefined) {
    throw usageError(
      what === undefined ? 'what' : 'with',
      what === undefined ? 'Share what?' : `Share ${what} with whom?`,
      'For example `branchbook share iris --with anna --right view`, or `branchbook share link iris`.'
    );
  }
  const { namespace, right, until: end } = options;
  const [principal, object] = [parsePrincipal(options.with), parseObject(what)];
  return { action: 'grant', namespace, principal, right, object, ...(end !== undefined && { until: end }) };
}

function addLink(verb: Command, run: Run): void {
  addAction(verb, 'link', 'An address that gives access to who opens it')
    .addArgument(new Argument('<what>', WHAT))
    .addOption(rightOption())
    .addOption(until('7 days; most: 90'))
    .option('--many', 'as many people as get it; default: the first who opens it')
    .option('--member', 'who opens it becomes a member of the namespace')
    .addOption(inNamespace())
    .action((what: string, { namespace, right, until: end, many, member }: LinkOptions) =>
      run({
        ...{ action: 'link', namespace, right, object: parseObject(what), uses: many ? 'many' : 'single' },
        gives: member ? 'membership' : 'grant',
        ...(end !== undefined && { until: end })
      })
    );
}

function addRequests(verb: Command, run: Run): void {
  addAction(verb, 'request', 'Ask for access')
    .argument('<what>', WHAT)
    .addOption(rightOption())
    .option('-m, --message <message>', 'what for')
    .addOption(inNamespace())
    .action((what: string, { namespace, right, message }: AskOptions) =>
      run({
        ...{ action: 'request', namespace, right, object: parseObject(what) },
        ...(message !== undefined && { message })
      })
    );
  addAction(verb, 'answer', 'Grant or refuse what somebody asked for')
    .argument('<id>', 'as `share list` has it')
    .option('--grant', 'give it')
    .option('--refuse', 'do not give it')
    .addOption(new Option('-r, --right <right>', 'with --grant: another right than they asked for').choices(rights))
    .addOption(inNamespace())
    .action((id: string, { namespace, grant, refuse, right }: AnswerOptions) => {
      if (Boolean(grant) === Boolean(refuse)) {
        throw usageError('options', 'Grant it or refuse it?', 'Write --grant or --refuse.');
      }
      return run({ action: 'answer', namespace, id, answer: grant ? 'granted' : 'refused', ...(right && { right }) });
    });
}
