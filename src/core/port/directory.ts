/**
 * Where the records of namespaces are kept: as documents in a bucket, or in a database. It stores and finds; what may be
 * stored is decided in core/access. One conformance suite: test/contract/directory.ts.
 */
import type { Right } from '../model/access';
import type {
  AccessRequest,
  AuditEvent,
  AuditQuery,
  ComputeEndpoint,
  Grant,
  Link,
  Member,
  NamespaceRecord,
  ProjectRecord
} from '../model/namespace';

/** A person with their groups: what decisions are about. */
export type Who = {
  readonly user: string;
  readonly groups: readonly string[];
  /** As in their Identity. */
  readonly atMost?: Right;
};

/** A link as it is kept: without its code. */
export type LinkEntry = Link & {
  /** SHA-256 of the code, 64 hexadecimal digits. */
  readonly codeHash: string;
  readonly openedBy: readonly string[];
};

/** An endpoint as it is kept: the token sealed by who serves it. */
export type EndpointEntry = ComputeEndpoint & { readonly url: string; readonly sealedToken: string };

export type Entries = {
  readonly member: Member;
  readonly grant: Grant;
  readonly link: LinkEntry;
  readonly project: ProjectRecord;
  readonly endpoint: EndpointEntry;
  readonly request: AccessRequest;
};
export type EntryKind = keyof Entries;

/** One change of what is kept about a namespace. */
export type Edit =
  | { readonly type: 'record'; readonly record: NamespaceRecord }
  | { readonly [K in EntryKind]: { readonly type: 'put'; readonly kind: K; readonly entry: Entries[K] } }[EntryKind]
  | { readonly type: 'delete'; readonly kind: EntryKind; readonly key: string };

/** Everything about a namespace. */
export type NamespaceState = {
  /** Changes with every change but that of a project's bytes. */
  readonly revision: number;
  readonly record: NamespaceRecord;
  readonly members: readonly Member[];
  readonly grants: readonly Grant[];
  readonly links: readonly LinkEntry[];
  readonly projects: readonly ProjectRecord[];
  readonly endpoints: readonly EndpointEntry[];
  readonly requests: readonly AccessRequest[];
};

/** What a decision about one person needs to know: found by index, however many others there are. */
export type Facts = {
  readonly who: Who;
  readonly namespace: NamespaceRecord;
  /** Theirs and their groups'. */
  readonly memberships: readonly Member[];
  /** Of the person, their groups, and the namespaces that they are members of; also expired ones. */
  readonly grants: readonly Grant[];
  /** Of the namespaces that these grants are for. */
  readonly through: readonly Pick<NamespaceRecord, 'name' | 'label' | 'created'>[];
  /** The projects that were asked for, those there are. */
  readonly projects: readonly ProjectRecord[];
};

export type Listed = { readonly facts: Facts; readonly members: number; readonly projects: number };

/** Reads see every write that was acknowledged, by whichever process. */
export interface IDirectory {
  /** null when there is no such namespace. */
  facts(namespace: string, who: Who, projects: readonly string[] | 'all'): Promise<Facts | null>;
  /** The namespaces in which the person or their groups are named, and those that everyone gets something of; `all`: all. */
  list(who: Who, all: boolean): Promise<readonly Listed[]>;
  state(namespace: string): Promise<NamespaceState | null>;
  /** False when there is one of that name. */
  create(state: NamespaceState, events: readonly AuditEvent[]): Promise<boolean>;
  /** All edits with their events, or nothing: false when the namespace is not at `revision` any more. */
  apply(namespace: string, revision: number, edits: readonly Edit[], events: readonly AuditEvent[]): Promise<boolean>;
  /** The events stay. */
  remove(namespace: string, revision: number, events: readonly AuditEvent[]): Promise<boolean>;
  /** The namespace that has a link with this code; null when none has. */
  namespaceOfLink(codeHash: string): Promise<string | null>;
  /**
   * Count stored bytes (fewer, when negative), at once with looking at the quota: false, and nothing counted, when it would
   * be passed. PROJECT_UNKNOWN.
   */
  addBytes(namespace: string, project: string, bytes: number): Promise<boolean>;
  /** Bytes of all projects together. */
  usedBytes(namespace: string): Promise<number>;
  append(events: readonly AuditEvent[]): Promise<void>;
  /** Newest first. */
  audit(namespace: string, query: AuditQuery): Promise<readonly AuditEvent[]>;
}

/** How endpoints' tokens are kept so that who reads the records cannot use them. */
export interface ISeal {
  seal(text: string): string;
  /** FORMAT_INVALID when it was not sealed here. */
  open(sealed: string): string;
}
