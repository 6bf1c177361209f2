import { BranchbookError } from '../error';

/**
 * Work that is left once a change is published, such as describing it. It must not be reported as a change that failed,
 * nor be the reason for making the change again: OUTCOME_UNKNOWN says that `done` happened.
 */
export async function afterwards<T>(done: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = BranchbookError.from(error);
    throw new BranchbookError(
      'OUTCOME_UNKNOWN',
      `${done}, but what follows failed: ${cause.message}`,
      { cause: cause.toJSON() },
      'Do not repeat it: `branchbook undo --list` shows it.'
    );
  }
}
