import type { Command } from 'commander';
import type { Verb } from '../../core/model/result';
import { summaryOf } from '../../core/operation/index';

/** A verb's command with what all verbs have in common. */
export function addVerb(program: Command, verb: Verb, examples: readonly string[]): Command {
  return program
    .command(verb)
    .summary(summaryOf(verb))
    .description(summaryOf(verb))
    .option('--json', 'write the result as JSON')
    .addHelpText('after', `\nExamples:\n${examples.map(example => `  ${example}`).join('\n')}`);
}
