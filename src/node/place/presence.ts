/** Who has a project open, where no server knows: each leaves an object, and all look at their times. */
import { hasCode } from '../../core/error';
import type { Identity } from '../../core/model/access';
import type { Presence } from '../../core/model/namespace';
import type { BucketObject, IBucket, IClock } from '../../core/port';

/** Milliseconds after which somebody who says nothing is gone. */
const FORGOTTEN = 60_000;

type Left = Omit<Presence, 'seen'>;

/** Those who only read a place cannot be seen in it. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!hasCode(error, 'PERMISSION_DENIED')) {
      throw error;
    }
  });
}

/** `bucket`: that of the presence in one project. */
export async function tellPresence(
  bucket: IBucket,
  clock: Pick<IClock, 'now'>,
  { user, displayName }: Identity,
  mine: Pick<Presence, 'branch' | 'document'> | null
): Promise<readonly Presence[]> {
  const key = `${encodeURIComponent(user)}.json`;
  const left: Left | null = mine && { user, displayName, branch: mine.branch, document: mine.document };
  await quietly(
    left ? bucket.put(key, new TextEncoder().encode(`${JSON.stringify(left)}\n`)) : bucket.delete(key).then()
  );
  const objects: BucketObject[] = [];
  for await (const object of bucket.list('')) {
    objects.push(object);
  }
  // Times are the bucket's: a wrong clock here makes nobody disappear.
  const now = objects.find(object => left && object.key === key)?.modified ?? clock.now();
  const others = objects.filter(object => object.key !== key && now - object.modified < FORGOTTEN);
  const found = await Promise.all(others.map(object => read(bucket, object)));
  return found.flatMap(presence => presence ?? []);
}

async function read(bucket: IBucket, { key, modified }: BucketObject): Promise<Presence | null> {
  const found = await bucket.get(key);
  try {
    const left = found && (JSON.parse(new TextDecoder().decode(found.bytes)) as Left);
    return left && typeof left.user === 'string' ? { ...left, seen: modified } : null;
  } catch {
    // Somebody else's program wrote something else there.
    return null;
  }
}
