/**
 * Maintenance while nobody works on a project: puts small packs together and compresses, in small steps. It deletes nothing
 * that anybody could ask for, and ends at once when somebody comes, in this process or another. What is done stays done.
 */
import { throwIfCancelled } from '../cancel';
import { readJson, unlinkQuietly, writeDurable } from '../durable';
import { BranchbookError } from '../error';
import { forgetWay, isWayAsked, MAINTENANCE } from '../give-way';
import type { MaintenanceReport, Saving } from '../model/maintenance';
import type { Activity, IProject } from '../port';
import { lockProject } from './project-lock';

/** What a step does at most, about. Deleting what was put together cannot be interrupted. */
const STEP_BYTES = 64 * 1024 * 1024;
const STEP_FILES = 48;
/** More small packs than these are put together: fewer files open faster, and copying costs. */
export const SMALL_PACKS = 8;
/** Manifests are kept apart by their age, so that what is not needed does not become young: there are always some. */
const SMALL_MANIFESTS = 24;
/** Milliseconds of work after which others go first. */
const SLICE = 8;
const LONGEST_REST = 20;

/** `<home>/maintenance.json`. */
type State = MaintenanceReport & {
  readonly version: 1;
  /** Packs that are not worth compressing, so that they are not looked at again. */
  readonly skip: readonly string[];
};

const fileOf = ({ home }: IProject): string => `${home}/maintenance.json`;

/** Whether the user wants maintenance: `git config branchbook.maintenance false` switches it off. */
export async function isMaintained(project: IProject): Promise<boolean> {
  const value = (await project.git.config('branchbook.maintenance'))?.toLowerCase() ?? 'true';
  return !['false', 'no', 'off', '0', ''].includes(value);
}

/** When maintenance ran last; null when it never did, or nobody knows any more. */
export async function lastMaintenance(project: IProject): Promise<MaintenanceReport | null> {
  const state = await readState(project);
  return state && { at: state.at, saved: state.saved, finished: state.finished };
}

/**
 * One step. True when nothing is left to do. LOCKED when somebody works on the project, CANCELLED when somebody came
 * meanwhile, OBJECT_CORRUPT when the store is damaged; nothing has changed then that matters.
 */
export async function maintain(project: IProject, activity: Activity): Promise<boolean> {
  const release = await lockProject(project, MAINTENANCE);
  try {
    await forgetWay(project.files, project.home);
    const collection = await project.store.beginCollection(activity, 0);
    try {
      const before = await readState(project);
      const report = await collection.tidy({
        signal: activity.signal,
        breathe: breather(project, activity),
        bytes: STEP_BYTES,
        files: STEP_FILES,
        now: project.clock.now(),
        smallPacks: SMALL_PACKS,
        smallManifests: SMALL_MANIFESTS,
        skip: new Set(before?.skip)
      });
      await writeState(project, before, { ...report, saved: add(report.repacked, report.compressed) });
      return report.done;
    } finally {
      await collection.end();
    }
  } finally {
    await release();
  }
}

/** Rests as long as it worked, and ends the work when anybody waits. */
function breather({ clock, files, home }: IProject, activity: Activity): () => Promise<void> {
  let since = clock.now();
  return async () => {
    throwIfCancelled(activity);
    const worked = clock.now() - since;
    if (worked >= SLICE) {
      if (await isWayAsked(files, home)) {
        throw new BranchbookError('CANCELLED', 'Somebody else works on this project.');
      }
      await clock.sleep(Math.min(worked, LONGEST_REST));
      throwIfCancelled(activity);
      since = clock.now();
    }
  };
}

const add = (a: Saving, b: Saving): Saving => ({ packs: a.packs + b.packs, bytes: a.bytes + b.bytes });

async function readState(project: IProject): Promise<State | null> {
  // A damaged one costs looking at everything once more.
  const state = (await readJson(project.files, fileOf(project)).catch(() => null)) as State | null;
  const numbers = [state?.at, state?.saved?.packs, state?.saved?.bytes];
  const isWhole = state?.version === 1 && Array.isArray(state.skip) && numbers.every(Number.isSafeInteger);
  return isWhole ? state : null;
}

type Step = { readonly saved: Saving; readonly skipped: readonly string[]; readonly done: boolean };

/** What a run saved is told until the next one that saves something. */
async function writeState(project: IProject, before: State | null, { saved, skipped, done }: Step): Promise<void> {
  const isNewRun = before === null || (before.finished && saved.packs > 0);
  if (before?.finished && done && saved.packs === 0 && skipped.length === before.skip.length) {
    return;
  }
  const state: State = {
    version: 1,
    at: project.clock.now(),
    saved: isNewRun ? saved : add(before.saved, saved),
    finished: done,
    skip: skipped
  };
  const temporary = `${project.home}/tmp/maintenance-${project.random.hex(8)}`;
  const bytes = new TextEncoder().encode(`${JSON.stringify(state)}\n`);
  try {
    await writeDurable(project.files, fileOf(project), bytes, 0o666, temporary);
  } catch {
    // The step is done all the same; without the file the next one looks at more than it must.
    await unlinkQuietly(project.files, temporary);
  }
}
