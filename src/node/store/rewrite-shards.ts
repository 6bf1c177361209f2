/** Writing the manifests that take the place of others: the same files and xorbs, less what goes, with new places. */
import { fromHex, parseHash, rangeHash, sameHash, spellHash } from '../../core/chunk/hash';
import type { HashedChunk } from '../../core/chunk/hash';
import { unlinkQuietly, writeSynced } from '../../core/durable';
import type { ChunkList, NewShardFile, NewShardXorb } from '../../core/format/shard';
import { encodeShard } from '../../core/format/shard';
import type { Activity } from '../../core/port';
import type { FileRecord, LoadedShard } from './catalog';
import type { CollectPlan } from './collect-plan';
import type { Repacked, RepackTools } from './repack';

/** A manifest lists about so many chunks and terms; all of them are in memory while it is written. */
const SHARD_ENTRIES = 50_000;
/** Chunk lists in memory. */
const LISTS = 64;
const DAY = 86_400;

type Draft = { readonly files: NewShardFile[]; readonly xorbs: NewShardXorb[]; entries: number; created: number };

/** When shards count as written; seconds since 1970. */
export type ShardAges = {
  /** Of what is in use. */
  readonly now: number;
  /** What is older than this goes together, whatever its age. */
  readonly oldBefore?: number;
};

/**
 * Write what stays of the shards of `plan.rewrite`, and what `repacked` brought; all of it is durable on return. Gives the
 * names of the new shards.
 */
export async function rewriteShards(
  tools: RepackTools,
  plan: CollectPlan,
  repacked: Repacked,
  prefix: string,
  request: Activity & ShardAges
): Promise<readonly string[]> {
  const { now } = request;
  const writer = new ShardRewriter(tools, plan, repacked, { prefix, oldBefore: request.oldBefore ?? 0 });
  await writer.addXorbs(repacked.xorbs, now);
  for (const shard of plan.rewrite) {
    const xorbs = await writer.remaining(shard);
    const isResting = (xorb: NewShardXorb): boolean => plan.resting.has(tools.catalog.number(spellHash(xorb.hash)));
    await writer.addXorbs(xorbs.filter(isResting), shard.created);
    await writer.addXorbs(
      xorbs.filter(xorb => !isResting(xorb)),
      now
    );
    for (const file of shard.files) {
      await request.breathe?.();
      if (plan.kept.has(file)) {
        await writer.addFile(file, plan.young.has(file) ? shard.created : now);
      }
    }
  }
  return writer.finish();
}

class ShardRewriter {
  private readonly _dead: ReadonlySet<number>;
  private readonly _rewritten: ReadonlySet<string>;
  private readonly _names: string[] = [];
  /** By the day that counts as their age: what is not needed must not become young by being written again. */
  private readonly _drafts = new Map<number, Draft>();
  private readonly _lists = new Map<number, ChunkList>();
  private readonly _listed = new Set<number>();

  constructor(
    private readonly _tools: RepackTools,
    private readonly _plan: CollectPlan,
    private readonly _repacked: Repacked,
    private readonly _to: { readonly prefix: string; readonly oldBefore: number }
  ) {
    this._dead = new Set(_plan.dead);
    this._rewritten = new Set([..._plan.rewrite].map(shard => shard.name));
  }

  async addXorbs(xorbs: readonly NewShardXorb[], created: number): Promise<void> {
    for (const xorb of xorbs) {
      const draft = this._draft(created);
      draft.xorbs.push(xorb);
      draft.created = Math.max(draft.created, created);
      await this._grow(draft, created, xorb.chunks.length);
    }
  }

  /** The xorbs of a shard that stay where they are, each once. */
  async remaining(shard: LoadedShard): Promise<readonly NewShardXorb[]> {
    const { catalog } = this._tools;
    const xorbs: NewShardXorb[] = [];
    for (const { number } of shard.xorbs) {
      const { hash, listing, storedBytes } = catalog.xorbs[number]!;
      const stays = !this._plan.repack.has(number) && !this._dead.has(number) && !this._listed.has(number);
      // Another shard that stays may list it as well.
      if (stays && this._rewritten.has(listing!.shard) && !this._isNew(hash)) {
        this._listed.add(number);
        xorbs.push({ hash: parseHash(hash), storedBytes, chunks: toArray(await catalog.chunks(number)) });
      }
    }
    return xorbs;
  }

  async addFile(record: FileRecord, created: number): Promise<void> {
    const draft = this._draft(created);
    const runs = await this._runs(record);
    draft.files.push({
      fileHash: parseHash(record.xetHash),
      sha256: fromHex(record.sha256),
      terms: runs.map(({ xorb, start, end, bytes }) => ({ xorb, start, end, bytes })),
      verification: runs.map(run => rangeHash(this._tools.hasher, run.hashes))
    });
    draft.created = Math.max(draft.created, created);
    await this._grow(draft, created, runs.length);
  }

  async finish(): Promise<readonly string[]> {
    for (const draft of this._drafts.values()) {
      await this._write(draft);
    }
    await this._tools.files.syncDirectory(this._tools.layout.shards);
    return this._names;
  }

  private _isNew(hash: string): boolean {
    return this._repacked.xorbs.some(xorb => spellHash(xorb.hash) === hash);
  }

  private _draft(created: number): Draft {
    const day = this._dayOf(created);
    const draft = this._drafts.get(day) ?? { files: [], xorbs: [], entries: 0, created };
    this._drafts.set(day, draft);
    return draft;
  }

  private _dayOf(created: number): number {
    return Math.floor(Math.max(created, this._to.oldBefore) / DAY);
  }

  private async _grow(draft: Draft, created: number, entries: number): Promise<void> {
    draft.entries += entries;
    if (draft.entries >= SHARD_ENTRIES) {
      this._drafts.delete(this._dayOf(created));
      await this._write(draft);
    }
  }

  private async _write({ files, xorbs, created }: Draft): Promise<void> {
    const { files: disk, layout, hasher } = this._tools;
    const bytes = encodeShard({ files, xorbs }, created);
    const name = `${spellHash(hasher.hash('chunk', bytes))}.mdb`;
    const temporary = `${this._to.prefix}-${this._names.length}.mdb`;
    await writeSynced(disk, temporary, bytes);
    try {
      await disk.rename(temporary, layout.shard(name));
    } catch (error) {
      await unlinkQuietly(disk, temporary);
      throw error;
    }
    this._names.push(name);
  }

  /** The file's terms with their chunk hashes; those that were packed anew follow their chunks. */
  private async _runs(record: FileRecord): Promise<readonly Run[]> {
    const runs: Run[] = [];
    for (const { xorb, start, end } of record.terms) {
      const chunks = await this._chunks(xorb);
      const old = parseHash(this._tools.catalog.xorbs[xorb]!.hash);
      const moves = this._plan.repack.has(xorb);
      for (let index = start; index < end; index++) {
        const place = moves ? this._repacked.place(xorb, index) : { xorb: old, index };
        extend(runs, place, { hash: chunks.hash(index), length: chunks.length(index) });
      }
    }
    return runs;
  }

  private async _chunks(xorb: number): Promise<ChunkList> {
    const known = this._lists.get(xorb);
    const list = known ?? (await this._tools.catalog.chunks(xorb));
    this._lists.delete(xorb);
    this._lists.set(xorb, list);
    for (const oldest of this._lists.keys()) {
      if (this._lists.size <= LISTS) {
        break;
      }
      this._lists.delete(oldest);
    }
    return list;
  }
}

type Run = {
  readonly xorb: Uint8Array;
  readonly start: number;
  end: number;
  bytes: number;
  readonly hashes: Uint8Array[];
};

function extend(runs: Run[], place: { readonly xorb: Uint8Array; readonly index: number }, chunk: HashedChunk): void {
  const last = runs.at(-1);
  if (last && last.end === place.index && sameHash(last.xorb, place.xorb)) {
    last.end += 1;
    last.bytes += chunk.length;
    last.hashes.push(chunk.hash);
  } else {
    runs.push({
      xorb: place.xorb,
      start: place.index,
      end: place.index + 1,
      bytes: chunk.length,
      hashes: [chunk.hash]
    });
  }
}

function toArray(chunks: ChunkList): readonly HashedChunk[] {
  return Array.from({ length: chunks.count }, (_, index) => ({
    hash: chunks.hash(index),
    length: chunks.length(index)
  }));
}
