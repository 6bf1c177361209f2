import type { TranslationBundle } from '@jupyterlab/translation';
import type { Audience, Label, Principal, ResourceClass, Role } from '../../core/model/access';
import { rightOf } from '../../core/model/access';
import type { AccessRequest, BranchRule, Grant, Link, Member, NamespaceView } from '../../core/model/namespace';
import type { ComputeArgs, MemberArgs, NamespaceArgs, ShareArgs } from '../../core/model/sharing';
import {
  type Cell,
  audienceInWords,
  cellInWords,
  classInWords,
  labelInWords,
  principalInWords,
  roleInWords
} from './words';

export type View = NamespaceView & { readonly place: string };

/** What is sent to the core; the namespace is filled in by who sends it. */
export type Call =
  | { readonly verb: 'namespace'; readonly args: NamespaceArgs }
  | { readonly verb: 'member'; readonly args: MemberArgs }
  | { readonly verb: 'share'; readonly args: ShareArgs }
  | { readonly verb: 'compute'; readonly args: ComputeArgs };

export type Change = {
  readonly call: Call;
  /** What it did, for the line that offers to undo it. */
  readonly words: string;
  /** Missing: it cannot be taken back. */
  readonly undo?: Build;
};

/** Makes a change from the namespace as it is when it is sent. */
export type Build = (view: View) => Change;

/** The changes that the page of a namespace offers, each with what takes it back. */
export class Changes {
  constructor(private readonly _trans: TranslationBundle) {}

  setCell(audience: Audience, name: ResourceClass, cell: Cell): Build {
    const trans = this._trans;
    return ({ namespace }) => {
      const before = namespace.policy[audience][name];
      // Only this cell: others may be changed by somebody else at the same time.
      const policy = { [audience]: { [name]: cell } };
      const row = audienceInWords(audience, trans);
      const column = classInWords(name, trans);
      return {
        call: { verb: 'namespace', args: { action: 'set', policy } },
        words: trans.__('%1 × %2: %3', row, column, cellInWords(cell, trans)),
        undo: this.setCell(audience, name, before)
      };
    };
  }

  setLabel(label: Label): Build {
    const trans = this._trans;
    return ({ namespace }) => ({
      call: { verb: 'namespace', args: { action: 'set', label } },
      words: trans.__('The namespace is labelled: %1', labelInWords(label, trans)),
      undo: this.setLabel(namespace.label)
    });
  }

  setTitle(title: string): Build {
    const trans = this._trans;
    return ({ namespace }) => ({
      call: { verb: 'namespace', args: { action: 'set', title } },
      words: trans.__('The namespace is called %1', title),
      undo: this.setTitle(namespace.title)
    });
  }

  /** Bytes; null = no limit. */
  setQuota(bytes: number | null): Build {
    return ({ namespace: { quota } }) => ({
      call: { verb: 'namespace', args: { action: 'set', quota: { bytes } } },
      words: bytes === null ? this._trans.__('Storage has no limit') : this._trans.__('The limit of storage was set'),
      undo: this.setQuota(quota.bytes)
    });
  }

  addMember(principal: Member['principal'], role: Role, cleared: boolean): Build {
    const trans = this._trans;
    return () => ({
      call: { verb: 'member', args: { action: 'add', member: principal, role, cleared } },
      words: trans.__('%1 is a member: %2', principalInWords(principal, trans), roleInWords(role, trans)),
      undo: this.removeMember(principal)
    });
  }

  setRole(principal: Member['principal'], role: Role): Build {
    const trans = this._trans;
    return ({ members }) => {
      const before = find(members, principal)?.role;
      return {
        call: { verb: 'member', args: { action: 'role', member: principal, role } },
        words: trans.__('%1 is now: %2', principalInWords(principal, trans), roleInWords(role, trans)),
        ...(before && { undo: this.setRole(principal, before) })
      };
    };
  }

  setCleared(principal: Member['principal'], cleared: boolean): Build {
    const trans = this._trans;
    return ({ members }) => {
      const role = find(members, principal)?.role ?? 'viewer';
      const name = principalInWords(principal, trans);
      return {
        call: { verb: 'member', args: { action: 'role', member: principal, role, cleared } },
        words: cleared
          ? trans.__('%1 is cleared for what is protected', name)
          : trans.__('%1 is no longer cleared for what is protected', name),
        undo: this.setCleared(principal, !cleared)
      };
    };
  }

  removeMember(principal: Member['principal']): Build {
    const trans = this._trans;
    return ({ members }) => {
      const before = find(members, principal);
      return {
        call: { verb: 'member', args: { action: 'remove', member: principal } },
        words: trans.__('%1 is no longer a member', principalInWords(principal, trans)),
        ...(before && { undo: this.addMember(principal, before.role, before.cleared) })
      };
    };
  }

  describeProject(project: string, description: string): Build {
    return ({ projects }) => ({
      call: { verb: 'namespace', args: { action: 'set-project', project, description } },
      words: this._trans.__('The description of %1 was changed', project),
      undo: this.describeProject(project, projects.find(({ name }) => name === project)?.description ?? '')
    });
  }

  labelProject(project: string, label: Label): Build {
    const trans = this._trans;
    return ({ projects }) => ({
      call: { verb: 'namespace', args: { action: 'set-project', project, label } },
      words: trans.__('%1 is labelled: %2', project, labelInWords(label, trans)),
      undo: this.labelProject(project, projects.find(({ name }) => name === project)?.label ?? 'unclassified')
    });
  }

  /** A rule for a pattern of branch names; null takes it away. */
  setBranchRule(project: string, pattern: string, push: BranchRule['push'] | null): Build {
    const trans = this._trans;
    return ({ projects }) => {
      const rules = projects.find(({ name }) => name === project)?.branchRules ?? [];
      const before = rules.find(rule => rule.pattern === pattern)?.push ?? null;
      return {
        call: {
          verb: 'namespace',
          args: { action: 'set-project', project, branchRules: withRule(rules, pattern, push) }
        },
        words: push
          ? trans.__('Who may push to %1 of %2 was changed', pattern, project)
          : trans.__('Everyone who may edit %2 may push to %1', pattern, project),
        undo: this.setBranchRule(project, pattern, before)
      };
    };
  }

  deleteProject(project: string): Build {
    return () => ({
      call: { verb: 'namespace', args: { action: 'delete-project', project } },
      words: this._trans.__('%1 was deleted', project)
    });
  }

  revokeGrant(grant: Grant): Build {
    const trans = this._trans;
    const { principal, right, object, expires } = grant;
    const until = expires === null ? {} : { until: new Date(expires).toISOString() };
    return () => ({
      call: { verb: 'share', args: { action: 'revoke', id: grant.id } },
      words: trans.__('Revoked what %1 was given', principalInWords(principal, trans)),
      // Who came by a link has only that.
      ...(principal.kind !== 'link' && {
        undo: () => ({
          call: { verb: 'share', args: { action: 'grant', principal, right, object, ...until } },
          words: trans.__('%1 has it again', principalInWords(principal, trans))
        })
      })
    });
  }

  /** Nobody can make the same code again: a new link has to be sent. */
  revokeLink(link: Link): Build {
    return () => ({
      call: { verb: 'share', args: { action: 'revoke', id: link.id } },
      words: this._trans.__('The link was revoked: it opens nothing any more')
    });
  }

  answer(request: AccessRequest, answer: 'granted' | 'refused'): Build {
    return () => ({
      call: { verb: 'share', args: { action: 'answer', id: request.id, answer } },
      words:
        answer === 'granted'
          ? this._trans.__('%1 has what they asked for', request.user)
          : this._trans.__('The request of %1 was refused', request.user)
    });
  }

  removeEndpoint(name: string): Build {
    return () => ({
      call: { verb: 'compute', args: { action: 'remove', name } },
      words: this._trans.__('The endpoint %1 was removed', name)
    });
  }
}

export function isSame(a: Principal, b: Principal): boolean {
  return a.kind === b.kind && (a.kind === 'everyone' || b.kind === 'everyone' || a.name === b.name);
}

function find(members: readonly Member[], principal: Principal): Member | undefined {
  return members.find(member => isSame(member.principal, principal));
}

/** The last owner keeps the namespace: nobody could give it to another. */
export function isLastOwner(view: View, member: Member): boolean {
  const owners = view.members.filter(({ role }) => rightOf(role) === 'manage');
  return member.role === 'owner' && owners.length === 1;
}

function withRule(
  rules: readonly BranchRule[],
  pattern: string,
  push: BranchRule['push'] | null
): readonly BranchRule[] {
  const index = rules.findIndex(rule => rule.pattern === pattern);
  if (push === null) {
    return rules.filter((_, at) => at !== index);
  }
  // Its place is kept: the order of rules may matter.
  return index < 0 ? [...rules, { pattern, push }] : rules.map((rule, at) => (at === index ? { pattern, push } : rule));
}
