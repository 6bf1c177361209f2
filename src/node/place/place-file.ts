/** What a folder or bucket says of itself: that it is a place of ours, and whether several may write at the same time. */
import { BranchbookError, hasCode } from '../../core/error';
import type { IBucket, IClock, IRandom } from '../../core/port';
import { probeConditions } from '../bucket/probe';

const KEY = '.branchbook/place.json';
const FORMAT = 'branchbook-place/1';

export type PlaceFile = {
  readonly format: typeof FORMAT;
  /** Milliseconds since 1970. */
  readonly probed: number;
  /** Why only one may write, in words; null when several may. */
  readonly flaw: string | null;
  /** Who that is; null when several may. */
  readonly writer: string | null;
};

/** null when there is no place yet. FORMAT_TOO_NEW, FORMAT_INVALID. */
export async function readPlaceFile(bucket: IBucket): Promise<PlaceFile | null> {
  const found = await bucket.get(KEY);
  if (!found) {
    return null;
  }
  const place = parse(bucket, found.bytes);
  if (place.format !== FORMAT) {
    throw new BranchbookError(
      'FORMAT_TOO_NEW',
      `${bucket.name} was written by a newer Branchbook (${place.format}).`,
      { found: place.format, supported: FORMAT },
      'Install a newer Branchbook.'
    );
  }
  return place;
}

function parse(bucket: IBucket, bytes: Uint8Array): PlaceFile {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as PlaceFile;
  } catch (error) {
    const reason = BranchbookError.from(error).message;
    throw new BranchbookError('FORMAT_INVALID', `${KEY} in ${bucket.name} is damaged: ${reason}.`, {
      format: 'place',
      reason
    });
  }
}

/** Find out what the bucket can do, and write it down. Of two who do so at once, the first one's word counts. */
export async function makePlaceFile(
  bucket: IBucket,
  user: string,
  { clock, random }: { readonly clock: Pick<IClock, 'now'>; readonly random: IRandom }
): Promise<PlaceFile> {
  const flaw = await probeConditions(bucket, random);
  const writer = flaw === null ? null : user;
  const place: PlaceFile = { format: FORMAT, probed: clock.now(), flaw, writer };
  const bytes = new TextEncoder().encode(`${JSON.stringify(place, null, 1)}\n`);
  try {
    await bucket.put(KEY, bytes, flaw === null ? 'absent' : undefined);
    return place;
  } catch (error) {
    if (!hasCode(error, 'CONDITION_FAILED')) {
      throw error;
    }
    return (await readPlaceFile(bucket)) ?? place;
  }
}
