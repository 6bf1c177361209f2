import type { TranslationBundle } from '@jupyterlab/translation';
import type { AccessObject, Principal, Role } from '../../core/model/access';
import { rightOf } from '../../core/model/access';
import type { Member, SharedWorkspace } from '../../core/model/namespace';
import { type Build, isSame } from './changes';
import { objectInWords, principalInWords, roleInWords } from './words';

/** Who gets something: by name, all, or whoever opens a link. */
export const whos = ['user', 'group', 'everyone', 'link'] as const;
export type Who = (typeof whos)[number];

/** What can be shared from a project; the last ones want to be named. */
export const whats = ['project', 'namespace', 'asset', 'branch', 'pipeline', 'compute'] as const;
export type What = (typeof whats)[number];

/** How long: a time from now as the core reads it, '' = until revoked, or a day of the user's calendar. */
export const spans = ['', '1d', '7d', '30d', '90d', 'day'] as const;
export type Span = (typeof spans)[number];

/** What the Share dialog asks. */
export type ShareChoice = {
  readonly who: Who;
  /** Of the person or group. */
  readonly name: string;
  readonly role: Role;
  readonly what: What;
  /** The path, branch pattern, pipeline or endpoint. */
  readonly detail: string;
  readonly span: Span;
  /** `2026-12-03`, with span `day`. */
  readonly day: string;
  /** A link opens once. */
  readonly once: boolean;
  /** A link opens the sender's documents. */
  readonly withWorkspace: boolean;
};

export const firstChoice: ShareChoice = {
  who: 'user',
  name: '',
  role: 'viewer',
  what: 'project',
  detail: '',
  span: '',
  day: '',
  once: false,
  withWorkspace: true
};

/** What the choice is made in. */
export type ShareScene = {
  /** Name in the namespace; null when nothing of one project can be shared from here. */
  readonly project: string | null;
  readonly namespace: string;
};

export function principalOf({ who, name }: ShareChoice): Principal {
  switch (who) {
    case 'user':
    case 'group':
      return { kind: who, name: name.trim() };
    case 'everyone':
      return { kind: 'everyone' };
    case 'link':
      return { kind: 'link', name: '' };
  }
}

/** null while it is not known what is meant. */
export function objectOf({ what, detail }: ShareChoice, { project }: ShareScene): AccessObject | null {
  const named = detail.trim();
  if (what === 'namespace') {
    return { kind: 'namespace' };
  }
  if (what === 'compute') {
    return named ? { kind: 'compute', endpoint: named } : null;
  }
  if (project === null) {
    return null;
  }
  switch (what) {
    case 'project':
      return { kind: 'project', project };
    case 'asset':
      return named ? { kind: 'asset', project, path: named.replace(/\/+$/, '') } : null;
    case 'branch':
      return named ? { kind: 'branch', project, pattern: named } : null;
    case 'pipeline':
      return named ? { kind: 'pipeline', project, pipeline: named } : null;
  }
}

/** Links always end: a week is what they have when nothing was chosen. */
export function spanOf({ who, span }: ShareChoice): Span {
  return who === 'link' && span === '' ? '7d' : span;
}

const dayLength = 86_400_000;

/** Milliseconds since 1970 at which it ends; null = it does not. A day ends when it is over for the user. */
export function endOf(choice: ShareChoice, now: number): number | null {
  const span = spanOf(choice);
  if (span === '') {
    return null;
  }
  if (span === 'day') {
    const end = new Date(`${choice.day}T00:00`);
    end.setDate(end.getDate() + 1);
    return end.getTime() - 1;
  }
  return now + Number.parseInt(span, 10) * dayLength;
}

/** What is still missing, in words; null when it can be sent. */
export function missing(choice: ShareChoice, scene: ShareScene, now: number, trans: TranslationBundle): string | null {
  if ((choice.who === 'user' || choice.who === 'group') && choice.name.trim() === '') {
    return choice.who === 'user' ? trans.__('Name a person.') : trans.__('Name a group.');
  }
  if (objectOf(choice, scene) === null) {
    return trans.__('Say what to share.');
  }
  if (choice.span === 'day') {
    const end = endOf(choice, now);
    if (end === null || Number.isNaN(end)) {
      return trans.__('Choose a day.');
    }
    if (end <= now) {
      return trans.__('Choose a day to come.');
    }
  }
  return null;
}

/** People and groups who get a whole namespace, without an end, are its members. */
export function isMembership({ who, what, span }: ShareChoice): boolean {
  return what === 'namespace' && (who === 'link' || ((who === 'user' || who === 'group') && span === ''));
}

/** The change that gives what was chosen. */
export function shareChange(
  choice: ShareChoice,
  scene: ShareScene,
  workspace: SharedWorkspace | null,
  now: number,
  trans: TranslationBundle
): Build {
  const object = objectOf(choice, scene)!;
  const right = rightOf(choice.role);
  const end = endOf(choice, now);
  const until = end === null ? {} : { until: new Date(end).toISOString() };
  const principal = principalOf(choice);
  const names = [principalInWords(principal, trans), objectInWords(object, trans)] as const;
  if (choice.who === 'link') {
    return () => ({
      call: {
        verb: 'share',
        args: {
          action: 'link',
          right,
          object,
          gives: isMembership(choice) ? 'membership' : 'grant',
          uses: choice.once ? 'single' : 'many',
          ...until,
          ...(workspace !== null && { workspace })
        }
      },
      words: trans.__('A link was made')
    });
  }
  if (isMembership(choice)) {
    return memberChange(principal as Member['principal'], choice.role, trans);
  }
  return () => ({
    call: { verb: 'share', args: { action: 'grant', principal, right, object, ...until } },
    words: trans.__('Shared with %1: %2', ...names)
  });
}

/** Who is a member already gets the other role. */
function memberChange(member: Member['principal'], role: Role, trans: TranslationBundle): Build {
  return ({ members }) => {
    const action = members.some(({ principal }) => isSame(principal, member)) ? 'role' : 'add';
    return {
      call: { verb: 'member', args: { action, member, role } },
      words: trans.__('%1 is a member: %2', principalInWords(member, trans), roleInWords(role, trans))
    };
  };
}
