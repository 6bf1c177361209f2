import { Argument } from 'commander';
import type { Command } from 'commander';
import { BranchbookError } from '../../core/error';
import type { SchemaArgs } from '../../core/model/table-schema';
import { hasFailures } from '../../core/model/table-schema';
import { renderSchema } from '../render/schema';
import type { Paths, Session } from '../session';
import { addVerb } from './verb';

type Action = SchemaArgs['action'];

export function addSchemaCommand(program: Command, session: Session): void {
  addVerb(program, 'schema', [
    'branchbook schema infer data/sales.csv            # write schemas/data/sales.csv.json, a first draft',
    'branchbook schema infer data/sales.csv --update   # add columns that are new',
    'branchbook schema check',
    'branchbook schema show data/sales.csv'
  ])
    .addArgument(new Argument('<action>', 'what to do').choices(['infer', 'check', 'show']))
    .argument('[paths...]', 'tables; for check, default: every table that has a schema')
    .option('--update', 'infer: add to the file what it lacks; nothing that is there changes')
    .action(async (action: Action, paths: readonly string[], options: { readonly update?: boolean }) => {
      const result = await session.perform(
        'schema',
        project => schemaArgs(action, paths, options.update === true, project),
        renderSchema
      );
      session.damaged = result.action === 'check' && result.tables.some(({ anomalies }) => hasFailures(anomalies));
    });
}

function schemaArgs(action: Action, paths: readonly string[], update: boolean, project: Paths): SchemaArgs {
  if (update && action !== 'infer') {
    throw usage('update', '--update goes with infer only.', 'Leave it out.');
  }
  if (action === 'check') {
    return { action, paths: paths.map(project.path) };
  }
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) {
    throw usage('paths', `\`schema ${action}\` takes one table.`, `For example \`schema ${action} data/sales.csv\`.`);
  }
  return { action, path: project.path(path), ...(update && action === 'infer' && { update }) };
}

function usage(argument: string, message: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', message, { argument, reason: message }, hint);
}
