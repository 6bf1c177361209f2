/** A namespace goes only when its owner says so, and says so of its projects too. */
import { BranchbookError } from '../error';
import { demand, isOwner } from './context';
import type { Context, Plan } from './context';

export function planDelete(context: Context, { projects }: { readonly projects: boolean }): Plan {
  const { state, facts } = context;
  const name = state.record.name;
  if (!isOwner(facts)) {
    demand(context, 'manage', { kind: 'namespace' });
    throw new BranchbookError(
      'FORBIDDEN',
      `Only owners of ${name} delete it.`,
      { right: 'manage', object: 'namespace', because: [] },
      'Ask one of its owners.'
    );
  }
  if (state.projects.length > 0 && !projects) {
    throw new BranchbookError(
      'NAMESPACE_NOT_EMPTY',
      `${name} still has projects: ${state.projects.map(one => one.name).join(', ')}.`,
      { projects: state.projects.map(one => one.name) },
      'Delete them with it: --projects.'
    );
  }
  return { action: 'namespace.delete', project: null, target: 'namespace', detail: `${name} was deleted`, edits: [] };
}
