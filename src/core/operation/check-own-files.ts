/** The files beside the store: work in progress, copies that wait to be used again, and what crashes left. */
import { throwIfCancelled } from '../cancel';
import { listNames } from '../durable';
import { hasCode } from '../error';
import type { Sha256 } from '../model/asset';
import type { CheckFinding } from '../model/maintenance';
import type { Activity, IProject, Part } from '../port';
import { readJournal } from '../transition/journal';

const SHA256 = /^[0-9a-f]{64}$/;

export type OwnFilesCheck = Activity & { readonly readData: boolean; readonly part?: Part | undefined };

/** A file that stands in for a content and is named by it. */
export type StandIn = { readonly path: string; readonly sha256: Sha256 };

export async function* checkOwnFiles(project: IProject, options: OwnFilesCheck): AsyncGenerator<CheckFinding> {
  for (const path of await unreadableJournals(project)) {
    yield {
      severity: 'error',
      code: 'CORRUPT',
      object: path,
      message: `The journal of an interrupted change cannot be read: ${path}. Until it is gone, nothing can be changed.`,
      repair: '`branchbook check --repair` moves it aside, with the files that it had taken out of the work tree.'
    };
  }
  for (const { path, sha256 } of options.readData ? await standIns(project) : []) {
    throwIfCancelled(options);
    const inPart = !options.part || Number.parseInt(sha256.slice(0, 8), 16) % options.part.of === options.part.n - 1;
    if (inPart && !(await holds(project, path, sha256, options))) {
      yield {
        severity: 'warning',
        code: 'CORRUPT',
        object: path,
        message: `${path} does not hold the content it is named after. It is never used unchecked.`,
        repair: '`branchbook check --repair` moves it to rescued/: it may be work that was saved late.'
      };
    }
  }
  yield* checkLeftovers(project);
}

/** Paths of journals that were damaged. FORMAT_TOO_NEW for one that a newer Branchbook left. */
export async function unreadableJournals(project: IProject): Promise<readonly string[]> {
  const folder = `${project.home}/journal`;
  const found: string[] = [];
  for (const name of (await listNames(project.files, folder)).filter(entry => entry.endsWith('.json'))) {
    try {
      await readJournal(project, name.slice(0, -'.json'.length));
    } catch (error) {
      if (!hasCode(error, 'FORMAT_INVALID')) {
        throw error;
      }
      found.push(`${folder}/${name}`);
    }
  }
  return found;
}

/** `materialized/<sha256>` and `cache/<sha256>/<name>`. */
export async function standIns({ files, home }: IProject): Promise<readonly StandIn[]> {
  const found: StandIn[] = [];
  for (const name of await listNames(files, `${home}/materialized`)) {
    if (SHA256.test(name)) {
      found.push({ path: `${home}/materialized/${name}`, sha256: name });
    }
  }
  for (const sha256 of await listNames(files, `${home}/cache`)) {
    for (const name of SHA256.test(sha256) ? await listNames(files, `${home}/cache/${sha256}`) : []) {
      if (!name.endsWith('.stat') && !name.endsWith('.tmp')) {
        found.push({ path: `${home}/cache/${sha256}/${name}`, sha256 });
      }
    }
  }
  return found;
}

/** True also when it went away meanwhile: somebody uses it. */
export async function holds(project: IProject, path: string, sha256: Sha256, activity: Activity): Promise<boolean> {
  const { signal } = activity;
  const stat = await project.files.lstat(path);
  return stat === null || (stat.kind === 'file' && (await project.store.hashFile(path, { signal })) === sha256);
}

async function* checkLeftovers({ files, home }: IProject): AsyncGenerator<CheckFinding> {
  const journals = (await listNames(files, `${home}/journal`)).map(name => name.replace(/\.json$/, ''));
  const staged = await listNames(files, `${home}/staging`);
  if (journals.length > 0 || staged.length > 0) {
    yield {
      severity: 'warning',
      code: 'INTERRUPTED',
      object: `${home}/journal`,
      message: 'A change is under way, or was interrupted.',
      repair: 'Nothing to do: the next command that changes something completes it.'
    };
  }
  const rescued = await listNames(files, `${home}/rescued`);
  if (rescued.length > 0) {
    yield {
      severity: 'warning',
      code: 'RESCUED',
      object: `${home}/rescued`,
      message: `${rescued.length === 1 ? 'A file was' : `${rescued.length} files were`} put aside because of unexpected content.`,
      repair: `Look at what is in ${home}/rescued, keep what you need, and delete the rest.`
    };
  }
}
