import { HASH_BYTES, spellHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { mapConcurrently } from '../../core/concurrency';
import { BranchbookError } from '../../core/error';
import { decodeShard, encodeShard } from '../../core/format/shard';
import type { NewShardXorb } from '../../core/format/shard';
import type { Pointer, Sha256, XetHash } from '../../core/model/asset';
import type { PlaceCollection, PlaceCollectionRequest } from '../../core/model/maintenance';
import type { Activity, FindNeeded, IBucket, IFileSystem, IStoredAssets } from '../../core/port';
import { readContent } from '../../core/sync/read-content';
import { readManifest } from '../../core/sync/remote-manifest';
import type { RemoteXorb } from '../../core/sync/remote-manifest';
import { gathered } from '../bucket/pieces';
import { random } from '../process/time';
import type { Catalog } from '../store/catalog';
import type { Digests } from '../store/digest';
import { isEmptyFile, inPieces } from '../store/read-file';
import { collectAssets } from './collect-assets';
import { takeIn } from './content-intake';
import { Departures } from './departures';
import { describeFiles, describeXorb, firstOf } from './describe';
import { absentPack, describeIncoming, readIncoming, refused, verifyFile, verifyListing } from './incoming-manifest';
import type { IncomingManifest } from './incoming-manifest';
import { ShardCache, unlessThere } from './shard-cache';
import { xorbKey } from './xorb-key';
import { XorbVerifier } from './xorb-verifier';

/** Xorbs that one answer lists: those with most of the chunks asked for. At most about 16 MiB. */
const LISTED_AT_ONCE = 256;
/** Chunks that one manifest lists for several contents: 8 GiB of them, and about as many MiB. */
const DESCRIBED_AT_ONCE = 128 * 1024;
/** What comes over a network comes in pieces of 64 KiB: each costs a way through everything behind it. */
const PIECE_BYTES = 1024 * 1024;
/** Layouts that are remembered: about 200 bytes each. */
const LAYOUTS = 10_000;

export type BucketAssetsOptions = {
  readonly bucket: IBucket;
  readonly files: IFileSystem;
  /** A folder for copies of manifests; only for this bucket. */
  readonly cache: string;
  readonly hasher: IHasher;
  /** Compare everything that comes with what it says it is, for who cannot trust the writer; null = trust. */
  readonly verify: Digests | null;
  /** Chunks; for tests. */
  readonly describedAtOnce?: number;
};

/** The packs and manifests of a project in a bucket: for folders and buckets as places, and as the hub's own store. */
export class BucketAssets implements IStoredAssets {
  private readonly _shards: ShardCache;
  private readonly _departures: Departures;
  private _begun = false;
  /** The list of what leaves, as it was when the manifests were looked at. */
  private _seen: string | null = null;
  /** Of packs that were verified lately: a hash of where their chunks lie. */
  private readonly _layouts = new Map<XetHash, string>();

  constructor(private readonly _options: BucketAssetsOptions) {
    const { files, cache, bucket, hasher } = _options;
    this._shards = new ShardCache(files, cache, bucket, hasher);
    this._departures = new Departures(bucket, () => random.hex(8));
  }

  /** About so many bytes of memory. */
  get weight(): number {
    return this._shards.weight;
  }

  async has(contents: readonly Sha256[], activity: Activity = {}): Promise<ReadonlySet<Sha256>> {
    const isThere = (sha256: Sha256): boolean => isEmptyFile(sha256) || this._catalog.records(sha256).length > 0;
    if (!this._begun || !contents.every(isThere)) {
      await this._shards.refresh(activity);
      this._begun = true;
    }
    return new Set(contents.filter(isThere));
  }

  async keep(
    contents: readonly Sha256[],
    { elsewhere = false, ...activity }: Activity & { readonly elsewhere?: boolean } = {}
  ): Promise<ReadonlySet<Sha256>> {
    if (elsewhere) {
      await this._departures.markElsewhere();
    }
    let there: ReadonlySet<Sha256> = new Set();
    await this._hold(async () => {
      there = await this.has(contents, activity);
      const records = [...there].flatMap(sha256 => this._catalog.records(sha256));
      return records.flatMap(({ terms }) => terms.map(({ xorb }) => this._catalog.xorbs[xorb]!.hash));
    }, activity);
    return there;
  }

  async isLeaving(): Promise<boolean> {
    const seen = await this._departures.read();
    return seen !== null && seen.since.size > 0;
  }

  async wasCollected(): Promise<boolean> {
    return (await this._departures.read()) !== null;
  }

  async collect(
    request: PlaceCollectionRequest,
    needed: FindNeeded,
    activity: Activity = {}
  ): Promise<PlaceCollection> {
    const { bucket, hasher } = this._options;
    const tools = { bucket, hasher, shards: this._shards, departures: this._departures };
    return collectAssets(tools, request, needed, activity);
  }

  async xorbSize(xorb: XetHash): Promise<number | null> {
    return (await this._options.bucket.head(xorbKey(xorb)))?.size ?? null;
  }

  async size(sha256: Sha256): Promise<number | null> {
    const there = await this.has([sha256]);
    return there.has(sha256) ? (this._catalog.records(sha256)[0]?.size ?? 0) : null;
  }

  async store(
    content: Pointer,
    pieces: AsyncIterable<Uint8Array>,
    options: Activity & { readonly onStored: (bytes: number) => void }
  ): Promise<void> {
    const { hasher, bucket } = this._options;
    await this.has([], options);
    const writePack = async (name: XetHash, bytes: Uint8Array): Promise<void> => {
      if (!(await bucket.head(xorbKey(name)))) {
        options.onStored(bytes.length);
        await unlessThere(() => bucket.put(xorbKey(name), bytes, 'absent'));
      }
    };
    const tools = { hasher, catalog: this._catalog, known: await this._shards.table(), writePack };
    await this._publish(await takeIn(tools, content, pieces, options));
  }

  async manifest(contents: readonly Sha256[], activity: Activity = {}): Promise<Uint8Array> {
    const there = await this.has(contents, activity);
    const absent = contents.find(sha256 => !there.has(sha256));
    if (absent !== undefined) {
      throw missing(absent);
    }
    const records = contents.flatMap(sha256 => this._catalog.records(sha256)[0] ?? []);
    const first = firstOf(this._catalog, records, this._options.describedAtOnce ?? DESCRIBED_AT_ONCE);
    return encodeShard(await describeFiles(this._options.hasher, this._catalog, first), 0);
  }

  async locate(chunks: Uint8Array, activity: Activity = {}): Promise<Uint8Array> {
    await this.has([], activity);
    const table = await this._shards.table();
    const hits = new Map<number, number>();
    for (let at = 0; at + HASH_BYTES <= chunks.length; at += HASH_BYTES) {
      const entry = table.find(chunks.subarray(at, at + HASH_BYTES));
      if (entry >= 0) {
        const { xorb } = table.place(entry);
        hits.set(xorb, (hits.get(xorb) ?? 0) + 1);
      }
    }
    const best = [...hits].sort((a, b) => b[1] - a[1]).slice(0, LISTED_AT_ONCE);
    const xorbs: NewShardXorb[] = [];
    for (const [xorb] of best) {
      xorbs.push(await describeXorb(this._catalog, xorb));
    }
    return encodeShard({ files: [], xorbs }, 0);
  }

  async readXorb(xorb: XetHash, start: number, into: Uint8Array, activity: Activity = {}): Promise<number> {
    let filled = 0;
    for await (const piece of this.xorbPieces(xorb, start, start + into.length, activity)) {
      into.set(piece, filled);
      filled += piece.length;
    }
    return filled;
  }

  async *xorbPieces(xorb: XetHash, start: number, end: number, activity: Activity = {}): AsyncGenerator<Uint8Array> {
    const pieces = await this._options.bucket.read(xorbKey(xorb), start, end, activity);
    if (!pieces) {
      throw new BranchbookError('OBJECT_CORRUPT', `The place lacks the pack ${xorb}.`, { xorb });
    }
    yield* pieces;
  }

  async writeXorb(
    xorb: XetHash,
    size: number,
    open: () => AsyncIterable<Uint8Array>,
    activity: Activity = {}
  ): Promise<void> {
    const { bucket, verify, hasher } = this._options;
    const key = xorbKey(xorb);
    if (await bucket.head(key)) {
      return;
    }
    const verifier = verify ? new XorbVerifier(hasher, xorb, size) : null;
    const pieces = verifier ? verifier.through(gathered(open(), Math.min(size, PIECE_BYTES))) : open();
    await unlessThere(() => bucket.putStream(key, size, pieces, 'absent', activity));
    if (verifier) {
      this._remember(xorb, verifier.layout);
    }
  }

  async writeManifest(shard: Uint8Array, activity: Activity = {}): Promise<void> {
    const { verify } = this._options;
    await this._shards.refresh(activity);
    const manifest = await readIncoming(this._catalog, shard);
    await mapConcurrently(manifest.xorbs, xorb => this._mustHave(xorb));
    const bytes = verify ? await this._verified(manifest, verify, activity) : shard;
    if (bytes) {
      await this._publish(bytes);
    }
  }

  async *read(sha256: Sha256, start = 0, end = Infinity, activity: Activity = {}): AsyncGenerator<Uint8Array> {
    if (isEmptyFile(sha256)) {
      return;
    }
    const content = readManifest(await this.manifest([sha256], activity)).contents.get(sha256)!;
    const range = { start: Math.max(0, start), end: Math.min(end, content.size) };
    const bytes = readContent(this, this._options.hasher, content, range, activity);
    yield* inPieces(bytes, Math.max(0, range.end - range.start));
  }

  private get _catalog(): Catalog {
    return this._shards.catalog;
  }

  /** ASSET_MISSING when a pack that it names was collected meanwhile. */
  private async _publish(shard: Uint8Array): Promise<void> {
    const { files, xorbs } = decodeShard(shard);
    const hashes = [...files.flatMap(({ terms }) => terms.map(({ xorb }) => xorb)), ...xorbs.map(({ hash }) => hash)];
    const packs = [...new Set(hashes.map(spellHash))];
    if (await this._hold(async () => packs)) {
      await mapConcurrently(packs, async pack => {
        if ((await this.xorbSize(pack)) === null) {
          throw absentPack(pack);
        }
      });
    }
    await this._shards.publish(shard);
  }

  /**
   * The packs that `find` gives are on no list of what leaves, and what it saw was there at that time. False when nothing
   * was ever collected here. LOCKED while they are being deleted.
   */
  private async _hold(find: () => Promise<readonly XetHash[]>, activity: Activity = {}): Promise<boolean> {
    for (;;) {
      const leaving = await this._departures.read();
      if (leaving && leaving.nonce !== this._seen) {
        await this._shards.refreshAnew(activity);
        this._seen = leaving.nonce;
      }
      if (await this._departures.spare(leaving, await find())) {
        return leaving !== null;
      }
    }
  }

  /** ASSET_MISSING, OBJECT_CORRUPT. */
  private async _mustHave({ name, offsets }: RemoteXorb): Promise<void> {
    const there = await this._options.bucket.head(xorbKey(name));
    if (!there) {
      throw absentPack(name);
    }
    if (there.size !== offsets[offsets.length - 1]) {
      throw refused(`the pack ${name} has ${there.size} bytes, other than it says`);
    }
  }

  /** The manifest as we would have written it, of what was not there yet; null when nothing is new in it. */
  private async _verified(
    manifest: IncomingManifest,
    digests: Digests,
    activity: Activity
  ): Promise<Uint8Array | null> {
    const { hasher } = this._options;
    const xorbs = manifest.xorbs.filter(({ name }) => this._catalog.listed(name) === null);
    for (const xorb of xorbs) {
      verifyListing(hasher, xorb);
      await this._verifyLayout(xorb, activity);
    }
    const files = manifest.files.filter(({ content }) => this._catalog.records(content.sha256).length === 0);
    for (const file of files) {
      await verifyFile({ remote: this, hasher, digests }, file, activity);
    }
    const isNew = files.length > 0 || xorbs.length > 0;
    return isNew ? encodeShard(describeIncoming(hasher, { files, xorbs }), Math.floor(Date.now() / 1000)) : null;
  }

  /** Where the manifest says that the chunks lie is where they do. OBJECT_CORRUPT. */
  private async _verifyLayout({ name, chunks, offsets }: RemoteXorb, activity: Activity): Promise<void> {
    const claimed = Uint32Array.from({ length: chunks.count }, (_, index) => chunks.stored(index));
    if (!this._layouts.has(name)) {
      const size = offsets[chunks.count]!;
      const verifier = new XorbVerifier(this._options.hasher, name, size);
      for await (const _ of verifier.through(this.xorbPieces(name, 0, size, activity))) {
        activity.signal?.throwIfAborted();
      }
      this._remember(name, verifier.layout);
    }
    if (this._layouts.get(name) !== this._digest(claimed)) {
      throw refused(`the chunks of the pack ${name} are not where it says`);
    }
  }

  private _remember(xorb: XetHash, layout: Uint32Array): void {
    this._layouts.set(xorb, this._digest(layout));
    if (this._layouts.size > LAYOUTS) {
      this._layouts.delete(this._layouts.keys().next().value!);
    }
  }

  private _digest(layout: Uint32Array): string {
    return spellHash(this._options.hasher.hash('range', new Uint8Array(layout.buffer)));
  }
}

function missing(sha256: Sha256): BranchbookError {
  return new BranchbookError(
    'ASSET_MISSING',
    `The place does not have the content ${sha256}.`,
    { sha256 },
    'Ask who made the snapshot to push again.'
  );
}
