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

export class DatabaseClock implements IClock {
  private _ahead = 0;
  private _timer: NodeJS.Timeout | null = null;

  private constructor(
    private readonly _db: Kysely<Database>,
    private readonly _own: IClock
  ) {}

  /** `own`: of this machine; it tells how much time has passed since the two were compared. */
  static async open(db: Kysely<Database>, own: IClock): Promise<DatabaseClock> {
    const clock = new DatabaseClock(db, own);
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

  /** The answer is as old as half of the time that it took. */
  async compare(): Promise<void> {
    const query = sql<{ time: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`;
    const asked = this._own.now();
    const { rows } = await query.execute(this._db);
    this._ahead = rows[0]!.time - (asked + this._own.now()) / 2;
  }

  dispose(): void {
    clearInterval(this._timer ?? undefined);
  }
}
