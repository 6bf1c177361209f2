/** "Who can see this, and why." */
import { formatPrincipal, rights } from '../model/access';
import type { AccessObject, Principal } from '../model/access';
import { dayOf } from '../model/grant-words';
import type { WhoCan } from '../model/namespace';
import type { Facts, NamespaceState } from '../port';
import { factsOf } from './context';
import { coversObject } from './covers';
import { decide } from './decide';

/** Everybody with a right on the object, most first. `others`: namespaces that grants are for. */
export function whoCan(
  state: NamespaceState,
  object: AccessObject,
  others: Facts['through'],
  now: number
): readonly WhoCan[] {
  const named = [...state.members.map(({ principal }) => principal), ...state.grants.map(({ principal }) => principal)];
  const people = unique(named.filter(({ kind }) => kind !== 'link'));
  const found = [...people, { kind: 'everyone' } as const].flatMap(principal => {
    const { held, because } = decide(factsAbout(state, principal, others), 'view', object, now);
    return held === null ? [] : [{ principal, right: held, because }];
  });
  return [...found, ...openLinks(state, object, now)].sort(
    (one, other) => rights.indexOf(other.right) - rights.indexOf(one.right)
  );
}

/** One alone, also when it is nothing; with the groups that they are in. */
export function explain(facts: Facts, object: AccessObject, principal: Principal, now: number): readonly WhoCan[] {
  const { held, because } = decide(facts, 'view', object, now);
  return held === null ? [] : [{ principal, right: held, because }];
}

/** What is known of one principal by itself: of a person without their groups, of a group without its people. */
export function factsAbout(state: NamespaceState, principal: Principal, others: Facts['through']): Facts {
  switch (principal.kind) {
    case 'user':
      return factsOf(state, { user: principal.name, groups: [] }, []);
    case 'group':
      return factsOf(state, { user: '', groups: [principal.name] }, []);
    case 'namespace':
      return factsOf(
        state,
        { user: '', groups: [] },
        others.filter(({ name }) => name === principal.name)
      );
    default:
      return factsOf(state, { user: '', groups: [] }, []);
  }
}

/** An open link is somebody who may come. */
function openLinks(state: NamespaceState, object: AccessObject, now: number): readonly WhoCan[] {
  return state.links
    .filter(({ revoked, expires, uses, used }) => !revoked && expires > now && (uses === 'many' || used === 0))
    .filter(link => coversObject(link.object, object))
    .map(({ id, right, expires, by, uses }) => ({
      principal: { kind: 'link', name: id },
      right,
      because: [
        {
          via: 'grant',
          text: `${by} made a link, for ${uses === 'single' ? 'one person' : 'whoever opens it'}, until ${dayOf(expires)}`
        }
      ]
    }));
}

function unique(principals: readonly Principal[]): readonly Principal[] {
  return [...new Map(principals.map(principal => [formatPrincipal(principal), principal])).values()];
}
