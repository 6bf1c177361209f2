/** namespace and member. */
import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { roles } from '../../core/model/access';
import type { Label, Role } from '../../core/model/access';
import type { NamespaceKind } from '../../core/model/namespace';
import type { NamespaceArgs } from '../../core/model/sharing';
import { parseSize } from '../../core/model/size';
import { parsePast } from '../../core/model/until';
import { renderMember, renderNamespace } from '../render/sharing';
import type { Session } from '../session';
import { addAction, inNamespace, labelOption, parseCells, parseMember, parseRule, usageError } from './sharing-options';
import type { InNamespace } from './sharing-options';
import { addVerb } from './verb';

type CreateOptions = {
  readonly kind: NamespaceKind;
  readonly title?: string;
  readonly label?: Label;
  readonly git?: string;
};
type SetOptions = {
  readonly title?: string;
  readonly label?: Label;
  readonly private?: string;
  readonly team?: string;
  readonly everyone?: string;
  readonly quota?: string;
  readonly maxProjects?: string;
};
type ProjectOptions = InNamespace & {
  readonly description?: string;
  readonly label?: Label;
  readonly protect?: readonly string[];
  readonly delete?: boolean;
};
type AuditOptions = {
  readonly user?: string;
  readonly project?: string;
  readonly action?: string;
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit?: string;
};

export function addNamespaceCommands(program: Command, session: Session): void {
  const verb = addVerb(program, 'namespace', [
    'branchbook namespace create /srv/shared/ml-team          # a folder, a bucket or a hub',
    'branchbook namespace list',
    'branchbook namespace show                                # of the project’s remote',
    'branchbook namespace set --everyone data=view --team models=run',
    'branchbook namespace project iris --protect prod=manage',
    'branchbook namespace audit --user anna --since 30d'
  ]);
  const run = (args: NamespaceArgs): Promise<void> => session.run('namespace', () => args, renderNamespace);
  addAction(verb, 'list', 'Namespaces of a place, or of all places that you used')
    .argument('[place]', 'a folder, a bucket or a hub')
    .action((place?: string) => run({ action: 'list', ...(place !== undefined && { place }) }));
  addCreate(verb, run);
  addAction(verb, 'show', 'Its table, projects and members')
    .argument('[namespace]', 'PLACE/NAMESPACE; default: that of the project’s remote')
    .action((namespace?: string) => run({ action: 'show', namespace }));
  addSet(verb, run);
  addProject(verb, run);
  addAction(verb, 'delete', 'Delete a namespace; clones stay as they are')
    .argument('<namespace>', 'PLACE/NAMESPACE')
    .option('--projects', 'with its projects and all of their history')
    .action((namespace: string, { projects }: { readonly projects?: boolean }) =>
      run({ action: 'delete', namespace, ...(projects && { projects }) })
    );
  addLog(verb, run);
}

type Run = (args: NamespaceArgs) => Promise<void>;

function addCreate(verb: Command, run: Run): void {
  addAction(verb, 'create', 'Make a namespace, and own it')
    .argument('<namespace>', 'PLACE/NAMESPACE, for example /srv/shared/ml-team or https://hub.example.org/ml-team')
    .addOption(new Option('--kind <kind>', 'whom it is for').choices(['personal', 'team', 'everyone']).default('team'))
    .option('--title <title>', 'what people call it')
    .addOption(labelOption())
    .option('--git <address>', 'where git keeps histories, with {project} in it; for buckets')
    .action((namespace: string, { kind, title, label, git }: CreateOptions) =>
      run({
        ...{ action: 'create', namespace, kind },
        ...(title !== undefined && { title }),
        ...(label && { label }),
        ...(git !== undefined && { git })
      })
    );
}

function addSet(verb: Command, run: Run): void {
  addAction(verb, 'set', 'Change its title, label, table or quota')
    .argument('[namespace]', 'PLACE/NAMESPACE; default: that of the project’s remote')
    .option('--title <title>', 'what people call it')
    .addOption(labelOption())
    .option('--private <cells>', 'the most for people who are named: code=edit,data=view')
    .option('--team <cells>', 'the most for members')
    .option('--everyone <cells>', 'what all who can sign in get')
    .option('--quota <size>', 'stored bytes at most, for example 500GB; none for no limit')
    .option('--max-projects <count>', 'projects at most; none for no limit')
    .action((namespace: string | undefined, options: SetOptions) => run(setArgs(namespace, options)));
}

function setArgs(namespace: string | undefined, options: SetOptions): NamespaceArgs {
  const { title, label, quota, maxProjects } = options;
  const rows = (['private', 'team', 'everyone'] as const).filter(audience => options[audience] !== undefined);
  if (title === undefined && !label && rows.length === 0 && quota === undefined && maxProjects === undefined) {
    throw usageError('options', 'Set what?', 'For example --everyone data=view.');
  }
  const limits = {
    ...(quota !== undefined && { bytes: quota === 'none' ? null : parseSize(quota, 'quota') }),
    ...(maxProjects !== undefined && {
      projects: maxProjects === 'none' ? null : parseCount(maxProjects, 'max-projects')
    })
  };
  return {
    ...{ action: 'set', namespace },
    ...(title !== undefined && { title }),
    ...(label && { label }),
    ...(rows.length > 0 && { policy: Object.fromEntries(rows.map(row => [row, parseCells(options[row]!)])) }),
    ...(Object.keys(limits).length > 0 && { quota: limits })
  };
}

function addProject(verb: Command, run: Run): void {
  addAction(verb, 'project', 'Change a project of the namespace: who may push where, its label')
    .argument('<project>', 'its name')
    .addOption(inNamespace())
    .option('--description <text>', 'what it is about')
    .addOption(labelOption())
    .option(
      '--protect <rules...>',
      'PATTERN=edit, =manage or =none: who may push there; replaces the rules; none alone clears them'
    )
    .option('--delete', 'delete it with all of its history; clones stay as they are')
    .action((project: string, { namespace, description, label, protect, delete: gone }: ProjectOptions) =>
      run(
        gone
          ? { action: 'delete-project', namespace, project }
          : {
              ...{ action: 'set-project', namespace, project },
              ...(description !== undefined && { description }),
              ...(label && { label }),
              ...(protect && { branchRules: protect.filter(rule => rule !== 'none').map(parseRule) })
            }
      )
    );
}

function addLog(verb: Command, run: Run): void {
  addAction(verb, 'audit', 'Who saw or changed what, when; for owners')
    .argument('[namespace]', 'PLACE/NAMESPACE; default: that of the project’s remote')
    .option('--user <name>', 'what this person did')
    .option('--project <name>', 'what happened to this project')
    .option('--action <start>', 'actions that begin so: member, grant, push, refused')
    .option('--target <text>', 'a branch, an asset, a person, as the log has it')
    .option('--since <time>', '30d, or an ISO 8601 time')
    .option('--until <time>', '1d, or an ISO 8601 time')
    .option('--before <id>', 'continue below this event')
    .option('--limit <count>', 'events at most; default 100')
    .action((namespace: string | undefined, options: AuditOptions) => run(auditArgs(namespace, options)));
  addAction(verb, 'activity', 'What teammates did')
    .argument('[namespace]', 'PLACE/NAMESPACE; default: that of the project’s remote')
    .option('--project <name>', 'in this project')
    .option('--limit <count>', 'events at most; default 100')
    .action(
      (namespace: string | undefined, { project, limit }: { readonly project?: string; readonly limit?: string }) =>
        run({
          ...{ action: 'activity', namespace },
          ...(project !== undefined && { project }),
          ...(limit !== undefined && { limit: parseCount(limit, 'limit') })
        })
    );
}

function auditArgs(namespace: string | undefined, options: AuditOptions): NamespaceArgs {
  const { action: actions, since, until, limit, ...plain } = options;
  const given = Object.fromEntries(
    (['user', 'project', 'target', 'before'] as const).flatMap(name =>
      plain[name] === undefined ? [] : [[name, plain[name]]]
    )
  );
  return {
    ...{ action: 'audit', namespace, ...given },
    ...(actions !== undefined && { actions }),
    ...(since !== undefined && { since: parsePast(since, 'since', Date.now()) }),
    ...(until !== undefined && { until: parsePast(until, 'until', Date.now()) }),
    ...(limit !== undefined && { limit: parseCount(limit, 'limit') })
  };
}

function parseCount(text: string, argument: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw usageError(argument, `${JSON.stringify(text)} is no number.`, `For example --${argument} 100.`);
  }
  return Number(text);
}

export function addMemberCommands(program: Command, session: Session): void {
  const verb = addVerb(program, 'member', [
    'branchbook member list',
    'branchbook member add anna editor',
    'branchbook member add group:vision viewer --namespace /srv/shared/ml-team',
    'branchbook member role anna owner',
    'branchbook member remove anna'
  ]);
  const who = (): Argument => new Argument('<member>', 'a person’s name, user:NAME or group:NAME');
  const role = (): Argument => new Argument('<role>', 'what they may do with everything in it').choices(roles);
  const cleared = (): Option => new Option('--cleared', 'may have what is labelled protected');
  addAction(verb, 'list', 'Who is in the namespace')
    .addOption(inNamespace())
    .action(({ namespace }: InNamespace) => session.run('member', () => ({ action: 'list', namespace }), renderMember));
  for (const action of ['add', 'role'] as const) {
    addAction(verb, action, action === 'add' ? 'Take somebody in' : 'Give a member another role')
      .addArgument(who())
      .addArgument(role())
      .addOption(cleared())
      .addOption(inNamespace())
      .action((name: string, as: Role, options: InNamespace & { readonly cleared?: boolean }) => {
        const { namespace } = options;
        const args = {
          action,
          namespace,
          member: parseMember(name),
          role: as,
          ...(options.cleared && { cleared: true })
        };
        return session.run('member', () => args, renderMember);
      });
  }
  addAction(verb, 'remove', 'Take somebody out, with all that was shared with them by name')
    .addArgument(who())
    .addOption(inNamespace())
    .action((name: string, { namespace }: InNamespace) => {
      const args = { action: 'remove', namespace, member: parseMember(name) } as const;
      return session.run('member', () => args, renderMember);
    });
}
