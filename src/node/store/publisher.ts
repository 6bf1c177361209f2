import { spellHash, xorbHash } from '../../core/chunk/hash';
import type { HashedChunk } from '../../core/chunk/hash';
import { ensureDirectory, parentOf, unlinkQuietly, writeSynced } from '../../core/durable';
import { encodeShard } from '../../core/format/shard';
import type { NewShardFile, NewShardXorb } from '../../core/format/shard';
import { ChunkTable } from './chunk-table';
import type { XorbTools } from './xorb-reader';
import { xorbPath } from './xorb-writer';
import type { SessionState } from './xorb-writer';

/**
 * Gives the xorbs of a session their names, then lists them in shards: all at the end, or part by part while the session
 * goes on, so that what is done survives whatever happens to it, and memory stays bounded.
 */
export class Publisher {
  /** Names of the published xorbs, by ordinal. */
  private readonly _names: Uint8Array[] = [];
  private readonly _directories = new Set<string>();
  private _unlisted: NewShardXorb[] = [];
  private _unlistedBytes = 0;
  /** Chunks of the session's table that are in published xorbs. */
  private _chunks = 0;

  constructor(private readonly _tools: XorbTools) {}

  /** Xorbs published so far. */
  get count(): number {
    return this._names.length;
  }

  /** Bytes of the xorbs that no shard lists yet. */
  get unlistedBytes(): number {
    return this._unlistedBytes;
  }

  /** Name of a published xorb. */
  name(ordinal: number): Uint8Array {
    return this._names[ordinal]!;
  }

  /** Publish the session's first `end` xorbs, which must be on the device. */
  async publish(state: SessionState, end: number): Promise<void> {
    const { files, layout, hasher } = this._tools;
    const table = new ChunkTable(state.table);
    while (this.count < end) {
      const ordinal = this.count;
      const chunks = this._chunksOf(table, ordinal);
      const hash = xorbHash(hasher, chunks);
      const target = layout.xorb(spellHash(hash));
      await ensureDirectory(files, parentOf(target));
      // The name is the content, so what stands there is the same or damaged: either way this one may take its place.
      await files.rename(xorbPath(state, ordinal), target);
      await unlinkQuietly(files, layout.damaged(spellHash(hash)));
      this._directories.add(parentOf(target));
      this._names.push(hash);
      this._chunks += chunks.length;
      this._unlisted.push({ hash, storedBytes: state.xorbs[ordinal]!, chunks });
      this._unlistedBytes += state.xorbs[ordinal]!;
    }
  }

  /** List in a shard what is published and not listed yet, and these files. `temporary` is a path for the shard. */
  async list(files: readonly NewShardFile[], temporary: string): Promise<void> {
    const xorbs = this._unlisted;
    const directories = [...this._directories];
    this._unlisted = [];
    this._unlistedBytes = 0;
    this._directories.clear();
    for (const directory of directories) {
      await this._tools.files.syncDirectory(directory);
    }
    if (files.length > 0 || xorbs.length > 0) {
      await publishShard(this._tools, { files, xorbs }, temporary);
    }
  }

  /** The chunks of a xorb stand next to each other in the table, in the order of the xorbs. */
  private _chunksOf(table: ChunkTable, ordinal: number): readonly HashedChunk[] {
    const chunks: HashedChunk[] = [];
    for (let entry = this._chunks; entry < table.count && table.place(entry).xorb === ordinal; entry++) {
      chunks.push({ hash: table.hash(entry), length: table.length(entry) });
    }
    return chunks;
  }
}

type ShardContent = { readonly files: readonly NewShardFile[]; readonly xorbs: readonly NewShardXorb[] };

/** Write a shard. The xorbs it lists and those its files name must be durable. `created`: seconds since 1970. */
export async function publishShard(
  tools: XorbTools,
  content: ShardContent,
  temporary: string,
  created = Math.floor(Date.now() / 1000)
): Promise<void> {
  const { files, layout, hasher } = tools;
  const bytes = encodeShard(content, created);
  const target = layout.shard(`${spellHash(hasher.hash('chunk', bytes))}.mdb`);
  await writeSynced(files, temporary, bytes);
  await files.rename(temporary, target);
  await files.syncDirectory(layout.shards);
}
