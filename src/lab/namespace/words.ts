import type { TranslationBundle } from '@jupyterlab/translation';
import { BranchbookError } from '../../core/error';
import type { AccessObject, Audience, Label, Principal, ResourceClass, Right, Role } from '../../core/model/access';
import type { BranchRule, NamespaceKind } from '../../core/model/namespace';

/** What a cell of the table holds. */
export type Cell = Right | 'none';

export function cellInWords(cell: Cell, trans: TranslationBundle): string {
  const words: Record<Cell, string> = {
    none: trans.__('Nothing'),
    view: trans.__('View'),
    run: trans.__('Run'),
    edit: trans.__('Edit'),
    manage: trans.__('Manage')
  };
  return words[cell];
}

export function roleInWords(role: Role, trans: TranslationBundle): string {
  const words: Record<Role, string> = {
    viewer: trans.__('Viewer'),
    runner: trans.__('Runner'),
    editor: trans.__('Editor'),
    owner: trans.__('Owner')
  };
  return words[role];
}

export function classInWords(name: ResourceClass, trans: TranslationBundle): string {
  const words: Record<ResourceClass, string> = {
    code: trans.__('Code'),
    data: trans.__('Data'),
    models: trans.__('Models'),
    compute: trans.__('Compute')
  };
  return words[name];
}

export function audienceInWords(audience: Audience, trans: TranslationBundle): string {
  const words: Record<Audience, string> = {
    private: trans.__('Private'),
    team: trans.__('Team'),
    everyone: trans.__('Everyone')
  };
  return words[audience];
}

/** Who an audience is. */
export function whoIsInWords(audience: Audience, trans: TranslationBundle): string {
  const words: Record<Audience, string> = {
    private: trans.__('People, groups and links named in a share'),
    team: trans.__('Members, each up to their role'),
    everyone: trans.__('All who can sign in to this place')
  };
  return words[audience];
}

export function kindInWords(kind: NamespaceKind, trans: TranslationBundle): string {
  const words: Record<NamespaceKind, string> = {
    personal: trans.__('Private namespace'),
    team: trans.__('Team namespace'),
    everyone: trans.__('Namespace for everyone')
  };
  return words[kind];
}

export function labelInWords(label: Label, trans: TranslationBundle): string {
  return label === 'protected' ? trans.__('Protected') : trans.__('Unclassified');
}

/** Who may push to a branch with such a rule. */
export function pushInWords(push: BranchRule['push'], trans: TranslationBundle): string {
  const words: Record<BranchRule['push'], string> = {
    edit: trans.__('Editors and owners'),
    manage: trans.__('Owners, and who was given the branch'),
    none: trans.__('Nobody')
  };
  return words[push];
}

/** A name to show; people are called as they sign in. */
export function principalInWords(principal: Principal, trans: TranslationBundle): string {
  switch (principal.kind) {
    case 'user':
      return principal.name;
    case 'group':
      return trans.__('Group %1', principal.name);
    case 'namespace':
      return trans.__('Members of %1', principal.name);
    case 'link':
      return trans.__('Whoever opens a link');
    case 'everyone':
      return trans.__('Everyone');
  }
}

export function objectInWords(object: AccessObject, trans: TranslationBundle): string {
  switch (object.kind) {
    case 'namespace':
      return trans.__('Whole namespace');
    case 'project':
      return trans.__('Project %1', object.project);
    case 'branch':
      return trans.__('Branch %1 of %2', object.pattern, object.project);
    case 'asset':
      return trans.__('%1 in %2', object.path, object.project);
    case 'pipeline':
      return trans.__('Pipeline %1 of %2', object.pipeline, object.project);
    case 'compute':
      return trans.__('Endpoint %1', object.endpoint);
  }
}

/** The last day of something, from milliseconds since 1970; null = it has none. */
export function expiryInWords(expires: number | null, now: number, trans: TranslationBundle): string {
  if (expires === null) {
    return trans.__('Until revoked');
  }
  return expires <= now ? trans.__('Expired') : dayFormat().format(expires);
}

const dayFormat = (): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: 'medium' });

/** A failure as a person should read it: what happened, and what to do next. */
export function failureInWords(cause: unknown): string {
  const { message, hint } = BranchbookError.from(cause);
  return [message, hint].filter(Boolean).join(' ');
}
