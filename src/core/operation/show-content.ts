/** What is in a version of a file: the first reader that takes the file describes it. */
import { unreadable } from '../content/media';
import { hasCode } from '../error';
import type { Content } from '../model/content';
import type { ShowArgs } from '../model/result';
import type { Activity, IProject } from '../port';
import { describeContent } from './describe-content';
import { tableReader } from './show-table';
import { withSource } from './version-source';
import type { VersionOf } from './version-source';
import type { ContentVersion, ContentReader } from './content-reader';

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
