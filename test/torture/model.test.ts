/**
 * T6: random sequences of everything a user does, against a model of a few maps (support/model.ts). After each step files,
 * branches, and what is told of changes and failures are what the model says; in the end every branch is looked at.
 */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { maintain } from '../../src/core/operation/maintain';
import type { IOpenProject } from '../../src/core/port';
import type { MemoryFileSystem } from '../../src/node/memory/memory-file-system';
import { count, isNightly, patience, times } from './support/budget';
import { difference, headOf, isSameState, take } from './support/model';
import type { ModelState, Step, Tree } from './support/model';
import { expectSound } from './support/scene';
import { createFolder } from './support/use-cases';
import { restartTime, useVirtualTime } from './support/virtual-time';
import { openWorld, read, run, write } from './support/world';

useVirtualTime();

const RUNS = times(40, 4000);
const LENGTH = isNightly ? 40 : 15;
let steps = 0;
afterAll(() => count('T6', { runs: RUNS, steps, violations: 0 }));

const PATHS = ['x.bin', 'data/y.bin', 't.txt', 'data/u.txt'];
const BRANCHES = ['main', 'a', 'b', 'c/d'];
const CONTENTS = ['one', 'two', 'three'];

const path = fc.constantFrom(...PATHS);
const branch = fc.constantFrom(...BRANCHES);
const changes = fc.constantFrom('refuse' as const, 'park' as const, 'discard' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      verb: fc.constant('write' as const),
      path,
      content: fc.constantFrom<string | null>(...CONTENTS, null)
    })
  },
  { weight: 4, arbitrary: fc.constant<Step>({ verb: 'snapshot' }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('create' as const), branch, follow: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ verb: fc.constant('switch' as const), branch, changes }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('rename' as const), branch, to: branch }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('delete' as const), branch }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('restore' as const), path, branch }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step>({ verb: 'undo' }, { verb: 'redo' }, { verb: 'gc' }, { verb: 'maintenance' })
  }
);

/** The state now, with those that undo goes back to and redo forward to; a user who writes makes them uncertain. */
type Timeline = { past: ModelState[]; now: ModelState; future: ModelState[] };

async function perform(project: IOpenProject, files: MemoryFileSystem, now: Step): Promise<unknown> {
  switch (now.verb) {
    case 'write':
      return write(files, { [now.path]: now.content });
    case 'snapshot':
      return run(project, 'snapshot', { message: 'next' });
    case 'create':
      return run(project, 'branch', { action: 'create', name: now.branch, switch: now.follow });
    case 'rename':
      return run(project, 'branch', { action: 'rename', name: now.branch, to: now.to });
    case 'delete':
      return run(project, 'branch', { action: 'delete', name: now.branch, force: true });
    case 'switch':
      return run(project, 'switch', { branch: now.branch, changes: now.changes });
    case 'restore':
      return run(project, 'restore', { addresses: [`${now.path}@${now.branch}`] });
    case 'gc':
      return run(project, 'gc', { grace: '0d', expire: '0d' });
    case 'maintenance':
      return maintain(project, {});
    default:
      return run(project, 'undo', now.verb === 'redo' ? { redo: true } : {});
  }
}

/** Move the timeline; gives the code of the failure that is to be expected, or null. */
function imagine(timeline: Timeline, now: Step): string | null {
  const before = timeline.now;
  if (now.verb === 'undo' || now.verb === 'redo') {
    const [from, to] = now.verb === 'undo' ? [timeline.past, timeline.future] : [timeline.future, timeline.past];
    to.push(before);
    timeline.now = from.pop()!;
    return null;
  }
  const outcome = take(before, now);
  if (typeof outcome === 'string') {
    return outcome;
  }
  if (now.verb === 'write') {
    Object.assign(timeline, { past: [], now: outcome[0], future: [] });
    return null;
  }
  for (const next of outcome) {
    if (!isSameState(timeline.now, next)) {
      timeline.past.push(timeline.now);
      timeline.future = [];
      timeline.now = next;
    }
  }
  return null;
}

const isPossible = ({ past, future }: Timeline, { verb }: Step): boolean =>
  (verb !== 'undo' || past.length > 0) && (verb !== 'redo' || future.length > 0);

async function expectSame(project: IOpenProject, model: ModelState, own: Tree): Promise<void> {
  const found = Object.entries(await read(project.files)) as [string, string][];
  expect(new Map(found.filter(([name]) => !own.has(name)).sort())).toEqual(new Map([...model.work].sort()));
  const { branch: head, changes: told } = await run(project, 'status', {});
  expect(head).toBe(model.head);
  expect(told.map(change => change.path).sort()).toEqual(difference(headOf(model), model.work));
  const { branches } = await run(project, 'branch', { action: 'list' });
  expect(branches.map(({ name }) => name).sort()).toEqual([...model.branches.keys()].sort());
}

async function play(list: readonly Step[]): Promise<void> {
  restartTime();
  const files = await createFolder();
  const project = await openWorld(files, { create: true });
  await run(project, 'init', { identity: { name: 'Ada', email: 'ada@example.org' } });
  await run(project, 'track', { patterns: ['*.bin'] });
  await run(project, 'snapshot', { message: 'start' });
  const own = new Map(Object.entries(await read(files)) as [string, string][]);
  const start: ModelState = { branches: new Map([['main', new Map()]]), head: 'main', work: new Map() };
  const timeline: Timeline = { past: [], now: start, future: [] };
  for (const now of list) {
    if (!isPossible(timeline, now)) {
      continue;
    }
    steps += 1;
    const expected = imagine(timeline, now);
    const failure = await perform(project, files, now).then(
      () => null,
      (error: unknown) => BranchbookError.from(error)
    );
    expect(failure?.code ?? null, `${JSON.stringify(now)} ${failure?.message ?? ''}`).toBe(expected);
    await expectSame(project, timeline.now, own);
  }
  for (const [name, tree] of timeline.now.branches) {
    await run(project, 'switch', { branch: name, changes: 'discard' });
    const found = await read(files);
    expect([...tree].filter(([file, content]) => found[file] !== content)).toEqual([]);
  }
  await expectSound(project);
  await project.close();
}

it('does what the model does', { timeout: patience }, async () => {
  const seed = process.env['BRANCHBOOK_TORTURE_SEED'];
  const chosen = seed ? { seed: Number(seed) } : isNightly ? {} : { seed: 20261121 };
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: LENGTH }), play);
  await fc.assert(property, { numRuns: RUNS, ...chosen, interruptAfterTimeLimit: patience });
});
