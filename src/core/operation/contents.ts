/** Looking into files of a snapshot, wherever their bytes are kept. */
import { concatenate } from '../content/byte-source';
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { Pointer } from '../model/asset';
import type { TreeEntry } from '../model/git';
import type { Activity, IProject } from '../port';
import { bringContents } from '../remote/bring-contents';

export type ContentInfo = {
  /** null when git itself holds the content. */
  readonly pointer: Pointer | null;
  /** Bytes. */
  readonly size: number;
};

/** What a tree entry stands for: an asset or plain content. */
export async function contentInfo(project: IProject, entry: TreeEntry): Promise<ContentInfo> {
  if (entry.mode === '160000') {
    return { pointer: null, size: 0 };
  }
  const bytes = await project.git.readBlob(entry.oid);
  const pointer = bytes.length <= POINTER_MAX_BYTES && entry.mode !== '120000' ? decodePointer(bytes) : null;
  return { pointer, size: pointer?.size ?? bytes.length };
}

/** The text of a small file; null when it is larger than `limit` bytes, not UTF-8, or not to be had. */
export async function readText(
  project: IProject,
  entry: TreeEntry,
  limit: number,
  activity: Activity
): Promise<string | null> {
  const { pointer, size } = await contentInfo(project, entry);
  if (size > limit || entry.mode === '120000' || entry.mode === '160000') {
    return null;
  }
  if (pointer && (await bringContents(project, [pointer], activity)).missing.length > 0) {
    return null;
  }
  const bytes = pointer
    ? await concatenate(project.store.read(pointer.sha256), size)
    : await project.git.readBlob(entry.oid);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
