/** Whether a bucket keeps what it promises: conditional writes, and reads that see what was just written. */
import { hasCode } from '../../core/error';
import type { IBucket, IRandom } from '../../core/port';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** True when a condition that does not hold was refused for that reason. */
async function isRefused(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error: unknown) => hasCode(error, 'CONDITION_FAILED')
  );
}

/**
 * What it does not keep, in words; null when two may write at the same time. Writes three small objects and deletes them.
 * IO and PERMISSION_DENIED when it cannot be written to at all.
 */
export async function probeConditions(bucket: IBucket, random: IRandom): Promise<string | null> {
  const folder = bucket.below(`.branchbook/probe/${random.hex(8)}`);
  await folder.put('plain', bytes('1'));
  try {
    return (await raceCreates(folder)) ?? (await replaceStale(folder)) ?? (await readOverwritten(folder));
  } finally {
    for (const key of ['plain', 'race', 'stale']) {
      await folder.delete(key).catch(() => undefined);
    }
  }
}

async function raceCreates(folder: IBucket): Promise<string | null> {
  const racers = [1, 2].map(racer => folder.put('race', bytes(String(racer)), 'absent'));
  const settled = await Promise.allSettled(racers);
  const winners = settled.filter(({ status }) => status === 'fulfilled');
  const losers = settled.filter(one => one.status === 'rejected' && hasCode(one.reason, 'CONDITION_FAILED'));
  return winners.length === 1 && losers.length === 1 ? null : 'of two who create the same object, not exactly one wins';
}

async function replaceStale(folder: IBucket): Promise<string | null> {
  const { etag } = await folder.put('stale', bytes('1'));
  await folder.put('stale', bytes('2'));
  return (await isRefused(folder.put('stale', bytes('3'), { etag })))
    ? null
    : 'an object can be replaced by somebody who has read an older one';
}

async function readOverwritten(folder: IBucket): Promise<string | null> {
  await folder.put('plain', bytes('2'));
  const seen = await folder.get('plain');
  return seen && new TextDecoder().decode(seen.bytes) === '2' ? null : 'what was overwritten can still be read';
}
