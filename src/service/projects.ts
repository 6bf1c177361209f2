import type { IProjects } from '../cli/context';
import { BranchbookError } from '../core/error';
import type { AccountVerb, ProjectVerb, Verb, Verbs } from '../core/model/result';
import { isAccountVerb } from '../core/operation';
import { isMaintained, maintain } from '../core/operation/maintain';
import { doesMutate } from '../core/operation/operation';
import { runAccountOperation, runOperation } from '../core/operation/run';
import type { Activity, Creation, IAccount, IOpenProject, IProject } from '../core/port';
import type { ICoreHost } from './host';
import { Maintenance } from './maintenance';
import type { MaintenanceOptions } from './maintenance';

type Opened = {
  readonly project: IOpenProject;
  /** Inode of the git directory: another one at the same path is another project. */
  readonly identity: bigint;
};

/** Called with a project that was opened, or that a verb may have changed. */
export type ProjectListener = (project: IProject) => void;

/**
 * The projects this core works on: opened once, kept per root. Verbs that change something take turns in each project;
 * those that only look run at once.
 */
export class Projects implements IProjects {
  constructor(
    private readonly _host: ICoreHost,
    private readonly _onOpened: ProjectListener,
    private readonly _onChanged: ProjectListener,
    maintenance: MaintenanceOptions | null,
    log: (line: string) => void
  ) {
    this._maintenance = new Maintenance(maintenance, (root, activity) => this._maintain(root, activity), log);
  }

  findRoot(path: string): Promise<string | null> {
    return this._host.findRoot(path);
  }

  /** The project that holds `path`. NOT_A_PROJECT when there is none. */
  async open(path: string): Promise<IProject> {
    const root = await this.findRoot(path);
    if (root === null) {
      throw new BranchbookError(
        'NOT_A_PROJECT',
        `${path} is not in a Branchbook project.`,
        { path },
        'Make its folder a project with `branchbook init`.'
      );
    }
    return this._openRoot(root);
  }

  async run<V extends Verb>(
    verb: V,
    path: string,
    args: Verbs[V]['args'],
    activity: Activity
  ): Promise<Verbs[V]['result']> {
    return isAccountVerb(verb)
      ? this._runAnywhere(verb as V & AccountVerb, path, args as Verbs[V & AccountVerb]['args'], activity)
      : this._runInProject(verb as V & ProjectVerb, path, args as Verbs[V & ProjectVerb]['args'], activity);
  }

  private _runAnywhere<V extends AccountVerb>(
    verb: V,
    cwd: string,
    args: Verbs[V]['args'],
    activity: Activity
  ): Promise<Verbs[V]['result']> {
    const { files, clock, random, places, accountOperations } = this._host;
    const account: IAccount = {
      cwd,
      files,
      clock,
      random,
      places,
      project: async () => ((await this.findRoot(cwd)) === null ? null : this.open(cwd)),
      open: (root, options) => (options?.create ? this._create(root, options.create) : this.open(root))
    };
    return runAccountOperation(account, accountOperations[verb], args, activity);
  }

  private async _runInProject<V extends ProjectVerb>(
    verb: V,
    path: string,
    args: Verbs[V]['args'],
    activity: Activity
  ): Promise<Verbs[V]['result']> {
    const project = verb === 'init' ? await this._create(path) : await this.open(path);
    const operation = this._host.operations[verb];
    const mutates = doesMutate(operation, args);
    const stopped = this._maintenance.began(project.root);
    try {
      if (!mutates) {
        return await runOperation(project, operation, args, activity);
      }
      await stopped;
      const work = async (): Promise<Verbs[V]['result']> => {
        activity.signal?.throwIfAborted();
        try {
          return await runOperation(project, operation, args, activity);
        } finally {
          // A verb that failed may have changed something before; looking once more is cheap.
          this._onChanged(project);
        }
      };
      return await (operation.locksItself ? work() : this._inTurn(project.root, work));
    } finally {
      this._maintenance.ended(project.root, mutates);
    }
  }

  /** Give back what the projects hold. */
  async close(): Promise<void> {
    await this._maintenance.dispose();
    const all = [...this._opened.values()];
    this._opened.clear();
    await Promise.allSettled(all.map(async opening => (await opening).project.close()));
  }

  /** What was closed, or is another repository by now, needs nothing. */
  private async _maintain(root: string, activity: Activity): Promise<boolean> {
    const opened = await this._opened.get(root);
    const isThere = opened !== undefined && opened.identity === (await this._identify(root));
    return !isThere || !(await isMaintained(opened.project)) || maintain(opened.project, activity);
  }

  private async _create(path: string, create: Creation = true): Promise<IProject> {
    const root = await this.findRoot(path);
    if (root !== null && (create !== 'here' || root === path)) {
      return this.open(path);
    }
    // What was kept for this folder was of a repository that is no more.
    const project = await this._host.openProject(path, { create });
    await this._drop(project.root);
    return this._keep(project.root, Promise.resolve(project));
  }

  private async _openRoot(root: string): Promise<IProject> {
    // No await between looking and keeping: callers at the same time share one opening.
    for (let known = this._opened.get(root); known; known = this._opened.get(root)) {
      const opened = await known.catch(() => null);
      if (opened && opened.identity === (await this._identify(root))) {
        return opened.project;
      }
      if (this._opened.get(root) === known) {
        await this._drop(root);
      }
    }
    return this._keep(root, this._host.openProject(root));
  }

  private async _keep(root: string, project: Promise<IOpenProject>): Promise<IProject> {
    const opening = Promise.all([project, this._identify(root)]).then(([opened, identity]) => ({
      project: opened,
      identity
    }));
    this._opened.set(root, opening);
    const opened = await opening;
    this._onOpened(opened.project);
    return opened.project;
  }

  private async _drop(root: string): Promise<void> {
    const opening = this._opened.get(root);
    this._opened.delete(root);
    // Nobody waits for a project that is gone; that it does not close well changes nothing.
    await opening?.then(({ project }) => project.close()).catch(() => undefined);
  }

  private async _identify(root: string): Promise<bigint> {
    return (await this._host.files.lstat(`${root}/.git`))?.ino ?? 0n;
  }

  private async _inTurn<T>(root: string, work: () => Promise<T>): Promise<T> {
    const turn = (this._turns.get(root) ?? Promise.resolve()).then(work);
    // The next in line waits for the end, not for success.
    const settled = turn.then(
      () => undefined,
      () => undefined
    );
    this._turns.set(root, settled);
    void settled.then(() => {
      if (this._turns.get(root) === settled) {
        this._turns.delete(root);
      }
    });
    return turn;
  }

  private readonly _maintenance: Maintenance;
  private readonly _opened = new Map<string, Promise<Opened>>();
  private readonly _turns = new Map<string, Promise<void>>();
}
