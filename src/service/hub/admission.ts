/** Who may go through a route: decided from what it needs, before anything of the request's body is read. */
import type { FastifyRequest } from 'fastify';
import { covers } from '../../core/model/access';
import type { Identity } from '../../core/model/access';
import type { ProjectRights } from '../../core/model/namespace';
import { BranchbookError } from '../../core/error';
import { callerOf, digestOf, isLoopbackAddress, sameSecret, tokenOf } from './credentials';
import type { RateLimits } from './limits';
import type { HubProject, HubRoute, IAuthenticator, IHubAccess, RouteNeed } from './route';
import type { RunningCalls } from './running-calls';

export type AdmissionOptions = {
  readonly authenticator: IAuthenticator;
  readonly access: IHubAccess;
  readonly limits: RateLimits;
  readonly calls: RunningCalls;
  /** A proxy that we trust stands before us: it says where requests come from. */
  readonly behindProxy: boolean;
  /** Lets its bearer read the metrics from elsewhere; null = loopback only. */
  readonly operatorToken: string | null;
  /** For messages. */
  readonly publicUrl: () => string;
};

export type Admitted = {
  readonly identity: Identity | null;
  readonly project: HubProject | null;
  readonly signal: AbortSignal;
  readonly abort: (reason: BranchbookError) => void;
  readonly recheck: () => Promise<HubProject | null>;
  /** The request is over. Again is no failure. */
  readonly leave: () => void;
};

type ProjectNeed = Extract<RouteNeed, { on: 'project' }>;

const MAX_PROVED = 10_000;

export class Admission {
  private readonly _admitted = new WeakMap<FastifyRequest, Admitted>();
  /** Digests of tokens that were right before: who guesses must not shut out others behind the same address. */
  private readonly _proved = new Set<string>();

  constructor(private readonly _options: AdmissionOptions) {}

  /** What `admit` found; null for requests that came to no route. */
  of(request: FastifyRequest): Admitted | null {
    return this._admitted.get(request) ?? null;
  }

  get stopping(): boolean {
    return this._options.calls.stopping;
  }

  /** RATE_LIMITED, SIGNED_OUT, FORBIDDEN, NAMESPACE_UNKNOWN, PROJECT_UNKNOWN. */
  async admit(route: HubRoute, request: FastifyRequest): Promise<void> {
    this._admitted.set(request, await this._decide(route, request));
  }

  private async _decide(route: HubRoute, request: FastifyRequest): Promise<Admitted> {
    const { limits } = this._options;
    const address = callerOf(request.ip);
    if (route.need.on === 'hub') {
      this._checkOperator(request);
    }
    if (route.need.on === 'nothing' || route.need.on === 'hub') {
      limits.take(route.rate, address);
      return this._enter(null, null, null, async () => null);
    }
    const identity = await this._identify(request);
    limits.take(route.rate, `user ${identity.user}`);
    const decide = (who: Identity): Promise<HubProject | null> =>
      route.need.on === 'project' ? this._project(route.need, who, request.params as Names) : Promise.resolve(null);
    const project = await decide(identity);
    const namespace = (request.params as Partial<Names>).namespace ?? null;
    return this._enter(identity, project, namespace, async () => decide(await this._identify(request)));
  }

  private _enter(
    identity: Identity | null,
    project: HubProject | null,
    namespace: string | null,
    recheck: () => Promise<HubProject | null>
  ): Admitted {
    const { calls } = this._options;
    const abort = new AbortController();
    const call = { namespace, abort, recheck };
    calls.add(call);
    const leave = (): void => calls.delete(call);
    return { identity, project, signal: abort.signal, abort: reason => abort.abort(reason), recheck, leave };
  }

  private async _identify(request: FastifyRequest): Promise<Identity> {
    const { authenticator, limits } = this._options;
    const address = callerOf(request.ip);
    const token = tokenOf(request.headers);
    if (token !== null) {
      const digest = digestOf(token);
      if (!this._proved.has(digest)) {
        limits.checkFailures(address);
      }
      const identity = await authenticator.authenticate(token, { address });
      if (identity) {
        this._prove(digest);
        return identity;
      }
      this._proved.delete(digest);
      limits.failed(address);
    }
    const url = this._options.publicUrl();
    throw new BranchbookError(
      'SIGNED_OUT',
      token === null ? 'The hub wants to know who you are.' : 'The hub does not know this token; it may have expired.',
      { place: url },
      `Run \`branchbook login ${url}\`, or give git a token of the hub as password.`
    );
  }

  private _prove(digest: string): void {
    this._proved.add(digest);
    if (this._proved.size > MAX_PROVED) {
      this._proved.delete(this._proved.keys().next().value as string);
    }
  }

  private async _project(need: ProjectNeed, identity: Identity, names: Names): Promise<HubProject> {
    const project = await this._options.access.as(identity).project(names.namespace, names.project);
    if (!holds(project.rights, need)) {
      throw new BranchbookError(
        'FORBIDDEN',
        `You may not ${need.right} the ${need.of === 'any' ? 'contents' : need.of} of ${names.namespace}/${names.project}.`,
        { right: need.right, object: { kind: 'project', project: names.project }, because: [] },
        'Ask an owner of the namespace for it: `branchbook share request`.'
      );
    }
    return project;
  }

  /** A proxy on this machine makes everybody come from loopback: then only the token counts. */
  private _checkOperator(request: FastifyRequest): void {
    const { operatorToken, behindProxy } = this._options;
    const forwarded = ['forwarded', 'x-forwarded-for', 'via'].some(name => request.headers[name] !== undefined);
    const local = !behindProxy && !forwarded && isLoopbackAddress(request.raw.socket.remoteAddress ?? '');
    const token = tokenOf(request.headers);
    if (!local && !(operatorToken !== null && token !== null && sameSecret(token, operatorToken))) {
      throw new BranchbookError('PATH_UNKNOWN', 'The hub has nothing at this address.');
    }
  }
}

type Names = { readonly namespace: string; readonly project: string };

function holds({ right, classes }: ProjectRights, { right: wanted, of }: ProjectNeed): boolean {
  return of === 'any' ? covers(right, wanted) : covers(classes[of], wanted);
}
