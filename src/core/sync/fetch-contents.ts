import { toHex } from '../chunk/hash';
import { BranchbookError } from '../error';
import type { Sha256 } from '../model/asset';
import type { Transfer } from '../model/sharing';
import type { Activity, ArrivingChunk, IAssetStore, IRemoteAssets, IStoreSession } from '../port';
import { Meter } from './meter';
import { readChunks } from './read-chunks';
import type { ReadChunk } from './read-chunks';
import { chunksOf, readManifest } from './remote-manifest';
import type { RemoteChunk, RemoteContent } from './remote-manifest';

/** Contents that one manifest is asked for. */
const BATCH = 500;
/** From so many bytes on it is worth a look at what a fetch that was killed left. */
const WORTH_TAKING_OVER = 64 * 1024 * 1024;

/**
 * Bring contents of a place into the local store: only chunks that it lacks travel; each is compared with its hash, each
 * content with its SHA-256. What came before a failure or a cancel need not come again. ASSET_MISSING when the place has
 * one not; OBJECT_CORRUPT; CANCELLED; DISK_FULL before it comes when there is no room for it and `besides`, the bytes that
 * the caller writes afterwards. A range of a content without storing it: `IRemoteAssets.read`.
 */
export async function fetchContents(
  local: IAssetStore,
  remote: IRemoteAssets,
  contents: readonly Sha256[],
  activity: Activity = {},
  besides = 0
): Promise<Transfer> {
  const meter = new Meter('receiving', activity);
  const wanted: Sha256[] = [];
  for (const sha256 of new Set(contents)) {
    if (!(await local.has(sha256))) {
      wanted.push(sha256);
    }
  }
  if (wanted.length === 0) {
    return meter.transfer(0, 0);
  }
  const session = await local.begin(activity);
  try {
    let bytes = 0;
    for (let at = 0; at < wanted.length;) {
      const fetched = await fetchBatch({ session, remote, meter, besides }, wanted.slice(at, at + BATCH));
      bytes += fetched.bytes;
      at += fetched.contents;
    }
    await session.commit();
    return meter.transfer(wanted.length, bytes);
  } catch (error) {
    await session.abort();
    throw error;
  }
}

type Sides = {
  readonly session: IStoreSession;
  readonly remote: IRemoteAssets;
  readonly meter: Meter;
  readonly besides: number;
};

/** Fetches as many of the contents, the first ones, as the place describes at once. */
async function fetchBatch(
  { session, remote, meter, besides }: Sides,
  batch: readonly Sha256[]
): Promise<{ readonly contents: number; readonly bytes: number }> {
  const manifest = await remote.manifest(batch, meter.activity);
  meter.travelled(manifest.length);
  const described = describedFirst(batch, readManifest(manifest).contents);
  const wanted = inOrderOfPacks(described);
  const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
  meter.expect(bytes);
  if (bytes >= WORTH_TAKING_OVER) {
    await session.takeOver();
  }
  const plans = planReads(wanted, hash => session.knows(hash));
  const needed = plans.flatMap(({ needed }) => needed);
  await session.reserve(besides + needed.reduce((sum, { xorb, index }) => sum + xorb.chunks.length(index), 0));
  const coming = readChunks(remote, needed, { ...meter.activity, onBytes: count => meter.travelled(count) });
  try {
    for (const { content, needed } of plans) {
      const chunks = arriving(content, needed, coming, meter);
      await session.receive(content.sha256, chunks, meter.activity);
    }
  } finally {
    await coming.return(undefined);
  }
  return { contents: described.length, bytes };
}

function describedFirst(
  batch: readonly Sha256[],
  contents: ReadonlyMap<Sha256, RemoteContent>
): readonly RemoteContent[] {
  const absent = batch.findIndex(sha256 => !contents.has(sha256));
  const first = absent < 0 ? batch : batch.slice(0, absent);
  return first.length === 0 ? missing(batch[0]!) : first.map(sha256 => contents.get(sha256)!);
}

function missing(sha256: Sha256): never {
  throw new BranchbookError(
    'ASSET_MISSING',
    `The place does not have the content ${sha256}.`,
    { sha256 },
    'Ask who made the snapshot to push again.'
  );
}

/** Contents that lie side by side are read together. */
function inOrderOfPacks(contents: readonly RemoteContent[]): readonly RemoteContent[] {
  const order = new Map<unknown, number>();
  contents.forEach(({ terms }) => terms.forEach(({ xorb }) => order.set(xorb, order.get(xorb) ?? order.size)));
  const place = ({ terms: [first] }: RemoteContent): readonly [number, number] =>
    first ? [order.get(first.xorb)!, first.start] : [-1, 0];
  return [...contents].sort((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
}

type Plan = { readonly content: RemoteContent; readonly needed: readonly RemoteChunk[] };

/** Each chunk travels once, whatever number of times it occurs. */
function planReads(contents: readonly RemoteContent[], isKnown: (hash: Uint8Array) => boolean): readonly Plan[] {
  const planned = new Set<string>();
  return contents.map(content => {
    const needed: RemoteChunk[] = [];
    for (const chunk of chunksOf(content)) {
      const hash = chunk.xorb.chunks.hash(chunk.index);
      if (!isKnown(hash) && !planned.has(toHex(hash))) {
        planned.add(toHex(hash));
        needed.push(chunk);
      }
    }
    return { content, needed };
  });
}

/** The chunks of a content, those that are needed with the bytes that come. */
async function* arriving(
  content: RemoteContent,
  needed: readonly RemoteChunk[],
  coming: AsyncGenerator<ReadChunk>,
  meter: Meter
): AsyncGenerator<ArrivingChunk> {
  let used = 0;
  for (const { xorb, index } of chunksOf(content)) {
    const length = xorb.chunks.length(index);
    const isNext = needed[used]?.xorb === xorb && needed[used]?.index === index;
    const chunk = isNext ? await coming.next() : null;
    used += isNext ? 1 : 0;
    yield { hash: xorb.chunks.hash(index), length, bytes: chunk && !chunk.done ? chunk.value.bytes : null };
    meter.worked(length);
  }
}
