/**
 * How a part of the hub's HTTP API is told. Every route says what it needs; create-hub.ts registers nothing else, decides
 * before the handler runs, and a test goes through all of them. A part exports a function that takes what it works with and
 * gives its routes; main.ts puts them together.
 */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessObject, Decision, Identity, ResourceClass, Right } from '../../core/model/access';
import type { AuditEvent, Presence, ProjectRecord, ProjectRights } from '../../core/model/namespace';
import type { EndpointAccess, INamespaces } from '../../core/port';
import type { Schema } from '../schema-words';
import type { Kept } from './disk-room';

/** What a caller must be or have. Deny by default: there is no route without one. */
export type RouteNeed =
  /** Anybody, also without signing in; `why` that is no hole. */
  | { readonly on: 'nothing'; readonly why: string }
  /** Somebody who is signed in. What they get is decided by the namespaces service, for each thing. */
  | { readonly on: 'place' }
  /** `:namespace` in the path. `right`: the least that is needed; null = what the body asks for says it. */
  | { readonly on: 'namespace'; readonly right: Right | null }
  /** `:namespace` and `:project` in the path: `right` on this class of the project, `any` for at least one of them. */
  | { readonly on: 'project'; readonly right: Right; readonly of: ResourceClass | 'any' }
  /** Who runs the hub: loopback, or the operator's token. */
  | { readonly on: 'hub' };

/** How often one caller (the signed-in user, else the address) may ask; the numbers are in limits.ts. */
export type RateClass = 'sign-in' | 'ordinary' | 'transfer' | 'none';

export type HubRoute = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the hub's address, with `:name` for parts. */
  readonly path: string;
  readonly need: RouteNeed;
  readonly rate: RateClass;
  /** `json` is parsed and checked against `schema.body`; `stream` is given as it comes. */
  readonly body: 'none' | 'json' | 'stream';
  /** Bytes; more is refused with 413. 0 for `none`. */
  readonly bodyLimit: number;
  /** What it brings to stay: refused when there is no room for it. */
  readonly keeps?: Kept;
  readonly schema?: { readonly body?: Schema; readonly querystring?: Schema; readonly params?: Schema };
  /**
   * What is returned is sent as JSON; nothing when the handler answered by `reply`. Failures are BranchbookErrors,
   * and are answered by their status with `{ error: { code, message, data, hint } }`.
   */
  readonly handle: (call: HubCall, reply: FastifyReply) => Promise<unknown>;
};

/** A project, with what the caller may do in it. Its `record.id` names its repository and its store. */
export type HubProject = {
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;
};

/** One request. */
export type HubCall = {
  readonly request: FastifyRequest;
  /** Path parts and query, as the schemas took them. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  /** With `body: 'stream'`: fails with a typed error beyond `bodyLimit`. */
  readonly stream: Readable;
  /** Who asks. INTERNAL when the route is for anybody: it must not ask. */
  readonly identity: Identity;
  /** As that person. */
  readonly namespaces: IHubNamespaces;
  /** Only where the need is `on: 'project'`; INTERNAL elsewhere. */
  readonly project: HubProject;
  /** Aborted when the client goes, the hub stops, or the caller loses what the route needs. */
  readonly signal: AbortSignal;
  /** Who is it now, may they still: SIGNED_OUT, FORBIDDEN or …_UNKNOWN when not. For the decisive moment of long requests. */
  recheck(): Promise<HubProject | null>;
  /** One line for the hub's log. Never a secret. */
  log(line: string): void;
};

/** Who presents a token. Implemented by the hub's identity. */
export interface IAuthenticator {
  /** null when nobody does: unknown, expired, revoked, or its owner is gone. */
  authenticate(token: string, from: { readonly address: string }): Promise<Identity | null>;
}

/** The namespaces as one person, with what who serves projects asks besides: core/access decides and records. */
export interface IHubNamespaces extends INamespaces {
  /** NAMESPACE_UNKNOWN, PROJECT_UNKNOWN: also when they may not know of it. */
  project(
    namespace: string,
    project: string
  ): Promise<{ readonly record: ProjectRecord; readonly rights: ProjectRights }>;
  decide(namespace: string, right: Right, object: AccessObject): Promise<Decision>;
  /** Why a push to the branch is refused; null when it is not. */
  mayPush(namespace: string, project: string, branch: string): Promise<string | null>;
  /** The same for several: a reason for each that is refused. */
  whyNoPush(namespace: string, project: string, branches: readonly string[]): Promise<readonly string[]>;
  /** An endpoint with its token, never to be shown. FORBIDDEN without `run`, ENTRY_UNKNOWN. */
  endpoint(namespace: string, name: string): Promise<EndpointAccess>;
  /** Adds to the audit log. */
  record(
    namespace: string,
    ...events: readonly Pick<AuditEvent, 'action' | 'project' | 'target' | 'outcome' | 'detail'>[]
  ): Promise<void>;
  /** Count what a project stores now (bytes; negative: what it no longer does). QUOTA_EXCEEDED, and nothing is counted. */
  addBytes(namespace: string, project: string, bytes: number): Promise<void>;
}

export interface IHubAccess {
  as(identity: Identity): IHubNamespaces;
  /** Bytes that may still be stored in a namespace; null = no limit. */
  free(namespace: string): Promise<number | null>;
  /** Who has the project open; `mine` tells where this person is, null that they left. */
  presence(
    identity: Identity,
    namespace: string,
    project: string,
    mine: Pick<Presence, 'branch' | 'document'> | null
  ): Promise<readonly Presence[]>;
}
