/** One person at the namespaces of a place: what they know of one, and how what they do is planned, written and recorded. */
import { BranchbookError } from '../error';
import type { Identity } from '../model/access';
import type { AuditEvent, NamespaceRecord } from '../model/namespace';
import type { Facts } from '../port';
import { factsOf, namespaceUnknown, whoIs } from './context';
import type { AccessPorts, Context, Plan } from './context';
import { eventOf, isRefusal } from './events';
import { mayKnow } from './view';

/** Somebody changes the namespace at the same time: plan again from what is there then. */
const MAX_ATTEMPTS = 50;

export class Acting {
  constructor(
    readonly ports: AccessPorts,
    readonly identity: Identity
  ) {}

  now(): number {
    return this.ports.clock.now();
  }

  /** NAMESPACE_UNKNOWN. */
  async facts(namespace: string, projects: readonly string[] | 'all'): Promise<Facts> {
    const { directory } = this.ports;
    const facts = await directory.facts(namespace, whoIs(this.identity), projects);
    if (facts && (this.identity.admin || mayKnow(facts, this.now()))) {
      return facts;
    }
    // Somebody with something in a project that was not asked for knows of the namespace too.
    const whole = facts && projects !== 'all' ? await directory.facts(namespace, whoIs(this.identity), 'all') : null;
    if (facts && whole && mayKnow(whole, this.now())) {
      return facts;
    }
    throw namespaceUnknown(namespace);
  }

  async context(namespace: string): Promise<Context> {
    const [state, known] = await Promise.all([this.ports.directory.state(namespace), this.facts(namespace, 'all')]);
    if (!state) {
      throw namespaceUnknown(namespace);
    }
    const facts = factsOf(state, whoIs(this.identity), known.through);
    return { state, facts, identity: this.identity, now: this.now(), ports: this.ports, other: null };
  }

  /** Plan, write, and plan again when somebody was faster. What is refused is in the log too. */
  async commit<P extends Plan>(
    namespace: string,
    make: (context: Context) => P,
    other: string | null = null
  ): Promise<{ readonly plan: P; readonly context: Context }> {
    const about = other === null ? null : await this._memberOf(other);
    return this.untilDone(namespace, async () => {
      const context = { ...(await this.audited(namespace, () => this.context(namespace))), other: about };
      const plan = await this.audited(namespace, async () => make(context));
      const events = [this.event(namespace, plan)];
      const done = await this.ports.directory.apply(namespace, context.state.revision, plan.edits, events);
      return done ? { plan, context } : null;
    });
  }

  /** What an attempt gives that was not in vain, because of somebody who was faster. LOCKED. */
  async untilDone<T>(namespace: string, attempt: () => Promise<T | null>): Promise<T> {
    for (let count = 1; count <= MAX_ATTEMPTS; count += 1) {
      const done = await attempt();
      if (done !== null) {
        return done;
      }
    }
    throw new BranchbookError(
      'LOCKED',
      `${namespace} is being changed by others all the time.`,
      { path: namespace },
      'Try again.'
    );
  }

  /** Run a step, and record when it refuses. */
  async audited<T>(
    namespace: string,
    step: () => Promise<T>,
    about: { readonly project: string | null; readonly target: string | null } = { project: null, target: null }
  ): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (isRefusal(error)) {
        const event = { action: `refused.${error.code.toLowerCase()}`, ...about, detail: error.message };
        await this.ports.directory.append([this.event(namespace, event, 'refused')]);
      }
      throw error;
    }
  }

  event(namespace: string, what: Omit<Plan, 'edits'>, outcome: AuditEvent['outcome'] = 'ok'): AuditEvent {
    return eventOf(this.ports, this.identity, namespace, what, outcome);
  }

  private async _memberOf(namespace: string): Promise<NamespaceRecord | null> {
    const facts = await this.ports.directory.facts(namespace, whoIs(this.identity), []);
    return facts && facts.memberships.length > 0 ? facts.namespace : null;
  }
}
