/** How the database is asked: its failures in the words of the error table, and again where that is right. */
import type { Kysely, Transaction } from 'kysely';
import type { IClock } from '../../core/port';
import { databaseError, isConnectionLoss, isTransient } from './database-error';

/** Milliseconds: a database that restarts is back in so long, mostly, and so long is waited before it is asked again. */
const PATIENCE = 15_000;
const PAUSE = 250;
/** Transactions that met others. */
const ATTEMPTS = 5;

export type Patience = Pick<IClock, 'now' | 'sleep'>;

export class DatabaseCalls<Tables> {
  constructor(
    private readonly _db: Kysely<Tables>,
    private readonly _clock: Patience
  ) {}

  /** PLACE_UNREACHABLE when the answer may have been lost: whether it happened is not known then. */
  async once<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await work(this._db);
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** For what may be done twice: when the connection breaks, it is done again. `lost`: for how often that was. */
  async again<T>(work: (db: Kysely<Tables>, lost: number) => Promise<T>): Promise<T> {
    const start = this._clock.now();
    for (let lost = 0; ; lost += 1) {
      try {
        return await work(this._db, lost);
      } catch (error) {
        if (!isConnectionLoss(error) || Math.abs(this._clock.now() - start) > PATIENCE) {
          throw databaseError(error);
        }
        await this._clock.sleep(PAUSE);
      }
    }
  }
}

/** One transaction; again when it met another and was undone. */
export async function inTransaction<Tables, T>(
  db: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isTransient(error) || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}
