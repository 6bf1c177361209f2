/** Clones of shared projects, each as another person’s. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BranchbookError } from '../../src/core/error';
import type { CloneArgs, CloneResult } from '../../src/core/model/sharing';
import { accountOperations } from '../../src/core/operation/index';
import { runAccountOperation } from '../../src/core/operation/run';
import type { IAccount, IOpenProject, IPlaces } from '../../src/core/port';
import { disk } from '../../src/node/fs/disk';
import { clock, random } from '../../src/node/process/time';
import { createPlaces } from '../../src/service/open-places';
import { openProject } from '../../src/service/open-project';
import { git } from '../operation/fixture';
import { openVerbs } from '../operation/verbs';
import type { Verbal } from '../operation/verbs';
import { temporaryDirectory } from './temporary-directory';

export function bareRepository(): string {
  const bare = temporaryDirectory();
  git(bare, 'init', '-q', '--bare', '-b', 'main');
  return bare;
}

/** Who clones: a user with nothing but a folder. */
export function accountAt(cwd: string, places: IPlaces, opened: IOpenProject[] = []): IAccount {
  const open = async (root: string, options: Parameters<IAccount['open']>[1] = {}): Promise<IOpenProject> => {
    const project = await openProject(root, { ...options, places, workerFile: null, program: ['/usr/bin/false'] });
    opened.push(project);
    return project;
  };
  return { cwd, files: disk, clock, random, places, project: async () => null, open };
}

async function clone(args: CloneArgs, places: IPlaces): Promise<CloneResult> {
  const opened: IOpenProject[] = [];
  try {
    return await runAccountOperation(
      accountAt(temporaryDirectory(), places, opened),
      accountOperations.clone,
      args,
      {}
    );
  } finally {
    await Promise.all(opened.map(project => project.close()));
  }
}

/** A clone with every verb at hand. */
export async function cloneVerbs(
  address: string,
  args: Omit<CloneArgs, 'address'> = {},
  places: IPlaces = newPlaces()
): Promise<Verbal & { readonly result: CloneResult }> {
  const folder = args.folder ?? join(temporaryDirectory(), 'clone');
  const result = await clone({ ...args, address, folder }, places);
  const verbal = await openVerbs(result.root, places);
  git(result.root, 'config', 'user.name', 'Ada');
  git(result.root, 'config', 'user.email', 'ada@example.org');
  return { ...verbal, result };
}

export async function failsToClone(args: CloneArgs, places: IPlaces = newPlaces()): Promise<BranchbookError> {
  try {
    await clone(args, places);
  } catch (error) {
    return error as BranchbookError;
  }
  throw new Error('clone succeeded');
}

/** A person with no settings of their own yet. */
export function newPlaces(): IPlaces {
  process.env['XDG_CONFIG_HOME'] = temporaryDirectory();
  process.env['XDG_CACHE_HOME'] = temporaryDirectory();
  const places = createPlaces();
  onTestFinished(() => places.close());
  return places;
}
