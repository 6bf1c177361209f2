/**
 * How a part of the hub's HTTP API is told. Every route says what it needs; create-hub.ts registers nothing else, decides
 * before the handler runs, and a test goes through all of them. A part exports a function that takes what it works with and
 * gives its routes; main.ts puts them together.
 */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessObject, Decision, Identity, ResourceClass, Right } from '../../core/model/access';
import type { AuditEvent, Presence, ProjectRecord, ProjectRights } from '../../core/model/namespace';
import type { INamespaces } from '../../core/port';
import type { Schema } from '../schema-words';

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
  readonly schema?: { readonly body?: Schema; readonly querystring?: Schema; readonly params?: Schema };
  /**
   * What is returned is sent as JSON; nothing when the handler answered by `reply`. Failures are BranchbookErrors,
   * and are answered by their status with `{ error: { code, message, data, hint } }`.
   */
  readonly handle: (call: HubCall, reply: FastifyReply) => Promise<unknown>;
};

/** A project as the hub knows it, with what the caller may do in it. */
export type HubProject = {
  /** Names its repository and its store, and no other project's, ever. */
  readonly id: string;
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;
  /** Bytes that may still be stored; null = no limit. */
  readonly free: number | null;
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
  readonly namespaces: INamespaces;
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

/** What core/access knows and decides, over the hub's database. */
export interface IHubAccess {
  as(identity: Identity): INamespaces;
  /** NAMESPACE_UNKNOWN, PROJECT_UNKNOWN: also when they may not know of it. */
  project(identity: Identity, namespace: string, project: string): Promise<HubProject>;
  decide(
    identity: Identity,
    namespace: string,
    object: AccessObject,
    right: Right,
    of: ResourceClass
  ): Promise<Decision>;
  /** Why a push to the branch is refused; null when it is not. */
  mayPush(identity: Identity, namespace: string, project: string, branch: string): Promise<string | null>;
  presence(
    identity: Identity,
    namespace: string,
    project: string,
    mine: Pick<Presence, 'branch' | 'document'> | null
  ): Promise<readonly Presence[]>;
  /** Adds to the audit log. */
  record(event: Omit<AuditEvent, 'id' | 'time'>): Promise<void>;
  /** Bytes that were stored for a project, or given free. */
  stored(project: Pick<HubProject, 'id' | 'record'>, bytes: number): Promise<void>;
}
