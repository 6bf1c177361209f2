/** What the commands of sharing take: people, things, cells of the table. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import { formatPrincipal, labels, parsePrincipal, resourceClasses, rights } from '../../core/model/access';
import type { Policy, Right } from '../../core/model/access';
import type { BranchRule, Member } from '../../core/model/namespace';

export type InNamespace = { readonly namespace?: string };

/** One action of a verb, with its own help. */
export function addAction(verb: Command, usage: string, summary: string): Command {
  return verb.command(usage).summary(summary).description(summary).option('--json', 'write the result as JSON');
}

export const inNamespace = (): Option =>
  new Option('-n, --namespace <address>', 'PLACE/NAMESPACE; default: that of the project’s remote');

export const rightOption = (): Option =>
  new Option('-r, --right <right>', 'what they may do with it').choices(rights).default('view');

export const labelOption = (): Option =>
  new Option('--label <label>', 'classification; it can only be raised').choices(labels);

/** A person or group. A name alone is a person's. */
export function parseMember(text: string): Member['principal'] {
  const principal = parsePrincipal(text);
  if (principal.kind !== 'user' && principal.kind !== 'group') {
    throw usageError(
      'member',
      `${formatPrincipal(principal)} cannot be a member.`,
      'Members are user:NAME or group:NAME.'
    );
  }
  return { kind: principal.kind, name: principal.name };
}

/** `code=view,data=none` as cells of one row. */
export function parseCells(text: string): Partial<Policy['team']> {
  const cells: { [name: string]: Right | 'none' } = {};
  for (const part of text.split(',')) {
    const [name, value] = part.split('=').map(word => word.trim());
    const known = (resourceClasses as readonly string[]).includes(name ?? '');
    if (!known || !([...rights, 'none'] as readonly string[]).includes(value ?? '')) {
      throw usageError(
        'cells',
        `${JSON.stringify(part)} is no cell of the table.`,
        'Write for example code=view,data=none.'
      );
    }
    cells[name!] = value as Right | 'none';
  }
  return cells;
}

/** `prod=manage`. */
export function parseRule(text: string): BranchRule {
  const at = text.lastIndexOf('=');
  const push = text.slice(at + 1);
  if (at < 1 || !(push === 'edit' || push === 'manage' || push === 'none')) {
    const hint = 'Write PATTERN=edit, PATTERN=manage or PATTERN=none, for example prod=manage.';
    throw usageError('protect', `${JSON.stringify(text)} is no rule of branches.`, hint);
  }
  return { pattern: text.slice(0, at), push };
}

export function usageError(argument: string, message: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', message, { argument, reason: message }, hint);
}
