/** What a work-tree file would be in git: the blob id of its bytes, of its pointer for an asset, of a link's target. */
import { hasCode } from '../error';
import { decodePointer, encodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { Sha256 } from '../model/asset';
import type { ObjectId } from '../model/git';
import type { CleanFilter, FileStat, IProject } from '../port';

/** Equal to no blob: the answer when the sizes alone say that the file differs. */
export const differentBlob: ObjectId = '0'.repeat(40);

/** Hashes of files that a program keeps asking about (status), by path; trusted while the signature is the same. */
const knownHashes = new WeakMap<IProject, Map<string, { readonly signature: string; readonly sha256: Sha256 }>>();

/** SHA-256 of a work-tree file, remembered while its stat signature stays. */
async function hashAsset(project: IProject, path: string, stat: FileStat): Promise<Sha256> {
  const known = knownHashes.get(project) ?? new Map();
  knownHashes.set(project, known);
  const signature = [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
  const remembered = known.get(path);
  if (remembered?.signature === signature) {
    return remembered.sha256;
  }
  const sha256 = await project.store.hashFile(`${project.root}/${path}`);
  // A file that was only just written may change again without its time moving.
  if (BigInt(project.clock.now()) * 1_000_000n - stat.mtimeNs > 2_000_000_000n) {
    known.set(path, { signature, sha256 });
  }
  return sha256;
}

/** The filter for `IGit.scan`. Sizes that differ decide without reading; null for files that cannot be read. */
export function cleanFilter(project: IProject): CleanFilter {
  return async (path, stat, asset, indexed) => {
    try {
      if (asset && stat.kind === 'file' && stat.size > POINTER_MAX_BYTES) {
        const pointer = decodePointer(await project.git.readBlob(indexed.oid));
        if (pointer && pointer.size !== stat.size) {
          return differentBlob;
        }
      }
      return await cleanBlob(project, path, stat, asset);
    } catch (error) {
      if (hasCode(error, 'PERMISSION_DENIED', 'FILE_UNREADABLE', 'PATH_UNKNOWN')) {
        return null;
      }
      throw error;
    }
  };
}

/** So many small assets a snapshot reads to see whether they changed; of more it would read each twice. */
const READ_AT_MOST = 256;
/** Bytes up to which an asset is small: storing it again takes no longer than hashing it. */
const SMALL = 128 * 1024;

/** The filter for a snapshot. When there are many, small assets count as changed unread: storing them tells as well. */
export function snapshotFilter(project: IProject): CleanFilter {
  const filter = cleanFilter(project);
  let asked = 0;
  return async (path, stat, asset, indexed) => {
    const isSmall = asset && stat.kind === 'file' && stat.size > POINTER_MAX_BYTES && stat.size <= SMALL;
    asked += isSmall ? 1 : 0;
    return isSmall && asked > READ_AT_MOST ? differentBlob : filter(path, stat, asset, indexed);
  };
}

/** The blob id, computed from the content. A file that is a pointer's text already stands for itself, as in git-lfs. */
export async function cleanBlob(project: IProject, path: string, stat: FileStat, asset: boolean): Promise<ObjectId> {
  const absolute = `${project.root}/${path}`;
  if (stat.kind === 'symlink') {
    return project.git.hashBlob(new TextEncoder().encode(await project.files.readlink(absolute)));
  }
  if (asset && stat.size > POINTER_MAX_BYTES) {
    const sha256 = await hashAsset(project, path, stat);
    return project.git.hashBlob(encodePointer({ sha256, size: stat.size }));
  }
  const bytes = (await project.files.readFile(absolute)) ?? new Uint8Array();
  if (!asset || decodePointer(bytes)) {
    return project.git.hashBlob(bytes);
  }
  const sha256 = await hashAsset(project, path, stat);
  return project.git.hashBlob(encodePointer({ sha256, size: bytes.length }));
}
