import { throwIfCancelled } from '../cancel';
import { HASH_BYTES, spellHash, toHex } from '../chunk/hash';
import { mapConcurrently } from '../concurrency';
import { encodeShard } from '../format/shard';
import type { Sha256 } from '../model/asset';
import type { Transfer } from '../model/sharing';
import type { Activity, ContentChunks, IAssetStore, IRemoteAssets } from '../port';
import { Meter } from './meter';
import { describeContent, eachChunk, planPacks } from './plan-packs';
import type { PackPlan, Place } from './plan-packs';
import { readManifest } from './remote-manifest';

/** Contents asked for at once. */
const ASKED_AT_ONCE = 5000;
/** Chunks that are planned together (8 GiB), and described by one manifest: bounds memory. */
const PLANNED_AT_ONCE = 128 * 1024;
/** Hashes in one question where chunks are: 1 MiB. */
const LOCATED_AT_ONCE = 32 * 1024;
/** Packs that are sent at the same time. */
const SENT_AT_ONCE = 3;

type Sides = { readonly local: IAssetStore; readonly remote: IRemoteAssets; readonly meter: Meter };

/**
 * Bring contents of the local store to a place: only chunks that it lacks travel, then one manifest. What is there already
 * is skipped, so that a push that was killed goes on where it was. ASSET_MISSING when one is not here; OBJECT_CORRUPT;
 * CANCELLED. Afterwards git objects and refs may name the contents.
 */
export async function sendContents(
  local: IAssetStore,
  remote: IRemoteAssets,
  contents: readonly Sha256[],
  activity: Activity = {}
): Promise<Transfer> {
  const sides = { local, remote, meter: new Meter('sending', activity) };
  const wanted = await absentThere(sides, [...new Set(contents)]);
  if (wanted.length === 0) {
    return sides.meter.transfer(0, 0);
  }
  // Maintenance would change how chunks are stored between planning and sending.
  const release = await local.hold(activity);
  try {
    let bytes = 0;
    for await (const batch of inBatches(sides, wanted, activity)) {
      await sendBatch(sides, batch);
      bytes += bytesOf(batch);
    }
    return sides.meter.transfer(wanted.length, bytes);
  } finally {
    await release();
  }
}

async function absentThere({ local, remote, meter }: Sides, contents: readonly Sha256[]): Promise<readonly Sha256[]> {
  const absent: Sha256[] = [];
  for (let at = 0; at < contents.length; at += ASKED_AT_ONCE) {
    const asked = contents.slice(at, at + ASKED_AT_ONCE);
    const there = await remote.keep(asked, meter.activity);
    for (const sha256 of asked.filter(sha256 => !there.has(sha256))) {
      // The empty file is everywhere.
      if ((await local.info(sha256))?.size !== 0) {
        absent.push(sha256);
      }
    }
  }
  return absent;
}

async function* inBatches(
  { local }: Sides,
  contents: readonly Sha256[],
  activity: Activity
): AsyncGenerator<readonly ContentChunks[]> {
  let batch: ContentChunks[] = [];
  let chunks = 0;
  for (const sha256 of contents) {
    throwIfCancelled(activity);
    const content = await local.contentChunks(sha256, { signal: activity.signal });
    if (batch.length > 0 && chunks + content.lengths.length > PLANNED_AT_ONCE) {
      yield batch;
      batch = [];
      chunks = 0;
    }
    batch.push(content);
    chunks += content.lengths.length;
  }
  yield batch;
}

async function sendBatch(sides: Sides, contents: readonly ContentChunks[]): Promise<void> {
  const { local, remote, meter } = sides;
  meter.expect(bytesOf(contents));
  const places = await placesThere(sides, contents);
  const packs = planPacks(local.hasher, contents, places);
  const toSend = packs.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  meter.worked(Math.max(0, bytesOf(contents) - toSend));
  await mapConcurrently(packs, pack => sendPack(sides, pack), SENT_AT_ONCE);
  const files = contents.map(content => describeContent(local.hasher, content, places));
  const manifest = encodeShard({ files, xorbs: packs }, Math.floor(Date.now() / 1000));
  await remote.writeManifest(manifest, meter.activity);
  meter.travelled(manifest.length);
}

/** Places of the chunks that are at the remote, by their hash. */
async function placesThere({ remote, meter }: Sides, contents: readonly ContentChunks[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const hashes of distinctHashes(contents)) {
    const { xorbs } = readManifest(await remote.locate(hashes, meter.activity));
    for (const { hash, chunks } of xorbs.values()) {
      for (let index = 0; index < chunks.count; index++) {
        places.set(toHex(chunks.hash(index)), { xorb: hash, index });
      }
    }
  }
  return places;
}

/** Every chunk's hash once, in pieces that can be asked for. */
function distinctHashes(contents: readonly ContentChunks[]): readonly Uint8Array[] {
  const distinct = new Map<string, Uint8Array>();
  eachChunk(contents, hash => distinct.set(toHex(hash), hash));
  const hashes = [...distinct.values()];
  const questions: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += LOCATED_AT_ONCE) {
    const asked = hashes.slice(at, at + LOCATED_AT_ONCE);
    const question = new Uint8Array(asked.length * HASH_BYTES);
    asked.forEach((hash, index) => question.set(hash, index * HASH_BYTES));
    questions.push(question);
  }
  return questions;
}

async function sendPack(sides: Sides, pack: PackPlan): Promise<void> {
  const { remote, meter } = sides;
  let sent = 0;
  const onPiece = (bytes: number): void => {
    // What had to be sent twice is done once.
    const done = Math.min(bytes, pack.storedBytes - sent);
    sent += done;
    meter.worked(done);
    meter.travelled(bytes);
  };
  throwIfCancelled(meter.activity);
  const open = (): AsyncIterable<Uint8Array> => packedPieces(sides, pack, onPiece);
  await remote.writeXorb(spellHash(pack.hash), pack.storedBytes, open, meter.activity);
  // A pack that was there already was not read.
  meter.worked(pack.storedBytes - sent);
}

async function* packedPieces(
  { local, meter }: Sides,
  { pieces }: PackPlan,
  onPiece: (bytes: number) => void
): AsyncGenerator<Uint8Array> {
  for (const { sha256, start, end } of pieces) {
    for await (const bytes of local.packedChunks(sha256, start, end)) {
      throwIfCancelled(meter.activity);
      yield bytes;
      onPiece(bytes.length);
    }
  }
}

const bytesOf = (contents: readonly ContentChunks[]): number => contents.reduce((sum, { size }) => sum + size, 0);
