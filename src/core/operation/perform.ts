/** One verb, whichever kind it is. */
import type { AccountVerb, ProjectVerb, Verb, Verbs } from '../model/result';
import type { Activity, IAccount, IProject } from '../port';
import { accountOperations, isAccountVerb, operations } from './index';
import { runAccountOperation, runOperation } from './run';

/** What a verb may need; only that is asked for. */
export type Site = {
  readonly project: () => Promise<IProject>;
  readonly account: () => IAccount;
};

export async function perform<V extends Verb>(
  verb: V,
  args: Verbs[V]['args'],
  activity: Activity,
  site: Site
): Promise<Verbs[V]['result']> {
  return isAccountVerb(verb)
    ? anywhere(verb as V & AccountVerb, args as Verbs[V & AccountVerb]['args'], activity, site)
    : inProject(verb as V & ProjectVerb, args as Verbs[V & ProjectVerb]['args'], activity, site);
}

function anywhere<V extends AccountVerb>(
  verb: V,
  args: Verbs[V]['args'],
  activity: Activity,
  site: Site
): Promise<Verbs[V]['result']> {
  return runAccountOperation(site.account(), accountOperations[verb], args, activity);
}

async function inProject<V extends ProjectVerb>(
  verb: V,
  args: Verbs[V]['args'],
  activity: Activity,
  site: Site
): Promise<Verbs[V]['result']> {
  return runOperation(await site.project(), operations[verb], args, activity);
}
