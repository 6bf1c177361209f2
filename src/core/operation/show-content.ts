/** What is in a version of a file: the first reader that takes the file describes it. */
import { unreadable } from '../content/media';
import { hasCode } from '../error';
import type { Content } from '../model/content';
import type { Commit } from '../model/git';
import type { ShowArgs } from '../model/result';
import type { Activity, IProject } from '../port';
import type { ContentSource } from './content-file';
import { describeContent } from './describe-content';
import { tableReader } from './show-table';
import { withSource } from './version-source';
import type { VersionOf } from './version-source';

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

/** In the order they are asked; what none of them takes is described by its name and first bytes. */
const readers: readonly ContentReader[] = [tableReader];

const HEAD_BYTES = 256;

/** ASSET_MISSING, OBJECT_CORRUPT, CANCELLED, TABLES_UNAVAILABLE; a damaged file is an answer, not a failure. */
export async function showContent(
  project: IProject,
  version: ContentVersion,
  args: ShowArgs,
  activity: Activity
): Promise<Content> {
  const bytes = versionBytes(version);
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
      const head = await withSource(project, bytes, activity, source => source.read(0, HEAD_BYTES));
      return unreadable(error.message, head);
    }
  }
  return describeContent(project, bytes, version.commit, activity);
}

function versionBytes({ path, source }: ContentVersion): VersionOf {
  return { path, entry: 'entry' in source ? source.entry : null };
}
