/**
 * Records of namespaces as JSON documents in a bucket, changed by compare-and-swap; the log as objects that are only
 * created. The format: core/format/README.md, "Places".
 */
import { BranchbookError, hasCode } from '../error';
import type { AuditEvent, AuditQuery, NamespaceRecord } from '../model/namespace';
import { checkNamespaceName } from '../model/place-address';
import type { BucketObject, Edit, Facts, IBucket, IDirectory, Listed, NamespaceState, Who } from '../port';
import { auditKey, matchesQuery } from './audit-query';
import { factsOf } from './context';
import { applyEdits } from './entry';

const FORMAT = 'branchbook-namespace/1';
const NAMESPACES = '.branchbook/namespaces/';
const LINKS = '.branchbook/links/';
const MAX_ATTEMPTS = 50;

type Document = {
  readonly state: NamespaceState;
  /** Events of the last change: its objects may not be written yet. */
  readonly unsettled: readonly AuditEvent[];
};
type Found = Document & { readonly object: BucketObject };

export class DocumentDirectory implements IDirectory {
  /** `bucket`: the whole place. */
  constructor(private readonly _bucket: IBucket) {}

  async facts(namespace: string, who: Who, projects: readonly string[] | 'all'): Promise<Facts | null> {
    const found = await this._read(namespace);
    return found && this._factsOf(found.state, who, projects);
  }

  async list(who: Who, all: boolean): Promise<readonly Listed[]> {
    const listed: Listed[] = [];
    for await (const { key } of this._bucket.list(NAMESPACES)) {
      const found = await this._read(key.slice(NAMESPACES.length));
      const facts = found && (await this._factsOf(found.state, who, 'all'));
      if (facts && (all || concerns(facts))) {
        listed.push({ facts, members: found.state.members.length, projects: found.state.projects.length });
      }
    }
    return listed;
  }

  async state(namespace: string): Promise<NamespaceState | null> {
    return (await this._read(namespace))?.state ?? null;
  }

  /** The mark comes first: a namespace that no list finds would be lost. */
  async create(state: NamespaceState, events: readonly AuditEvent[]): Promise<boolean> {
    const { name } = state.record;
    await this._ensure(`${NAMESPACES}${name}`, new TextEncoder().encode('{}\n'));
    return this._write({ state, unsettled: events }, 'absent');
  }

  async apply(
    namespace: string,
    revision: number,
    edits: readonly Edit[],
    events: readonly AuditEvent[]
  ): Promise<boolean> {
    const found = await this._read(namespace);
    if (!found || found.state.revision !== revision) {
      return false;
    }
    await this._settle(found.unsettled);
    await this._markLinks(namespace, edits);
    return this._write({ state: applyEdits(found.state, edits), unsettled: events }, { etag: found.object.etag });
  }

  async remove(namespace: string, revision: number, events: readonly AuditEvent[]): Promise<boolean> {
    const found = await this._read(namespace);
    if (!found || found.state.revision !== revision) {
      return false;
    }
    await this._settle([...found.unsettled, ...events]);
    try {
      await this._bucket.delete(keyOfNamespace(namespace), { etag: found.object.etag });
    } catch (error) {
      return isLost(error);
    }
    await this._bucket.delete(`${NAMESPACES}${namespace}`);
    return true;
  }

  async namespaceOfLink(codeHash: string): Promise<string | null> {
    const mark = await this._bucket.get(`${LINKS}${codeHash}`);
    return mark && (JSON.parse(new TextDecoder().decode(mark.bytes)) as { readonly namespace: string }).namespace;
  }

  async addBytes(namespace: string, project: string, bytes: number): Promise<boolean> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const found = await this._read(namespace);
      const record = found?.state.projects.find(({ name }) => name === project);
      if (!found || !record) {
        throw new BranchbookError('PROJECT_UNKNOWN', `There is no project ${project} in ${namespace}.`, {
          namespace,
          project
        });
      }
      const used = found.state.projects.reduce((total, one) => total + one.bytes, 0);
      const most = found.state.record.quota.bytes;
      if (bytes > 0 && most !== null && used + bytes > most) {
        return false;
      }
      const entry = { ...record, bytes: Math.max(0, record.bytes + bytes) };
      const state = applyEdits(found.state, [{ type: 'put', kind: 'project', entry }]);
      await this._settle(found.unsettled);
      if (await this._write({ state, unsettled: [] }, { etag: found.object.etag })) {
        return true;
      }
    }
    throw new BranchbookError(
      'LOCKED',
      `${namespace} is being changed by others all the time.`,
      { path: namespace },
      'Try again.'
    );
  }

  async usedBytes(namespace: string): Promise<number> {
    return ((await this._read(namespace))?.state.projects ?? []).reduce((total, { bytes }) => total + bytes, 0);
  }

  async append(events: readonly AuditEvent[]): Promise<void> {
    await this._settle(events);
  }

  /** Keys sort newest first. */
  async audit(namespace: string, query: AuditQuery): Promise<readonly AuditEvent[]> {
    const limit = Math.min(query.limit ?? 100, 1000);
    const unsettled = (await this._read(namespace))?.unsettled ?? [];
    const found = unsettled.filter(event => matchesQuery(event, query));
    const known = new Set(found.map(({ id }) => id));
    for await (const { key } of this._bucket.list(`${namespace}/audit/`)) {
      if (found.length >= limit + unsettled.length) {
        break;
      }
      const event = await this._event(key);
      if (event && !known.has(event.id) && matchesQuery(event, query)) {
        found.push(event);
      }
    }
    return found.sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
  }

  private async _event(key: string): Promise<AuditEvent | null> {
    const found = await this._bucket.get(key);
    return found && (JSON.parse(new TextDecoder().decode(found.bytes)) as AuditEvent);
  }

  private async _factsOf(state: NamespaceState, who: Who, projects: readonly string[] | 'all'): Promise<Facts> {
    const others = new Set(
      state.grants.flatMap(({ principal }) => (principal.kind === 'namespace' ? [principal.name] : []))
    );
    const through: Facts['through'][number][] = [];
    for (const name of others) {
      const other = name === state.record.name ? state : (await this._read(name))?.state;
      if (other && factsOf(other, who, []).memberships.length > 0) {
        through.push(pick(other.record));
      }
    }
    const facts = factsOf(state, who, through);
    return projects === 'all'
      ? facts
      : { ...facts, projects: facts.projects.filter(({ name }) => projects.includes(name)) };
  }

  /** FORMAT_TOO_NEW, FORMAT_INVALID. */
  private async _read(namespace: string): Promise<Found | null> {
    // Names come from addresses: one that cannot be a namespace's must not become a key.
    const found = checkNamespaceName(namespace) === null ? await this._bucket.get(keyOfNamespace(namespace)) : null;
    return found && { ...decode(found.bytes, namespace), object: found.object };
  }

  /** False when somebody else was faster. The events become objects after the change, and again before the next one. */
  private async _write(document: Document, condition: 'absent' | { readonly etag: string }): Promise<boolean> {
    const key = keyOfNamespace(document.state.record.name);
    try {
      await this._bucket.put(key, encode(document), condition);
    } catch (error) {
      if (!(await this._happened(error, document))) {
        return false;
      }
    }
    await this._settle(document.unsettled);
    return true;
  }

  /** A write whose answer was lost has happened when its event is in the document, or was made an object by the next change. */
  private async _happened(error: unknown, { state, unsettled }: Document): Promise<boolean> {
    if (!hasCode(error, 'OUTCOME_UNKNOWN', 'CONDITION_FAILED') || unsettled.length === 0) {
      return isLost(error);
    }
    const { id } = unsettled[0]!;
    const now = await this._read(state.record.name);
    if (now?.unsettled.some(event => event.id === id)) {
      return true;
    }
    return (await this._bucket.head(auditKey(unsettled[0]!))) !== null;
  }

  private async _settle(events: readonly AuditEvent[]): Promise<void> {
    for (const event of events) {
      await this._ensure(auditKey(event), new TextEncoder().encode(`${JSON.stringify(event)}\n`));
    }
  }

  /** A link is found by its code from here; the mark stays when the link goes, and then leads nowhere. */
  private async _markLinks(namespace: string, edits: readonly Edit[]): Promise<void> {
    for (const edit of edits) {
      if (edit.type === 'put' && edit.kind === 'link') {
        await this._ensure(
          `${LINKS}${edit.entry.codeHash}`,
          new TextEncoder().encode(`${JSON.stringify({ namespace })}\n`)
        );
      }
    }
  }

  /** What is there under such a key is what would be written: also when it is not known who wrote it. */
  private async _ensure(key: string, bytes: Uint8Array): Promise<void> {
    try {
      await this._bucket.put(key, bytes, 'absent');
    } catch (error) {
      if (!hasCode(error, 'OUTCOME_UNKNOWN') || (await this._bucket.head(key)) === null) {
        isLost(error);
      }
    }
  }
}

/** False when a condition did not hold; throws everything else. */
function isLost(error: unknown): false {
  if (hasCode(error, 'CONDITION_FAILED')) {
    return false;
  }
  throw error;
}

const keyOfNamespace = (namespace: string): string => `${namespace}/namespace.json`;

const pick = ({ name, label, created }: NamespaceRecord): Facts['through'][number] => ({ name, label, created });

const concerns = ({ memberships, grants, namespace }: Facts): boolean =>
  memberships.length > 0 ||
  grants.length > 0 ||
  Object.values(namespace.policy.everyone).some(right => right !== 'none');

function encode({ state, unsettled }: Document): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, ...state, unsettled }, null, 1)}\n`);
}

function decode(bytes: Uint8Array, namespace: string): Document {
  let found: { readonly format?: unknown } & Partial<NamespaceState & Pick<Document, 'unsettled'>>;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as typeof found;
  } catch {
    throw invalid(namespace, 'it is no JSON');
  }
  const { format, unsettled, ...state } = found;
  if (typeof format === 'string' && format !== FORMAT && format.startsWith('branchbook-namespace/')) {
    throw new BranchbookError(
      'FORMAT_TOO_NEW',
      `The namespace ${namespace} was written by a newer Branchbook (${format}).`,
      { found: format, supported: FORMAT },
      'Update Branchbook.'
    );
  }
  if (format !== FORMAT || !state.record || !Array.isArray(state.members) || !Array.isArray(unsettled)) {
    throw invalid(namespace, 'parts of it are missing');
  }
  return { state: state as NamespaceState, unsettled: unsettled as readonly AuditEvent[] };
}

function invalid(namespace: string, reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `The records of namespace ${namespace} cannot be read: ${reason}.`,
    { format: FORMAT, reason },
    'Put back namespace.json from a backup.'
  );
}
