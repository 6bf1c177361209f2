/**
 * Kubeflow's access management (KFAM): bindings of people to profiles. Older versions name the person `user`, newer ones
 * `subject`; both are read, and both are written.
 */
import { BranchbookError } from '../../core/error';
import { contributorRoles } from '../../core/model/contributor';
import type { Contributor } from '../../core/model/contributor';
import type { IContributors } from '../../core/port';
import { requestJson } from '../http/json';
import type { JsonRequest } from '../http/json';
import type { Environment } from '../process/environment';

type Subject = { readonly kind?: string; readonly name?: string };
type Role = { readonly name?: string };
type Binding = {
  readonly user?: Subject;
  readonly subject?: Subject;
  readonly referredNamespace?: string;
  readonly roleRef?: Role;
  readonly RoleRef?: Role;
};

export class KubeflowContributors implements IContributors {
  private readonly _bindings: string;
  private readonly _user: string;

  /** ADDRESS_INVALID, COMPUTE_UNAVAILABLE when the environment does not say who the user is. */
  constructor(address: string, environment: Environment) {
    this._bindings = `${accessManagement(address)}/v1/bindings`;
    const user = environment['BRANCHBOOK_KUBEFLOW_USER'];
    if (!user || /[^\x21-\x7e]/.test(user)) {
      const reason = 'BRANCHBOOK_KUBEFLOW_USER does not say who you are there';
      throw unavailable(reason, 'Set it to your name in Kubeflow, mostly an e-mail address.');
    }
    this._user = user;
  }

  async list(profile: string): Promise<readonly Contributor[]> {
    const { status, body } = await this._ask(`?${new URLSearchParams({ namespace: profile })}`);
    const entries = (body as { readonly bindings?: unknown } | null)?.bindings;
    if (status !== 200 || !(Array.isArray(entries) || entries === null)) {
      throw unavailable(
        status === 200 ? 'that is not how access management answers' : `it answers with status ${status}`
      );
    }
    return ((entries ?? []) as readonly Binding[]).flatMap(binding => contributorOf(profile, binding));
  }

  async add(profile: string, { who, role }: Contributor): Promise<void> {
    const subject = { kind: who.kind === 'user' ? 'User' : 'Group', name: who.name };
    const roleRef = { kind: 'ClusterRole', name: role };
    const body = { user: subject, subject, referredNamespace: profile, roleRef };
    const { status } = await this._ask('', { method: 'POST', body });
    if (status === 401 || status === 403) {
      throw new BranchbookError(
        'FORBIDDEN',
        `Kubeflow does not let ${this._user} add ${who.name} to the profile ${profile}.`,
        { right: 'manage', object: `profile ${profile}`, because: [] },
        'Its owner and the administrators of the cluster may.'
      );
    }
    if (status < 200 || status >= 300) {
      throw unavailable(`it answers with status ${status}`);
    }
  }

  private _ask(rest: string, request: JsonRequest = {}) {
    return requestJson(`${this._bindings}${rest}`, { ...request, headers: { 'kubeflow-userid': this._user } });
  }
}

/** Nobody for bindings of programs, of other profiles, and for roles that are not Kubeflow's three. */
function contributorOf(profile: string, binding: Binding): readonly Contributor[] {
  const { kind, name } = binding.subject ?? binding.user ?? {};
  const role = contributorRoles.find(known => known === (binding.roleRef ?? binding.RoleRef)?.name);
  const isPerson = kind === 'User' || kind === 'Group';
  if (!isPerson || !name || !role || binding.referredNamespace !== profile) {
    return [];
  }
  return [{ who: { kind: kind === 'User' ? 'user' : 'group', name }, role }];
}

/** `http://profiles-kfam.kubeflow:8081`, with or without its `/kfam`. */
function accessManagement(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    const reason = 'it begins with http:// or https://, and has no user, “?” or “#” in it';
    throw new BranchbookError(
      'ADDRESS_INVALID',
      `That is no address of Kubeflow’s access management: ${reason}.`,
      { address: address.replace(/\/\/[^/]*@/, '//'), reason },
      'Inside a cluster it is mostly http://profiles-kfam.kubeflow:8081.'
    );
  }
  return `${url.origin}${url.pathname.replace(/(\/kfam)?\/*$/, '')}/kfam`;
}

function unavailable(reason: string, hint = 'Ask who runs the cluster.'): BranchbookError {
  return new BranchbookError('COMPUTE_UNAVAILABLE', `Kubeflow cannot be asked: ${reason}.`, { reason }, hint);
}
