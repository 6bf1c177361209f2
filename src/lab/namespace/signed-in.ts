import { BranchbookError } from '../../core/error';
import type { AccountVerb, Verbs } from '../../core/model/result';
import type { CommandEnvironment } from '../commands/command-environment';
import { withSignIn } from '../share/sign-in';
import type { RunOptions } from '../tokens';
import type { Runs } from './namespace-model';

/** Runs verbs that need no project, asking the user to sign in where a place wants that. */
export function signedIn(env: CommandEnvironment): Runs {
  return {
    async run<V extends AccountVerb>(
      verb: V,
      args: Verbs[V]['args'],
      options?: RunOptions
    ): Promise<Verbs[V]['result']> {
      const result = await withSignIn(env, () => env.branchbook.run(verb, args, options));
      if (result === null) {
        throw new BranchbookError('CANCELLED', env.trans.__('You are not signed in.'));
      }
      return result;
    }
  };
}
