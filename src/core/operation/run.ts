/** The runner: what every operation has in common (recovery, one change at a time, patience, cancellation). */
import { throwIfCancelled } from '../cancel';
import { BranchbookError, hasCode } from '../error';
import { askForWay, MAINTENANCE } from '../give-way';
import type { AccountVerb, ProjectVerb, Verbs } from '../model/result';
import type { Activity, IAccount, IProject } from '../port';
import { recover } from '../transition/recover';
import { doesMutate } from './operation';
import type { AccountOperation, Operation } from './operation';
import { isContention, lockProject } from './project-lock';

/** How long to wait for other programs that hold a lock or move refs under us. */
const PATIENCE_MILLISECONDS = 10_000;
const PAUSE_MILLISECONDS = 20;

/**
 * Run one verb. Every failure is a BranchbookError. Verbs that change something first complete what a crash
 * interrupted, run one at a time per project, and are tried again while refs move or locks are held (10 s at most).
 */
export async function runOperation<V extends ProjectVerb>(
  project: IProject,
  operation: Operation<V>,
  args: Verbs[V]['args'],
  activity: Activity = {}
): Promise<Verbs[V]['result']> {
  try {
    throwIfCancelled(activity);
    return doesMutate(operation, args) && !operation.locksItself
      ? await exclusively(
          project,
          operation.verb,
          activity,
          () => operation.run(project, args, activity),
          operation.prepare
        )
      : await operation.run(project, args, activity);
  } catch (error) {
    throw BranchbookError.from(error);
  }
}

/** Run one verb that needs no project. Every failure is a BranchbookError. */
export async function runAccountOperation<V extends AccountVerb>(
  account: IAccount,
  operation: AccountOperation<V>,
  args: Verbs[V]['args'],
  activity: Activity = {}
): Promise<Verbs[V]['result']> {
  try {
    throwIfCancelled(activity);
    return await operation.run(account, args, activity);
  } catch (error) {
    throw BranchbookError.from(error);
  }
}

/** Run `work` under the project's lock, after `prepare` and recovery; again when it meets contention. */
export async function exclusively<T>(
  project: IProject,
  verb: string,
  activity: Activity,
  work: () => Promise<T>,
  prepare?: (project: IProject) => Promise<void>
): Promise<T> {
  const deadline = project.clock.now() + PATIENCE_MILLISECONDS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(project, verb, work, prepare);
    } catch (error) {
      if (!isContention(error) || project.clock.now() >= deadline) {
        throw error;
      }
      await giveNotice(project, error);
    }
    throwIfCancelled(activity);
    await project.clock.sleep(pause(project, attempt));
    throwIfCancelled(activity);
  }
}

/** Maintenance ends as soon as it is told that somebody waits. */
async function giveNotice({ files, home }: IProject, error: unknown): Promise<void> {
  if (hasCode(error, 'LOCKED') && error.data['verb'] === MAINTENANCE) {
    await askForWay(files, home);
  }
}

async function once<T>(
  project: IProject,
  verb: string,
  work: () => Promise<T>,
  prepare?: (project: IProject) => Promise<void>
): Promise<T> {
  const release = await lockProject(project, verb);
  try {
    await prepare?.(project);
    await recover(project);
    return await work();
  } finally {
    await release();
  }
}

/** Longer with every attempt, and random, so that two programs do not keep meeting. */
function pause(project: IProject, attempt: number): number {
  const chance = Number.parseInt(project.random.hex(1), 16) / 255;
  return PAUSE_MILLISECONDS * Math.min(attempt, 8) * (0.5 + chance);
}
