/** How often one caller may ask. Each has a bucket that fills steadily; every process of the hub counts for itself. */
import { BranchbookError } from '../../core/error';
import type { IClock } from '../../core/port';
import type { RateClass } from './route';

/** Requests a minute; as many may come at once. */
const perMinute: Record<Exclude<RateClass, 'none'>, number> = { 'sign-in': 20, ordinary: 1_200, transfer: 12_000 };
/** Tokens that nobody has, from one address. */
const FAILURES = 30;
/** Callers that are remembered. When there are more, those who have asked least recently start anew. */
const MAX_CALLERS = 50_000;
const MINUTE = 60_000;

type Bucket = { left: number; at: number };

export class RateLimits {
  private readonly _buckets = new Map<string, Bucket>();

  constructor(private readonly _clock: Pick<IClock, 'now'>) {}

  /** RATE_LIMITED when `caller` has asked too often. */
  take(rate: RateClass, caller: string): void {
    if (rate !== 'none') {
      this._take(`${rate} ${caller}`, perMinute[rate], 1);
    }
  }

  /** Somebody at `address` presented what nobody has. */
  failed(address: string): void {
    this._take(`failed ${address}`, FAILURES, 1);
  }

  /** RATE_LIMITED when that address presented too much of it. */
  checkFailures(address: string): void {
    this._take(`failed ${address}`, FAILURES, 0);
  }

  private _take(key: string, most: number, cost: number): void {
    const now = this._clock.now();
    const known = this._buckets.get(key);
    // A clock that was set back must neither fill nor block a bucket.
    const passed = known ? Math.max(0, now - known.at) : 0;
    const left = known ? Math.min(most, known.left + (passed * most) / MINUTE) : most;
    if (left < 1) {
      const seconds = Math.ceil(((1 - left) * MINUTE) / most / 1000);
      this._remember(key, { left, at: now });
      throw new BranchbookError(
        'RATE_LIMITED',
        'Too many requests.',
        { seconds },
        `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
      );
    }
    if (known || cost > 0) {
      this._remember(key, { left: left - cost, at: now });
    }
  }

  private _remember(key: string, bucket: Bucket): void {
    this._buckets.delete(key);
    this._buckets.set(key, bucket);
    if (this._buckets.size > MAX_CALLERS) {
      this._buckets.delete(this._buckets.keys().next().value as string);
    }
  }
}
