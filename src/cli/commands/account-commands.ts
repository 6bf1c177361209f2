/** login, logout, and compute's everyday part. */
import type { Command } from 'commander';
import type { ComputeResult } from '../../core/model/sharing';
import type { Session } from '../session';
import { inNamespace } from './sharing-options';
import type { InNamespace } from './sharing-options';
import { addVerb } from './verb';

export function addAccountCommands(program: Command, session: Session): void {
  addVerb(program, 'login', ['branchbook login https://hub.example.org'])
    .argument('<place>', 'address of the hub')
    .action((place: string) =>
      session.run(
        'login',
        () => ({ place, ...(process.env['BRANCHBOOK_TOKEN'] && { token: process.env['BRANCHBOOK_TOKEN'] }) }),
        ({ identity }) => `You are signed in to ${place} as ${identity.displayName}.`
      )
    );

  addVerb(program, 'logout', ['branchbook logout https://hub.example.org'])
    .argument('<place>', 'address of the hub')
    .action((place: string) =>
      session.run(
        'logout',
        () => ({ place }),
        () => `The token of ${place} is forgotten.`
      )
    );

  addVerb(program, 'compute', ['branchbook compute', 'branchbook compute gpu-1 train.ipynb'])
    .argument('[endpoint]', 'run there; default: list the endpoints')
    .argument('[notebook]', 'path in the project; outputs come into a copy beside it')
    .addOption(inNamespace())
    .action((name: string | undefined, notebook: string | undefined, { namespace }: InNamespace) => {
      const within = namespace === undefined ? {} : { namespace };
      return session.run(
        'compute',
        () => (name && notebook ? { action: 'run', name, notebook, ...within } : { action: 'list', ...within }),
        renderCompute
      );
    });
}

function renderCompute({ endpoints, ran }: ComputeResult): string {
  if (ran) {
    return `${ran.failed ? 'Stopped at an error' : 'Ran'} after ${ran.cells} cells; see ${ran.output}.`;
  }
  const lines = (endpoints ?? []).map(({ name, title, right }) => `${name}  ${right}  ${title}`);
  return lines.join('\n') || 'There are no endpoints.';
}
