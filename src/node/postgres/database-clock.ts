/**
 * One clock for all hubs of a database: the database's own. What expires does so for all of them at once, and the log is in
 * the order in which things happened, whatever the clocks of their machines say.
 */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { IClock } from '../../core/port';
import type { Database } from './schema';

/** Milliseconds: as often the two clocks are compared. */
const INTERVAL = 30_000;
/** Questions in one comparison: the quickest answer counts. */
const QUESTIONS = 3;

/** Milliseconds since 1970, as the database has it. */
export async function databaseTime(db: Kysely<Database>): Promise<number> {
  const query = sql<{ time: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`;
  return (await query.execute(db)).rows[0]!.time;
}

export class DatabaseClock implements IClock {
  private _ahead = 0;
  private _timer: NodeJS.Timeout | null = null;

  private constructor(
    private readonly _ask: () => Promise<number>,
    private readonly _own: IClock
  ) {}

  /** `own`: of this machine; it tells how much time has passed since the two were compared. */
  static async open(ask: () => Promise<number>, own: IClock): Promise<DatabaseClock> {
    const clock = new DatabaseClock(ask, own);
    await clock.compare();
    // While the database does not answer, the last comparison holds.
    clock._timer = setInterval(() => void clock.compare().catch(() => undefined), INTERVAL).unref();
    return clock;
  }

  now(): number {
    return Math.round(this._own.now() + this._ahead);
  }

  offset(): number {
    return this._own.offset();
  }

  sleep(milliseconds: number): Promise<void> {
    return this._own.sleep(milliseconds);
  }

  async compare(): Promise<void> {
    let quickest = Infinity;
    let ahead = this._ahead;
    for (let question = 1; question <= QUESTIONS; question += 1) {
      const asked = this._own.now();
      const time = await this._ask();
      const took = this._own.now() - asked;
      if (took < quickest) {
        quickest = took;
        // The answer is as old as half of the time that it took.
        ahead = time - (asked + took / 2);
      }
    }
    this._ahead = ahead;
  }

  dispose(): void {
    clearInterval(this._timer ?? undefined);
  }
}
