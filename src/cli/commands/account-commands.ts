/** login and logout. */
import type { Command } from 'commander';
import type { Session } from '../session';
import { usageError } from './sharing-options';
import { addVerb } from './verb';

const TOKEN_VARIABLE = 'BRANCHBOOK_TOKEN';

export function addAccountCommands(program: Command, session: Session): void {
  addVerb(program, 'login', [
    'branchbook login https://hub.example.org',
    'branchbook login https://hub.example.org --token < token.txt'
  ])
    .argument('<place>', 'address of the hub')
    .option('--token', 'with a token of yours, from standard input')
    .addHelpText(
      'after',
      `\nWithout --token, a token in ${TOKEN_VARIABLE} is taken; else it says on which page to sign in.`
    )
    .action(async (place: string, options: { readonly token?: true }) => {
      const token = options.token ? await readToken(session) : process.env[TOKEN_VARIABLE];
      await session.run(
        'login',
        () => ({ place, ...(token && { token }) }),
        ({ identity }) => `You are signed in to ${place} as ${identity.displayName}.`
      );
    });

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

/** Not as an argument: other users of the machine see those. */
async function readToken({ context }: Session): Promise<string> {
  const token = await context.program?.secret('Token of the hub: ');
  if (!token) {
    const hint = `Pipe it in (\`branchbook login … --token < token.txt\`), or set ${TOKEN_VARIABLE}.`;
    throw usageError('token', 'The token is missing.', hint);
  }
  return token;
}
