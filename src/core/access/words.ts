/** Reasons as sentences. */
import type { AccessObject, Audience, Label, Principal, Reason, ResourceClass, Right } from '../model/access';
import { dayOf, objectWords } from '../model/grant-words';
import type { BranchRule, Grant, Member } from '../model/namespace';
import type { Facts } from '../port';

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);

function nameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return principal.name;
    case 'group':
      return `the group ${principal.name}`;
    case 'namespace':
      return `the members of ${principal.name}`;
    default:
      return 'everyone';
  }
}

export function membership({ namespace }: Facts, { principal, role }: Member): Reason {
  return { via: 'role', text: `${nameOf(principal)} is ${article(role)} of ${namespace.name}` };
}

export function grant({ id, principal, right, object, expires, by }: Grant): Reason {
  const until = expires === null ? '' : ` until ${dayOf(expires)}`;
  const what = `“${right}” on ${objectWords(object)}${until}`;
  const text = by.startsWith('link:')
    ? `a link gave ${nameOf(principal)} ${what}`
    : `${by} gave ${nameOf(principal)} ${what}`;
  return { via: 'grant', text, grant: id };
}

export function everyone({ namespace }: Facts, resource: ResourceClass, right: Right): Reason {
  return { via: 'policy', text: `the table of ${namespace.name} gives everyone “${right}” of ${resource}` };
}

const audienceWords = { private: 'people who are named', team: 'members', everyone: 'everyone' };

export function ceiling({ namespace }: Facts, audience: Audience, resource: ResourceClass, most: Right): Reason {
  return {
    via: 'policy',
    text: `the table of ${namespace.name} limits ${audienceWords[audience]} to “${most}” of ${resource}`
  };
}

export function branchRule(project: string, { pattern, push }: BranchRule): Reason {
  const who = {
    edit: 'editors push there',
    manage: 'only owners and people named for the branch push there',
    none: 'nobody pushes there'
  };
  return { via: 'branch-rule', text: `${project} protects branches “${pattern}”: ${who[push]}` };
}

export function label({ who, namespace }: Facts, object: AccessObject, name: Label): Reason {
  return {
    via: 'label',
    text: `${objectWords(object, namespace.name)} is ${name}, and ${who.user} is not cleared for that`
  };
}

export function signIn(most: Right): Reason {
  return { via: 'policy', text: `the token that was used gives “${most}” at most` };
}

export function nothing({ who, namespace }: Facts, object: AccessObject): Reason {
  return { via: 'nothing', text: `nothing gives ${who.user} a right on ${objectWords(object, namespace.name)}` };
}

/** Why a push is refused, as one sentence. */
export function noPush(branch: string, project: string, because: readonly Reason[]): string {
  const reason = because.at(-1)?.text ?? 'nothing allows it';
  return `You may not push to “${branch}” of ${project}: ${reason}.`;
}
