/** What is in a file that is no table. */
import { hasCode } from '../error';
import type { Content } from '../model/content';
import type { Activity, Inflate } from '../port';
import type { IByteSource } from './byte-source';
import { readMedia, unreadable } from './media';
import { modelReader } from './model/read-model';

/** Damage is a kind of content, not a failure. ASSET_MISSING and OBJECT_CORRUPT of the source; CANCELLED. */
export async function readContent(
  path: string,
  source: IByteSource,
  inflate: Inflate,
  activity: Activity
): Promise<Content> {
  const read = modelReader(path);
  if (!read) {
    return readMedia(path, source);
  }
  try {
    const model = await read(source, inflate, activity);
    return model ? { kind: 'model', ...model, metrics: [], trainedOn: [] } : await readMedia(path, source);
  } catch (error) {
    if (hasCode(error, 'FORMAT_INVALID')) {
      return unreadable(error.message, await source.read(0, 256));
    }
    throw error;
  }
}
