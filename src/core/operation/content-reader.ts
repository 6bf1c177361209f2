import type { Content } from '../model/content';
import type { Commit } from '../model/git';
import type { ShowArgs } from '../model/result';
import type { Activity, IProject } from '../port';
import type { ContentSource } from './content-file';

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
