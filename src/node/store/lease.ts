/**
 * Sessions and the collector exclude each other. A session writes its lease and then looks for a collector; the
 * collector writes its lock and then looks for leases: whatever the order, at least one sees the other and gives way.
 */
import { throwIfCancelled } from '../../core/cancel';
import { askForWay } from '../../core/give-way';
import { listNames, unlinkQuietly } from '../../core/durable';
import { isOwned, lockedBy, takeLease, takeLock } from '../../core/owner-file';
import type { OwnerTools, Release } from '../../core/owner-file';
import type { Activity, IClock } from '../../core/port';
import type { Layout } from './layout';

/** How long a session waits for a collector, in milliseconds: deleting takes seconds, packing anew minutes. */
const SESSION_PATIENCE = 10 * 60 * 1000;
/** How long a collector waits for sessions. Meanwhile new ones have to wait, so it gives up soon. */
const COLLECTOR_PATIENCE = 3000;
const PAUSE = 20;

export type LeaseTools = OwnerTools & { readonly clock: IClock };

/** The leases of one open store: its sessions share one file. */
export class Leases {
  private _holders = 0;
  private _lease: Promise<Release> | null = null;

  constructor(
    private readonly _tools: LeaseTools,
    private readonly _layout: Layout
  ) {}

  /** Keep collectors out until the release. LOCKED when one has not ended after some minutes. */
  async hold(activity: Activity = {}): Promise<Release> {
    this._lease ??= this._acquire(activity);
    const lease = this._lease;
    this._holders += 1;
    let open = true;
    const release = async (): Promise<void> => {
      if (open) {
        open = false;
        this._holders -= 1;
        if (this._holders === 0) {
          this._lease = null;
          await (
            await lease
          )();
        }
      }
    };
    try {
      await lease;
      return release;
    } catch (error) {
      open = false;
      this._holders -= 1;
      this._lease = this._lease === lease ? null : this._lease;
      throw error;
    }
  }

  /** Keep sessions out until the release. LOCKED when some that live do not end soon, or another collector works. */
  async exclude(activity: Activity = {}, patience = COLLECTOR_PATIENCE): Promise<Release> {
    const { clock } = this._tools;
    const release = await takeLock(this._tools, this._layout.collecting, 'gc');
    try {
      const deadline = clock.now() + patience;
      for (let lease = await this._anyLease(); lease; lease = await this._anyLease()) {
        throwIfCancelled(activity);
        if (clock.now() >= deadline) {
          throw await lockedBy(this._tools, lease);
        }
        await clock.sleep(PAUSE);
      }
      return release;
    } catch (error) {
      await release();
      throw error;
    }
  }

  private async _acquire(activity: Activity): Promise<Release> {
    const { clock, random } = this._tools;
    const deadline = clock.now() + SESSION_PATIENCE;
    for (;;) {
      const release = await takeLease(this._tools, `${this._layout.sessions}/${random.hex(8)}`, 'storing');
      if (!(await isOwned(this._tools, this._layout.collecting))) {
        return release;
      }
      await release();
      throwIfCancelled(activity);
      if (clock.now() > deadline) {
        throw await lockedBy(this._tools, this._layout.collecting);
      }
      await askForWay(this._tools.files, this._layout.home);
      await clock.sleep(PAUSE);
    }
  }

  /** Path of a live session's lease, if there is any; those of dead ones are removed. */
  private async _anyLease(): Promise<string | null> {
    const { files } = this._tools;
    for (const name of await listNames(files, this._layout.sessions)) {
      const path = `${this._layout.sessions}/${name}`;
      // A lease that is being written is none yet: its session will look for us after it has its name.
      if (!name.endsWith('.tmp') && (await files.lstat(path))) {
        if (await isOwned(this._tools, path)) {
          return path;
        }
        await unlinkQuietly(files, path);
      }
    }
    return null;
  }
}
