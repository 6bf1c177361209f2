/** Assets whose files must be written: from the store, or, where the content stands in a file already, by copying it. */
import { mapConcurrently } from '../concurrency';
import { throwIfCancelled } from '../cancel';
import type { Sha256 } from '../model/asset';
import type { Activity, IProject } from '../port';
import { copySynced, copyTrusted, materializedPath } from './verified-file';

/** A content, and the new file that is to hold it. */
export type Build = { readonly sha256: Sha256; readonly place: string };

/** Every file is flushed on return. A copy shares its bytes with the original where the file system can do that. */
export async function buildAssets(project: IProject, builds: readonly Build[], activity: Activity): Promise<void> {
  const firsts = new Map<Sha256, string>();
  const fromStore: Build[] = [];
  const again: Build[] = [];
  for (const build of builds) {
    const isFirst = !firsts.has(build.sha256);
    if (isFirst) {
      firsts.set(build.sha256, build.place);
    }
    if (!isFirst) {
      again.push(build);
    } else if (!(await copyTrusted(project.files, materializedPath(project, build.sha256), build.place))) {
      fromStore.push(build);
    }
  }
  const items = fromStore.map(({ sha256, place }) => ({ sha256, destination: place }));
  await project.store.materializeAll(items, activity);
  await mapConcurrently(again, async ({ sha256, place }) => {
    throwIfCancelled(activity);
    await copySynced(project.files, firsts.get(sha256)!, place);
  });
}
