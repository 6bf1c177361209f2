/** What changed inside a file: by its kind, one row each. */
import type { ContentDiff, DiffArgs } from '../model/diff';
import type { Activity, IProject } from '../port';
import { diffDocuments } from './diff-documents';
import { diffTable } from './diff-table';
import type { FileVersion } from './diff-files';

/** Two versions of a file whose contents differ. */
export type VersionPair = { readonly from: FileVersion; readonly to: FileVersion };

type Differ = (project: IProject, pair: VersionPair, args: DiffArgs, activity: Activity) => Promise<ContentDiff | null>;

/** Asked in this order; null = not a kind of mine. */
const differs: readonly Differ[] = [diffTable, diffDocuments];

/** Files of kinds that nobody knows are only told to differ. */
export async function diffContent(
  project: IProject,
  pair: VersionPair,
  args: DiffArgs,
  activity: Activity
): Promise<ContentDiff> {
  for (const differ of differs) {
    const content = await differ(project, pair, args, activity);
    if (content) {
      return content;
    }
  }
  return { kind: 'opaque', reason: 'There is no comparison for files of this kind.' };
}
