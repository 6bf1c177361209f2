/** login and logout. */
import type { Command } from 'commander';
import type { Session } from '../session';
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
        ({ revoked }) =>
          revoked
            ? `You are signed out of ${place}.`
            : `The token of ${place} is forgotten here. The hub could not be asked: end it on its page /account.`
      )
    );
}
