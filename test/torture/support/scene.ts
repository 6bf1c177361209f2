/** A use case made ready to be disturbed: where it begins, and the states in which it may end. */
import { expect } from 'vitest';
import type { BranchbookError } from '../../../src/core/error';
import type { IFileSystem, IOpenProject } from '../../../src/core/port';
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import type { FileOperation } from '../../../src/node/fault/faulty-file-system';
import type { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { createFolder, createTemplate } from './use-cases';
import type { UseCase } from './use-cases';
import { restartTime } from './virtual-time';
import { openWorld, recover, ROOT, run, stateOf } from './world';
import type { OpenWorld, State } from './world';

export type Scene = {
  readonly useCase: UseCase;
  readonly start: MemoryFileSystem;
  /** null: no project yet. */
  readonly before: State | null;
  readonly halfway: State | null;
  readonly after: State;
  /** What the use case asks of the file system when nothing disturbs it. */
  readonly operations: readonly FileOperation[];
};

let template: Promise<MemoryFileSystem> | null = null;

export async function createScene(useCase: UseCase): Promise<Scene> {
  restartTime();
  const start = useCase.creates ? await createFolder() : (await (template ??= createTemplate())).fork();
  if (useCase.prepare) {
    const project = await openWorld(start);
    await useCase.prepare(project);
    await project.close();
    start.settle();
  }
  const operations: FileOperation[] = [];
  const end = start.fork();
  const watched = createFaultyFileSystem(end, operation => void operations.push(operation));
  await useCase.run(await openWorld(watched, { create: useCase.creates ?? false }));
  return {
    useCase,
    start,
    before: useCase.creates ? null : await stateOf(await recover(start.fork())),
    halfway: useCase.halfway ? await stateAfter(start.fork(), useCase.halfway) : null,
    after: await stateOf(await recover(end)),
    operations
  };
}

async function stateAfter(files: MemoryFileSystem, run: UseCase['run']): Promise<State> {
  await run(await openWorld(files));
  return stateOf(await recover(files));
}

/** How a disturbed run told that it ended. */
export type Outcome = 'acknowledged' | BranchbookError | 'died';

/**
 * Whatever happened: the state is the old one or the new one, as told; everything can be read, nothing is left over, and
 * the same again leads to the new state.
 */
export async function expectIntact(
  scene: Scene,
  files: IFileSystem,
  outcome: Outcome,
  options?: OpenWorld
): Promise<void> {
  if (scene.before === null || scene.useCase.repeats) {
    await expectRepeatable(scene, files, options);
    return;
  }
  const project = await recover(files, options);
  const state = await stateOf(project);
  const { before, halfway, after } = scene;
  const known = { before, halfway, after };
  const allowed = allowedAfter(outcome, halfway !== null);
  const text = JSON.stringify(state);
  const name = allowed.find(allowedName => JSON.stringify(known[allowedName]) === text);
  if (name === undefined) {
    expect({ outcome, ...state }).toEqual({ outcome, ...known[allowed[0]!] });
  }
  if (!scene.useCase.heals) {
    await expectSound(project);
  }
  if (name === 'before') {
    await expectRepeatable(scene, files, options);
  }
}

type StateName = 'before' | 'halfway' | 'after';

function allowedAfter(outcome: Outcome, hasHalfway: boolean): readonly StateName[] {
  if (outcome === 'acknowledged') {
    return ['after'];
  }
  const unchanged: readonly StateName[] = hasHalfway ? ['before', 'halfway'] : ['before'];
  return outcome === 'died' || outcome.code === 'OUTCOME_UNKNOWN' ? [...unchanged, 'after'] : unchanged;
}

async function expectRepeatable({ useCase, after }: Scene, files: IFileSystem, options?: OpenWorld): Promise<void> {
  const project = await openWorld(files, { ...options, create: useCase.creates ?? false });
  await useCase.run(project);
  expect(await stateOf(project)).toEqual(after);
  await expectSound(project);
}

/** Every version can be read, byte by byte; nothing that stops anybody is left over. */
export async function expectSound(project: IOpenProject): Promise<void> {
  const { findings } = await run(project, 'check', { readData: true });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(await leftovers(project.files)).toEqual([]);
}

/** Locks of git and of ours, journals, and what was staged. */
async function leftovers(files: IFileSystem): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const { name, kind } of await files.readdir(folder)) {
      const path = `${folder}/${name}`;
      if (kind === 'directory') {
        await visit(path);
      } else if (name.endsWith('.lock') || /\/branchbook\/(lock|locks\/|journal\/|staging\/)/.test(path)) {
        found.push(path.slice(ROOT.length + 1));
      }
    }
  };
  await visit(`${ROOT}/.git`);
  return found;
}
