/** A manifest on its way into a place, and what has to be true of it. */
import { fileHash, MerkleTree, rangeHash, sameHash, spellHash, toHex, xorbHash } from '../../core/chunk/hash';
import type { IHasher } from '../../core/chunk/hash';
import { BranchbookError } from '../../core/error';
import { decodeShard } from '../../core/format/shard';
import type { NewShardFile, NewShardXorb, ShardFile } from '../../core/format/shard';
import type { XetHash } from '../../core/model/asset';
import type { Activity, IRemoteAssets } from '../../core/port';
import { readChunks } from '../../core/sync/read-chunks';
import { chunksOf, readXorb, resolveContent } from '../../core/sync/remote-manifest';
import type { RemoteContent, RemoteXorb } from '../../core/sync/remote-manifest';
import type { Catalog } from '../store/catalog';
import type { Digests } from '../store/digest';
import { shardChunks } from './describe';

export type IncomingFile = ShardFile & { readonly sha256: Uint8Array; readonly content: RemoteContent };

export type IncomingManifest = {
  readonly files: readonly IncomingFile[];
  /** The packs that it brings; others that its files name are there already. */
  readonly xorbs: readonly RemoteXorb[];
};

/** OBJECT_CORRUPT when it contradicts itself; ASSET_MISSING when it names packs that nobody knows. */
export async function readIncoming(catalog: Catalog, shard: Uint8Array): Promise<IncomingManifest> {
  const { files, xorbs } = checked(() => decodeShard(shard));
  const listed = xorbs.map(xorb => checked(() => readXorb(xorb)));
  const all = new Map<XetHash, RemoteXorb>(listed.map(xorb => [xorb.name, xorb]));
  for (const hash of files.flatMap(({ terms }) => terms.map(({ xorb }) => xorb))) {
    if (!all.has(spellHash(hash))) {
      all.set(spellHash(hash), await knownXorb(catalog, hash));
    }
  }
  return {
    xorbs: listed,
    files: files.map(file => {
      const { sha256 } = file;
      if (!sha256 || file.terms.length === 0) {
        throw refused('it names a file without SHA-256 or without chunks');
      }
      return { ...file, sha256, content: checked(() => resolveContent(file, toHex(sha256), all)) };
    })
  };
}

async function knownXorb(catalog: Catalog, hash: Uint8Array): Promise<RemoteXorb> {
  const number = catalog.listed(spellHash(hash));
  if (number === null) {
    throw absentPack(spellHash(hash));
  }
  const { storedBytes } = catalog.xorbs[number]!;
  return readXorb({ hash, storedBytes, chunks: await catalog.chunks(number) });
}

/** The list of chunks is what the pack's name is made of. OBJECT_CORRUPT. */
export function verifyListing(hasher: IHasher, { name, hash, chunks }: RemoteXorb): void {
  if (!sameHash(xorbHash(hasher, shardChunks(chunks)), hash)) {
    throw refused(`the pack ${name} does not have the chunks that it lists`);
  }
}

export type VerifyTools = {
  /** Where its packs are. */
  readonly remote: Pick<IRemoteAssets, 'readXorb'>;
  readonly hasher: IHasher;
  readonly digests: Digests;
};

/**
 * Both hashes of a file: one of its list of chunks, one of its stored bytes, each of which is read. That its chunks are
 * what their hashes say was compared when their packs came. OBJECT_CORRUPT.
 */
export async function verifyFile(
  { remote, hasher, digests }: VerifyTools,
  { content, fileHash: claimed }: IncomingFile,
  activity: Activity
): Promise<void> {
  const tree = new MerkleTree(hasher);
  for (const { xorb, index } of chunksOf(content)) {
    tree.push({ hash: xorb.chunks.hash(index), length: xorb.chunks.length(index) });
  }
  if (!sameHash(fileHash(hasher, tree.root()), claimed)) {
    throw refused(`the content ${content.sha256} has another file hash than it says`);
  }
  const digest = digests.begin();
  try {
    for await (const { bytes } of readChunks(remote, chunksOf(content), activity)) {
      await digest.update(bytes);
    }
    if ((await digest.hex()) !== content.sha256) {
      throw refused(`the content ${content.sha256} has another SHA-256 than it says`);
    }
  } finally {
    digest.close();
  }
}

/** The same manifest in our words: nothing of it is taken over that was not looked at. */
export function describeIncoming(
  hasher: IHasher,
  { files, xorbs }: IncomingManifest
): { readonly files: readonly NewShardFile[]; readonly xorbs: readonly NewShardXorb[] } {
  return {
    files: files.map(({ fileHash, sha256, terms, content }) => ({
      fileHash,
      sha256,
      terms,
      verification: content.terms.map(({ xorb, start, end }) =>
        rangeHash(
          hasher,
          Array.from({ length: end - start }, (_, index) => xorb.chunks.hash(start + index))
        )
      )
    })),
    xorbs: xorbs.map(({ hash, chunks, offsets }) => ({
      hash,
      storedBytes: offsets[offsets.length - 1]!,
      chunks: shardChunks(chunks)
    }))
  };
}

export function absentPack(xorb: XetHash): BranchbookError {
  return new BranchbookError(
    'ASSET_MISSING',
    `The manifest names the pack ${xorb}, which is not there.`,
    { xorb },
    'Push again.'
  );
}

export function refused(reason: string): BranchbookError {
  return new BranchbookError('OBJECT_CORRUPT', `The manifest was refused: ${reason}.`, { reason });
}

function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refused(BranchbookError.from(error).message);
  }
}
