import type { Command } from 'commander';
import type { Verb } from '../../core/model/result';
import { operations } from '../../core/operation/index';

/** A verb's command with what all verbs have in common. */
export function addVerb(program: Command, verb: Verb, examples: readonly string[]): Command {
  return program
    .command(verb)
    .summary(operations[verb].summary)
    .description(operations[verb].summary)
    .option('--json', 'write the result as JSON')
    .addHelpText('after', `\nExamples:\n${examples.map(example => `  ${example}`).join('\n')}`);
}
