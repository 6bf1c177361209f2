import type { AccountVerb, ProjectVerb, Verbs } from '../model/result';
import type { Activity, IAccount, IProject } from '../port';

/** One verb of a project. Operations are values with flags that one runner (`run.ts`) interprets. */
export type Operation<V extends ProjectVerb> = {
  readonly verb: V;
  readonly summary: string;
  /**
   * True when it changes refs, work tree or configuration: the runner then recovers the journal first. A function for
   * verbs of which it depends on the arguments (listing changes nothing).
   */
  readonly mutates: boolean | ((args: Verbs[V]['args']) => boolean);
  /**
   * It takes the project's lock itself, for as long as it changes something: others need not wait while it talks to a remote.
   */
  readonly locksItself?: true;
  /** Done under the project's lock before interrupted changes are completed: only what would keep that from working. */
  readonly prepare?: (project: IProject) => Promise<void>;
  readonly run: (project: IProject, args: Verbs[V]['args'], activity: Activity) => Promise<Verbs[V]['result']>;
};

/** One verb that needs no project. */
export type AccountOperation<V extends AccountVerb> = {
  readonly verb: V;
  readonly summary: string;
  readonly run: (account: IAccount, args: Verbs[V]['args'], activity: Activity) => Promise<Verbs[V]['result']>;
};

export function doesMutate<V extends ProjectVerb>(operation: Operation<V>, args: Verbs[V]['args']): boolean {
  return typeof operation.mutates === 'function' ? operation.mutates(args) : operation.mutates;
}
