/** Against guessing: so many refused sign-ins, and nobody is let in from there, or as that person, for a while. */
import { BranchbookError } from '../../../core/error';
import type { IAccountRecords, IClock, SignIn } from '../../../core/port';

const WINDOW = 15 * 60_000;
const PER_ACCOUNT = 10;
const PER_ADDRESS = 30;

export class SignInGuard {
  constructor(
    private readonly _records: IAccountRecords,
    private readonly _clock: IClock
  ) {}

  /**
   * Runs one attempt, unless too many were refused, and writes down how it ended. `attempt` answers null, or a failure,
   * when it is refused. RATE_LIMITED.
   */
  async attempt<T>(who: Pick<SignIn, 'user' | 'address' | 'how'>, attempt: () => Promise<T | null>): Promise<T | null> {
    await this._check(who);
    const result = await attempt();
    const outcome = result === null ? 'refused' : 'ok';
    await this._records.noteSignIn({ ...who, outcome, time: this._clock.now() });
    return result;
  }

  private async _check({ user, address }: Pick<SignIn, 'user' | 'address'>): Promise<void> {
    const refused = await this._records.refusals(user, address, this._clock.now() - WINDOW);
    if (refused.user >= PER_ACCOUNT || refused.address >= PER_ADDRESS) {
      throw new BranchbookError(
        'RATE_LIMITED',
        'Too many sign-ins were refused.',
        { seconds: WINDOW / 1000 },
        `Wait ${WINDOW / 60_000} minutes, then try again.`
      );
    }
  }
}
