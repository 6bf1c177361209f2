/** Every change of a namespace, to what it needs and does. */
import type { NamespaceChange } from '../model/namespace';
import { addGrant, answerRequest, removeGrant, request } from './change-grants';
import { addMember, removeMember, setMember } from './change-members';
import { addEndpoint, addProject, removeEndpoint, removeProject, setProject } from './change-projects';
import { setNamespace } from './change-settings';
import type { Context, Plan } from './context';
import { revokeLink } from './links';

type Planner<T extends NamespaceChange['type']> = (
  context: Context,
  change: Extract<NamespaceChange, { readonly type: T }>
) => Plan;

const planners: { readonly [T in NamespaceChange['type']]: Planner<T> } = {
  set: setNamespace,
  'add-member': addMember,
  'set-member': setMember,
  'remove-member': removeMember,
  'add-grant': addGrant,
  'remove-grant': removeGrant,
  'revoke-link': revokeLink,
  'add-project': addProject,
  'set-project': setProject,
  'remove-project': removeProject,
  'add-endpoint': addEndpoint,
  'remove-endpoint': removeEndpoint,
  request,
  'answer-request': answerRequest
};

export function planChange<T extends NamespaceChange['type']>(
  context: Context,
  change: Extract<NamespaceChange, { readonly type: T }>
): Plan {
  return (planners[change.type as T] as Planner<T>)(context, change);
}
