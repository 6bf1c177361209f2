/** Who has a project open: small objects in a bucket, each told again while it is true. */
import type { Identity } from '../model/access';
import type { Presence } from '../model/namespace';
import type { IBucket, IClock } from '../port';

/** Milliseconds after which somebody who tells nothing has left. */
const LIFETIME = 60_000;
/** Milliseconds after which what they told is deleted by whoever looks. */
const RUBBISH = 3_600_000;
/** People that are told of. */
const MAX_PEOPLE = 200;

export class PresenceBook {
  /** @param _bucket below a prefix of the project's own */
  constructor(
    private readonly _bucket: IBucket,
    private readonly _clock: Pick<IClock, 'now'>
  ) {}

  /** Tell where somebody is (null: they left), and who else is there, by name. */
  async tell(me: Identity, mine: Pick<Presence, 'branch' | 'document'> | null): Promise<readonly Presence[]> {
    const key = keyOf(me.user);
    if (mine) {
      const { branch, document } = mine;
      const told: Presence = {
        user: me.user,
        displayName: me.displayName,
        branch,
        document,
        seen: this._clock.now()
      };
      await this._bucket.put(key, new TextEncoder().encode(JSON.stringify(told)));
    } else {
      await this._bucket.delete(key);
    }
    return (await this._all()).filter(({ user }) => user !== me.user);
  }

  private async _all(): Promise<readonly Presence[]> {
    const now = this._clock.now();
    const found: Presence[] = [];
    for await (const { key } of this._bucket.list('')) {
      const told = await this._read(key);
      // Clocks of others may differ: somebody of the future is here.
      if (told && now - told.seen < LIFETIME) {
        found.push(told);
      } else if (!told || now - told.seen > RUBBISH) {
        await this._bucket.delete(key).catch(() => false);
      }
      if (found.length >= MAX_PEOPLE) {
        break;
      }
    }
    return found.sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
  }

  private async _read(key: string): Promise<Presence | null> {
    const found = await this._bucket.get(key);
    try {
      return found && (JSON.parse(new TextDecoder().decode(found.bytes)) as Presence);
    } catch {
      return null;
    }
  }
}

/** Names of people have characters that keys have not. */
function keyOf(user: string): string {
  const digits = [...new TextEncoder().encode(user)].map(byte => byte.toString(16).padStart(2, '0'));
  return `${digits.join('')}.json`;
}
