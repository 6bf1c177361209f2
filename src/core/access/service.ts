/** The namespaces of a place as one person sees and changes them: decides, then records, whatever keeps the records. */
import { BranchbookError } from '../error';
import { formatObject, higherLabel, projectOf } from '../model/access';
import type { AccessObject, Decision, Identity, Principal, ResourceClass, Right } from '../model/access';
import type {
  AuditEvent,
  AuditQuery,
  Joined,
  Link,
  LinkOffer,
  LinkRequest,
  NamespaceChange,
  NamespaceRecord,
  NamespaceSummary,
  NamespaceView,
  ProjectRecord,
  ProjectRights,
  WhoCan
} from '../model/namespace';
import type { EndpointEntry, Facts, INamespaces, NamespaceState } from '../port';
import { Acting } from './acting';
import { planChange } from './change';
import { demand, entryUnknown, factsOf, namespaceUnknown, projectUnknown, whoIs } from './context';
import type { AccessPorts } from './context';
import { newNamespace } from './create';
import { decide, projectRights, whyNoPush } from './decide';
import { planDelete } from './delete';
import { activityActions } from './events';
import { addLink, linkInvalid, openLink, publicLink } from './links';
import { offerOf } from './offer';
import { mayKnow, summaryOf, viewOf } from './view';
import { explain, factsAbout, whoCan } from './who-can';

export type ServedProject = { readonly record: ProjectRecord; readonly rights: ProjectRights };

export class NamespaceService implements INamespaces {
  private readonly _acting: Acting;

  constructor(
    private readonly _ports: AccessPorts,
    private readonly _identity: Identity
  ) {
    this._acting = new Acting(_ports, _identity);
  }

  async whoAmI(): Promise<Identity> {
    return this._identity;
  }

  async list(): Promise<readonly NamespaceSummary[]> {
    const now = this._ports.clock.now();
    const listed = await this._ports.directory.list(whoIs(this._identity), this._identity.admin);
    const known = listed.filter(({ facts }) => this._identity.admin || mayKnow(facts, now));
    return known.map(one => summaryOf(one, now)).sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async create(record: Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label' | 'git'>): Promise<NamespaceView> {
    const now = this._ports.clock.now();
    const state = newNamespace(record, this._identity, this._ports.rules, now);
    const plan = {
      action: 'namespace.create',
      project: null,
      target: 'namespace',
      detail: `${record.name} was made`,
      edits: []
    };
    if (!(await this._ports.directory.create(state, [this._acting.event(record.name, plan)]))) {
      throw new BranchbookError(
        'NAMESPACE_EXISTS',
        `There is a namespace ${record.name} already.`,
        { namespace: record.name },
        'Choose another name.'
      );
    }
    return this.view(record.name);
  }

  async view(name: string): Promise<NamespaceView> {
    return viewOf(await this._acting.context(name));
  }

  async change(name: string, change: NamespaceChange): Promise<NamespaceView> {
    const { context } = await this._acting.commit(name, context => planChange(context, change), otherOf(change));
    const state = await this._ports.directory.state(name);
    if (!state) {
      throw namespaceUnknown(name);
    }
    // Who left sees what they still may: nothing, mostly.
    return viewOf({ ...context, state, facts: factsOf(state, whoIs(this._identity), context.facts.through) });
  }

  async delete(name: string, options: { readonly projects: boolean }): Promise<void> {
    await this._acting.untilDone(name, async () => {
      const context = await this._acting.context(name);
      const plan = await this._acting.audited(name, async () => planDelete(context, options));
      const events = [this._acting.event(name, plan)];
      return (await this._ports.directory.remove(name, context.state.revision, events)) || null;
    });
  }

  async createLink(name: string, request: LinkRequest): Promise<{ readonly link: Link; readonly code: string }> {
    const code = this._ports.random.hex(32);
    const { plan } = await this._acting.commit(name, context => addLink(context, request, code));
    return { link: publicLink(plan.link), code };
  }

  offer(code: string): Promise<LinkOffer> {
    return offerOf(this._ports, code);
  }

  /** Two at once: one of them changes the namespace first, and the other sees that it did. */
  async join(code: string): Promise<Joined> {
    const hash = this._ports.sha256(code);
    const name = await this._ports.directory.namespaceOfLink(hash);
    if (name === null) {
      throw linkInvalid();
    }
    return this._acting.untilDone(name, () => this._acting.audited(name, () => this._join(name, hash)));
  }

  async whoCan(name: string, object: AccessObject, principal?: Principal): Promise<readonly WhoCan[]> {
    const context = await this._acting.context(name);
    const { state, facts, now } = context;
    const own = principal?.kind === 'user' && principal.name === this._identity.user;
    if (own) {
      return explain(facts, object, principal, now);
    }
    await this._acting.audited(name, async () => demand(context, 'manage', object));
    const others = await this._others(state);
    if (principal?.kind === 'user') {
      const who = { user: principal.name, groups: await this._ports.groupsOf(principal.name) };
      const known = await this._ports.directory.facts(name, who, 'all');
      return explain(known ?? factsAbout(state, principal, others), object, principal, now);
    }
    return principal
      ? explain(factsAbout(state, principal, others), object, principal, now)
      : whoCan(state, object, others, now);
  }

  async audit(name: string, query: AuditQuery): Promise<readonly AuditEvent[]> {
    const facts = await this._acting.facts(name, []);
    const now = this._ports.clock.now();
    await this._acting.audited(name, async () => demand({ facts, now }, 'manage', { kind: 'namespace' }));
    // What an earlier namespace of that name did is none of this one's business.
    return this._ports.directory.audit(name, { ...query, since: Math.max(query.since ?? 0, facts.namespace.created) });
  }

  /** What teammates did, of the projects that the caller may see; settings and refusals are not among it. */
  async activity(name: string, query: Pick<AuditQuery, 'project' | 'limit'>): Promise<readonly AuditEvent[]> {
    const facts = await this._acting.facts(name, 'all');
    const now = this._ports.clock.now();
    const known = new Set(facts.projects.filter(one => projectRights(facts, one.name, now)).map(one => one.name));
    const limit = Math.min(query.limit ?? 100, 1000);
    const since = facts.namespace.created;
    const found: AuditEvent[] = [];
    for (let before: string | undefined; found.length < limit;) {
      const page = await this._ports.directory.audit(name, { project: query.project, since, before, limit: 200 });
      found.push(
        ...page.filter(
          event =>
            isActivity(event) && (event.project === null ? facts.memberships.length > 0 : known.has(event.project))
        )
      );
      if (page.length < 200) {
        break;
      }
      before = page.at(-1)!.id;
    }
    return found.slice(0, limit);
  }

  // ------------------------------------------------------------------------- for who serves the projects

  /**
   * `right` on `object`, as of now; `of`: on this column alone of a project or namespace. NAMESPACE_UNKNOWN also for
   * somebody who may not know of it.
   */
  async decide(namespace: string, right: Right, object: AccessObject, of?: ResourceClass): Promise<Decision> {
    const project = projectOf(object);
    const facts = await this._acting.facts(namespace, project === null ? [] : [project]);
    return decide(facts, right, object, this._ports.clock.now(), of);
  }

  /** The same as a demand: FORBIDDEN, PROJECT_UNKNOWN, NAMESPACE_UNKNOWN, each in the log. */
  async demand(namespace: string, right: Right, object: AccessObject): Promise<void> {
    const project = projectOf(object);
    const now = this._ports.clock.now();
    const known = project === null ? [] : [project];
    await this._acting.audited(
      namespace,
      async () => demand({ facts: await this._acting.facts(namespace, known), now }, right, object),
      { project, target: formatObject(object) }
    );
  }

  /** A project and what the caller may do there. NAMESPACE_UNKNOWN, PROJECT_UNKNOWN. */
  async project(namespace: string, project: string): Promise<ServedProject> {
    const facts = await this._acting.facts(namespace, [project]);
    const rights = projectRights(facts, project, this._ports.clock.now());
    const record = facts.projects.find(({ name }) => name === project);
    if (!rights || !record) {
      throw projectUnknown(namespace, project);
    }
    return { record: { ...record, label: higherLabel(record.label, facts.namespace.label) }, rights };
  }

  /** Those of these people who still have anything of a project. */
  async whoSees<T extends { readonly user: string }>(
    namespace: string,
    project: string,
    people: readonly T[]
  ): Promise<readonly T[]> {
    const now = this._ports.clock.now();
    const see = people.map(async ({ user }) => {
      const who = { user, groups: await this._ports.groupsOf(user) };
      const facts = await this._ports.directory.facts(namespace, who, [project]);
      return facts !== null && projectRights(facts, project, now) !== null;
    });
    const seeing = await Promise.all(see);
    return people.filter((_, index) => seeing[index]);
  }

  /** Why a push to the branch is refused, in words; null when it is not. NAMESPACE_UNKNOWN. */
  async mayPush(namespace: string, project: string, branch: string): Promise<string | null> {
    return (await this.whyNoPush(namespace, project, [branch]))[0] ?? null;
  }

  /** Why a push to all of these branches is refused: a reason for each that it is for. NAMESPACE_UNKNOWN. */
  async whyNoPush(namespace: string, project: string, branches: readonly string[]): Promise<readonly string[]> {
    const [facts, now] = [await this._acting.facts(namespace, [project]), this._ports.clock.now()];
    return branches.map(branch => whyNoPush(facts, project, branch, now)).filter(reason => reason !== null);
  }

  /** Pushes, reads, clones: written before they are answered. */
  async record(
    namespace: string,
    ...events: readonly Pick<AuditEvent, 'action' | 'project' | 'target' | 'outcome' | 'detail'>[]
  ): Promise<void> {
    await this._ports.directory.append(events.map(event => this._acting.event(namespace, event, event.outcome)));
  }

  /** Count bytes that a project stores now (fewer, when negative). QUOTA_EXCEEDED, and then nothing is counted. */
  async addBytes(namespace: string, project: string, bytes: number): Promise<void> {
    if (await this._ports.directory.addBytes(namespace, project, bytes)) {
      return;
    }
    await this._acting.audited(
      namespace,
      async () => {
        const used = await this._ports.directory.usedBytes(namespace);
        const facts = await this._ports.directory.facts(namespace, whoIs(this._identity), []);
        throw new BranchbookError(
          'QUOTA_EXCEEDED',
          `${namespace} has no room for that: its quota would be passed.`,
          { quota: facts?.namespace.quota.bytes ?? null, used, needed: bytes },
          'Delete what nobody needs, or ask for a larger quota.'
        );
      },
      { project, target: null }
    );
  }

  /** An endpoint with its token, for who forwards to it: never to be shown. FORBIDDEN, ENTRY_UNKNOWN. */
  async endpoint(
    namespace: string,
    name: string
  ): Promise<Omit<EndpointEntry, 'sealedToken'> & { readonly token: string }> {
    const { state } = await this._acting.context(namespace);
    const found = state.endpoints.find(one => one.name === name);
    if (!found || !this._ports.seal) {
      throw entryUnknown('compute endpoint', name);
    }
    await this.demand(namespace, 'run', { kind: 'compute', endpoint: name });
    const { sealedToken, ...endpoint } = found;
    return { ...endpoint, token: this._ports.seal.open(sealedToken) };
  }

  private async _join(name: string, hash: string): Promise<Joined | null> {
    const { directory, groupsOf } = this._ports;
    const state = await directory.state(name);
    const link = state?.links.find(({ codeHash }) => codeHash === hash);
    if (!state || !link) {
      throw linkInvalid();
    }
    const creator = await directory.facts(name, { user: link.by, groups: await groupsOf(link.by) }, 'all');
    const facts = factsOf(state, whoIs(this._identity), []);
    const context = {
      state,
      facts,
      identity: this._identity,
      now: this._ports.clock.now(),
      ports: this._ports,
      other: null
    };
    const plan = openLink(context, creator ?? facts, hash);
    const done = await directory.apply(name, state.revision, plan.edits, [this._acting.event(name, plan)]);
    return done ? plan.joined : null;
  }

  private async _others(state: NamespaceState): Promise<Facts['through']> {
    const names = new Set(
      state.grants.flatMap(({ principal }) => (principal.kind === 'namespace' ? [principal.name] : []))
    );
    const nobody = { user: '', groups: [] };
    const facts = await Promise.all([...names].map(name => this._ports.directory.facts(name, nobody, [])));
    return facts.flatMap(found => (found ? [found.namespace] : []));
  }
}

const isActivity = ({ action, outcome }: AuditEvent): boolean =>
  outcome === 'ok' && activityActions.some(start => action === start || action.startsWith(`${start}.`));

const otherOf = (change: NamespaceChange): string | null =>
  change.type === 'add-grant' && change.principal.kind === 'namespace' ? change.principal.name : null;
