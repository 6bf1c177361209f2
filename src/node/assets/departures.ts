/**
 * Which packs of a project leave its place, in one object that is only ever replaced by compare-and-swap. A collection lists
 * what nothing needs, and deletes what stayed listed for the grace period; whoever is about to make refs need a pack takes it
 * off the list. Why that is safe stands in core/format/README.md, "Collection at places".
 */
import { BranchbookError, hasCode } from '../../core/error';
import type { XetHash } from '../../core/model/asset';
import type { IBucket } from '../../core/port';
import { placeTime } from '../bucket/place-time';

const KEY = 'leaving.json';
const FORMAT = 1;
/** Milliseconds for which nobody touches packs that somebody began to delete; who deletes stops after `DELETING`. */
const CLAIM = 60 * 60_000;
export const DELETING = 30 * 60_000;
/** How often others may be faster, one after the other. */
const ATTEMPTS = 50;

export type Leaving = {
  /** Random: what is written never equals what was there before, also where etags are hashes. */
  readonly nonce: string;
  /** Since when each is listed, in milliseconds of the place's clock. */
  readonly since: ReadonlyMap<XetHash, number>;
  /** Those that are being deleted, and when that began; they are in `since` too. */
  readonly claim: { readonly at: number; readonly packs: ReadonlySet<XetHash> } | null;
  /** Refs of a history that the place does not know lead to contents here. */
  readonly elsewhere: boolean;
  readonly etag: string;
};

type Edit = Partial<Pick<Leaving, 'since' | 'claim' | 'elsewhere'>>;

export class Departures {
  constructor(
    private readonly _bucket: IBucket,
    private readonly _nonce: () => string
  ) {}

  /** null when nothing was ever collected here. */
  async read(): Promise<Leaving | null> {
    const found = await this._bucket.get(KEY);
    return found && decode(found.bytes, found.object.etag);
  }

  /** By the place's own clock, in milliseconds. */
  now(): Promise<number> {
    return placeTime(this._bucket);
  }

  /** Take packs off the list as it was read. False when it is another one by now; LOCKED when they are being deleted. */
  async spare(seen: Leaving | null, packs: readonly XetHash[]): Promise<boolean> {
    const listed = packs.filter(pack => seen?.since.has(pack));
    if (!seen || listed.length === 0) {
      return true;
    }
    if (listed.some(pack => seen.claim?.packs.has(pack))) {
      await this._refuseClaimed(seen);
    }
    return this._replace(seen, without(seen, listed));
  }

  /** From now on nobody can tell what is needed here. */
  async markElsewhere(): Promise<void> {
    await this._change(seen => (seen?.elsewhere ? null : { elsewhere: true }));
  }

  /** These are all that nothing needs. Others are not listed any more. LOCKED. */
  async list(packs: ReadonlySet<XetHash>): Promise<void> {
    const now = await this.now();
    await this._change(async seen => {
      await this._refuseClaimed(seen);
      const since = new Map([...packs].map(pack => [pack, seen?.since.get(pack) ?? now]));
      const isSame = since.size === (seen?.since.size ?? 0) && [...since].every(([pack]) => seen?.since.has(pack));
      return isSame && !seen?.claim ? null : { since, claim: null };
    });
  }

  /** Begin to delete those of `packs` that are listed since the time they are said to be: gives them. LOCKED. */
  async claim(packs: ReadonlyMap<XetHash, number>): Promise<readonly XetHash[]> {
    let claimed: readonly XetHash[] = [];
    await this._change(async seen => {
      await this._refuseClaimed(seen);
      claimed = [...packs].flatMap(([pack, since]) => (seen?.since.get(pack) === since ? [pack] : []));
      return claimed.length === 0 ? null : { claim: { at: await this.now(), packs: new Set(claimed) } };
    });
    return claimed;
  }

  /** They are deleted. */
  async release(packs: readonly XetHash[]): Promise<void> {
    await this._change(seen => seen && without(seen, packs));
  }

  /** LOCKED when somebody else deletes, or was cut off a moment ago: what they sent may still arrive. */
  private async _refuseClaimed(seen: Leaving | null): Promise<void> {
    if (seen?.claim && (await this.now()) - seen.claim.at < CLAIM) {
      throw locked(this._bucket.name, 'A collection is deleting here, or was cut off less than an hour ago.');
    }
  }

  /** null = it shall stay as it is. */
  private async _change(edit: (seen: Leaving | null) => Edit | null | Promise<Edit | null>): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const seen = await this.read();
      const change = await edit(seen);
      if (!change || (await this._replace(seen, change))) {
        return;
      }
    }
    throw locked(this._bucket.name, 'Others are pushing here all the time.');
  }

  private async _replace(seen: Leaving | null, edit: Edit): Promise<boolean> {
    const { since, claim, elsewhere } = {
      since: new Map<XetHash, number>(),
      claim: null,
      elsewhere: false,
      ...seen,
      ...edit
    };
    const json = {
      format: FORMAT,
      nonce: this._nonce(),
      since: Object.fromEntries(since),
      claim: claim && { at: claim.at, packs: [...claim.packs] },
      elsewhere
    };
    try {
      const bytes = new TextEncoder().encode(`${JSON.stringify(json)}\n`);
      await this._bucket.put(KEY, bytes, seen ? { etag: seen.etag } : 'absent');
      return true;
    } catch (error) {
      if (hasCode(error, 'CONDITION_FAILED')) {
        return false;
      }
      throw error;
    }
  }
}

function without({ since, claim }: Leaving, packs: readonly XetHash[]): Edit {
  const gone = new Set(packs);
  const left = new Set([...(claim?.packs ?? [])].filter(pack => !gone.has(pack)));
  return {
    since: new Map([...since].filter(([pack]) => !gone.has(pack))),
    claim: claim && left.size > 0 ? { at: claim.at, packs: left } : null
  };
}

/** FORMAT_INVALID, FORMAT_TOO_NEW. */
function decode(bytes: Uint8Array, etag: string): Leaving {
  try {
    const told = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
      readonly format: number;
      readonly nonce: string;
      readonly since: Readonly<Record<XetHash, number>>;
      readonly claim: { readonly at: number; readonly packs: readonly XetHash[] } | null;
      readonly elsewhere: boolean;
    };
    if (told.format !== FORMAT) {
      const data = { found: told.format, supported: FORMAT };
      const message = `${KEY} was written by a newer Branchbook.`;
      throw new BranchbookError('FORMAT_TOO_NEW', message, data, 'Install a newer Branchbook.');
    }
    return {
      nonce: told.nonce,
      since: new Map(Object.entries(told.since)),
      claim: told.claim && { at: told.claim.at, packs: new Set(told.claim.packs) },
      elsewhere: told.elsewhere,
      etag
    };
  } catch (error) {
    if (error instanceof BranchbookError) {
      throw error;
    }
    const reason = String(error);
    throw new BranchbookError('FORMAT_INVALID', `${KEY} cannot be read: ${reason}.`, { format: KEY, reason });
  }
}

function locked(path: string, reason: string): BranchbookError {
  return new BranchbookError('LOCKED', `${reason} Nothing was changed.`, { path }, 'Try again in an hour.');
}
