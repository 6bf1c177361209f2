import { CommanderError } from 'commander';
import { BranchbookError } from '../core/error';
import type { SerializedError } from '../core/error';
import type { CommandContext } from './context';
import { createProgram } from './program';
import { printable } from './render/words';
import { Session } from './session';

export type CommandOutcome = {
  /** 0 ok, 1 failed, 2 usage, 3 a conflict that needs a decision. */
  readonly exitCode: number;
  /** The verb's result, when it got that far. */
  readonly result: unknown;
  readonly error: SerializedError | null;
};

/** Run one command line (without the program's own name). Touches nothing but its context: no process globals. */
export async function runCommand(argv: readonly string[], context: CommandContext): Promise<CommandOutcome> {
  const session = new Session(context);
  session.json = wantsJson(argv);
  try {
    await createProgram(session).parseAsync(argv, { from: 'user' });
    return { exitCode: session.damaged ? 1 : 0, result: session.result, error: null };
  } catch (error) {
    if (error instanceof CommanderError) {
      return usageOutcome(session, error);
    }
    const failure = BranchbookError.from(error);
    writeError(session, failure);
    return { exitCode: failure.exit, result: session.result, error: failure.toJSON() };
  }
}

/** Also a command line that cannot be understood is answered in JSON. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}

/** Help and version end the same way as mistakes; for people commander has written its words already. */
function usageOutcome(session: Session, error: CommanderError): CommandOutcome {
  if (error.exitCode === 0) {
    return { exitCode: 0, result: null, error: null };
  }
  const message = error.message.replace(/^error: /, '');
  const usage = new BranchbookError('USAGE', message, { argument: '', reason: message }, 'See `branchbook --help`.');
  if (session.json) {
    writeError(session, usage);
  }
  return { exitCode: usage.exit, result: null, error: usage.toJSON() };
}

function writeError(session: Session, failure: BranchbookError): void {
  const { stderr } = session.context;
  if (session.json) {
    const { code, message, data, hint } = failure.toJSON();
    stderr.write(`${JSON.stringify({ error: { code, message, data, hint } }, null, 2)}\n`);
    return;
  }
  stderr.write(`${session.style.red('error:')} ${printable(failure.message)}\n`);
  if (failure.hint) {
    stderr.write(`${session.style.dim('hint:')} ${printable(failure.hint)}\n`);
  }
}
