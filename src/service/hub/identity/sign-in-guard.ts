/**
 * Against guessing passwords: so many refused sign-ins, and nobody is let in as that person, or from there, for a while. Who
 * guesses must not shut a person out, though: where somebody came in before, only what was refused to them there counts.
 */
import { BranchbookError } from '../../../core/error';
import type { IAccountRecords, IClock, SignIn } from '../../../core/port';

const DAY = 86_400_000;
const WINDOW = 15 * 60_000;
const PER_ACCOUNT = 10;
const PER_ADDRESS = 30;
/** So long an address is known as one of theirs. */
const KNOWN = 90 * DAY;

type Who = Pick<SignIn, 'user' | 'address' | 'how'>;

export class SignInGuard {
  private readonly _running = new Map<string, Promise<void>>();

  constructor(
    private readonly _records: IAccountRecords,
    private readonly _clock: IClock
  ) {}

  /**
   * Runs one attempt, unless too many were refused, and writes down how it ended. `attempt` answers null, or a failure,
   * when it is refused. Attempts as one person wait for each other: of a thousand at once, only so many guess. RATE_LIMITED.
   */
  attempt<T>(who: Who, attempt: () => Promise<T | null>): Promise<T | null> {
    const before = this._running.get(who.user) ?? Promise.resolve();
    const mine = before.then(() => this._attempt(who, attempt));
    const end = mine.then(
      () => undefined,
      () => undefined
    );
    this._running.set(who.user, end);
    void end.then(() => this._running.get(who.user) === end && this._running.delete(who.user));
    return mine;
  }

  /** Where others say who somebody is there is nothing to guess; it is written down all the same. */
  async note(who: Who, outcome: SignIn['outcome']): Promise<void> {
    await this._records.noteSignIn({ ...who, outcome, time: this._clock.now() });
  }

  private async _attempt<T>(who: Who, attempt: () => Promise<T | null>): Promise<T | null> {
    await this._check(who);
    const result = await attempt();
    await this.note(who, result === null ? 'refused' : 'ok');
    return result;
  }

  private async _check({ user, address }: Who): Promise<void> {
    const now = this._clock.now();
    const refused = await this._records.refusals(user, address, now - WINDOW);
    const isKnown = await this._records.cameIn(user, address, now - KNOWN);
    const tooMany = isKnown
      ? refused.both >= PER_ACCOUNT
      : refused.user >= PER_ACCOUNT || refused.address >= PER_ADDRESS;
    if (tooMany) {
      throw new BranchbookError(
        'RATE_LIMITED',
        'Too many sign-ins were refused.',
        { seconds: WINDOW / 1000 },
        `Wait ${WINDOW / 60_000} minutes, then try again; or sign in where you did before.`
      );
    }
  }
}
