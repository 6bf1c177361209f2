/** Putting a damaged store right: manifests, then packs, then contents that nothing here can give back any more. */
import { throwIfCancelled } from '../../core/cancel';
import { unlinkQuietly } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Repair } from '../../core/model/maintenance';
import type { ContentCopy, IStoreSession, StoreRepair } from '../../core/port';
import { createLayout } from './catalog';
import { checkStore, findDamagedXorbs, oldTemporaries } from './check-store';
import { hashFile } from './hash-file';
import type { ReadTools } from './read-tools';
import { newTemporary, rebuildShards } from './rebuild-shards';
import { rebuildXorb } from './rebuild-xorb';

type Begin = () => Promise<IStoreSession>;

export async function* repairStore(tools: ReadTools, begin: Begin, options: StoreRepair): AsyncGenerator<Repair> {
  const { catalog, files, layout } = tools;
  await createLayout(files, layout);
  await catalog.refresh();
  yield* rebuildShards(tools, options);
  const damaged = await findDamagedXorbs(tools, options);
  const table = await catalog.table();
  for (const number of damaged.keys()) {
    throwIfCancelled(options);
    const repaired = await rebuildXorb(tools, number, table, options);
    if (repaired) {
      yield repaired;
    }
  }
  yield* storeAgain(tools, begin, options);
  for (const path of await oldTemporaries(files, layout.temporary)) {
    await unlinkQuietly(files, path);
    yield { object: path, message: `${path}, left by a session that did not finish, was deleted.`, from: '' };
  }
}

/** Wanted contents that are still not whole: whoever has a copy gives it. */
async function* storeAgain(tools: ReadTools, begin: Begin, options: StoreRepair): AsyncGenerator<Repair> {
  const missing: Sha256[] = [];
  // Packs were read above; the rest (git-lfs's objects) is read here.
  for await (const { object } of checkStore(tools, { ...options, onProgress: undefined })) {
    if (options.wanted.has(object)) {
      missing.push(object);
    }
  }
  for (const sha256 of missing) {
    throwIfCancelled(options);
    const from = await storeCopy(tools, begin, sha256, options);
    if (from) {
      yield { object: sha256, message: 'Its content is in the store again.', from };
    }
  }
}

/** Store the first copy that has the content; gives where it was. */
async function storeCopy(tools: ReadTools, begin: Begin, sha256: Sha256, options: StoreRepair): Promise<string | null> {
  for await (const copy of options.copies(sha256)) {
    const temporary = newTemporary(tools);
    try {
      if (copy.path !== null && (await tools.files.lstat(copy.path))?.size !== options.wanted.get(sha256)) {
        continue;
      }
      const path = copy.path ?? (await download(tools, copy, temporary, options));
      if ((await hashFile(tools.files, path, { signal: options.signal })) === sha256) {
        const session = await begin();
        await session.add(path, options);
        await session.commit();
        return copy.from;
      }
    } catch (error) {
      // A copy that cannot be read is none; a disk that is full, or a user who has enough, is another matter.
      if (['CANCELLED', 'DISK_FULL'].includes(BranchbookError.from(error).code)) {
        throw error;
      }
    } finally {
      await unlinkQuietly(tools.files, temporary);
    }
  }
  return null;
}

async function download({ files }: ReadTools, copy: ContentCopy, path: string, options: StoreRepair): Promise<string> {
  const handle = await files.open(path, 'create');
  try {
    let at = 0;
    for await (const piece of copy.read(0, Infinity)) {
      throwIfCancelled(options);
      await handle.write(piece, at);
      at += piece.length;
    }
  } finally {
    await handle.close();
  }
  return path;
}
