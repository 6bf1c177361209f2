/** What is in a version of a file: the first reader that takes the file describes it. */
import { describeHead } from '../content/magic';
import { hasCode } from '../error';
import type { Content } from '../model/content';
import type { Commit } from '../model/git';
import type { ShowArgs } from '../model/result';
import type { Activity, IProject } from '../port';
import { withContentFile } from './content-file';
import type { ContentSource } from './content-file';
import { tableReader } from './show-table';

/** A version of a file, or a file of the work tree, to be described. */
export type ContentVersion = {
  /** Project path. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Names the content: two versions with one key are the same. Can be part of a file's name. */
  readonly key: string;
  /** null for a file of the work tree. */
  readonly commit: Commit | null;
  readonly source: ContentSource;
};

/**
 * Describes one kind of content without ever running it. `read` throws FORMAT_INVALID for a file that is not what its name
 * says, or damaged; null hands it on to the next reader.
 */
export type ContentReader = {
  readonly accepts: (version: ContentVersion) => boolean;
  readonly read: (
    project: IProject,
    version: ContentVersion,
    args: ShowArgs,
    activity: Activity
  ) => Promise<Content | null>;
};

/** In the order they are asked. */
const readers: readonly ContentReader[] = [tableReader];

const HEAD_BYTES = 256;

/** ASSET_MISSING, OBJECT_CORRUPT, CANCELLED, TABLES_UNAVAILABLE; a damaged file is an answer, not a failure. */
export async function showContent(
  project: IProject,
  version: ContentVersion,
  args: ShowArgs,
  activity: Activity
): Promise<Content> {
  for (const reader of readers.filter(({ accepts }) => accepts(version))) {
    try {
      const content = await reader.read(project, version, args, activity);
      if (content) {
        return content;
      }
    } catch (error) {
      if (!hasCode(error, 'FORMAT_INVALID')) {
        throw error;
      }
      return { kind: 'unreadable', reason: error.message, head: toHex(await readHead(project, version, activity)) };
    }
  }
  const head = await readHead(project, version, activity);
  return { kind: 'binary', type: describeHead(head), head: toHex(head) };
}

/** The first bytes of a version; fewer when it has no more. */
export async function readHead(
  project: IProject,
  { source }: ContentVersion,
  activity: Activity,
  length = HEAD_BYTES
): Promise<Uint8Array> {
  return withContentFile(project, source, activity, async file => {
    const handle = await project.files.open(file, 'read');
    try {
      const buffer = new Uint8Array(length);
      return buffer.subarray(0, await handle.read(buffer, 0));
    } finally {
      await handle.close();
    }
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
