/** A project through the real composition root, with every verb at hand. */
import { onTestFinished } from 'vitest';
import type { BranchbookError } from '../../src/core/error';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import type { IOpenProject, IPlaces } from '../../src/core/port';
import { openProject } from '../../src/service/open-project';
import { createRepository, git, read, write } from './fixture';
import type { Files } from './fixture';

export type Verbal = {
  readonly root: string;
  readonly project: IOpenProject;
  run<V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']>;
  /** The error of a verb that must fail. */
  fail<V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<BranchbookError>;
  write(files: Files): void;
  read(): Files;
  git(...args: readonly string[]): string;
  /** Write and snapshot; gives the commit. */
  snapshot(files: Files, message?: string): Promise<string>;
};

export async function openVerbs(root = createRepository(), places?: IPlaces): Promise<Verbal> {
  const options = { create: true, workerFile: null, program: ['/usr/bin/false'], ...(places && { places }) };
  const project = await openProject(root, options);
  onTestFinished(() => project.close());
  const run = <V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']> =>
    runOperation(project, operations[verb], args);
  return {
    root: project.root,
    project,
    run,
    fail: async (verb, args) => {
      try {
        await run(verb, args);
      } catch (error) {
        return error as BranchbookError;
      }
      throw new Error(`${verb} succeeded`);
    },
    write: files => write(root, files),
    read: () => read(root),
    git: (...args) => git(root, ...args),
    snapshot: async (files, message = 'work') => {
      write(root, files);
      return (await run('snapshot', { message })).snapshot.id;
    }
  };
}
