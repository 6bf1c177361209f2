/** The hub's HTTP server, made from the table of routes: each is admitted by what it says it needs, then handled. */
import type { Readable } from 'node:stream';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BranchbookError } from '../../core/error';
import { answerFailure, safeHeaders, toFailure, tooDeep, unknownRoute } from './answer';
import { Admission } from './admission';
import type { Admitted, AdmissionOptions } from './admission';
import { bounded, discardRest, endAfter, textOf } from './body';
import type { Pace } from './body';
import type { DiskRoom } from './disk-room';
import { isDeep } from './json-depth';
import type { HubMetrics } from './metrics';
import { withoutPrefix } from './prefix';
import type { HubCall, HubRoute } from './route';
import { stopping } from './running-calls';

/** Longest part of a path: an asset's path stands in one. */
const MAX_PARAMETER = 4096;

export type HubOptions = AdmissionOptions & {
  readonly routes: readonly HubRoute[];
  readonly metrics: HubMetrics;
  readonly room: DiskRoom;
  readonly pace: Pace;
  readonly log: (line: string) => void;
  /** Path of the hub's public address, without a slash at the end: requests come with it or without. */
  readonly prefix: string;
};

/** It listens nowhere by itself: front-door.ts leads requests to it. */
export function createHub(options: HubOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: MAX_PARAMETER },
    exposeHeadRoutes: false,
    // The nearest one only: what stands before it in the header, anybody can write there.
    trustProxy: options.behindProxy ? (_address: string, hop: number) => hop === 0 : false,
    rewriteUrl: request => withoutPrefix(request.url ?? '/', options.prefix),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, discriminator: true } }
  });
  const admission = new Admission(options);
  app.addHook('onRequest', async (_request, reply) => void reply.headers(safeHeaders));
  app.addHook('onResponse', async (request, reply) => {
    admission.of(request)?.leave();
    endAfter(request.raw, options.pace.patience);
    options.metrics.answered(request.routeOptions.url ?? 'none', request.method, reply.statusCode, reply.elapsedTime);
  });
  app.addHook('onRequestAbort', async request => admission.of(request)?.leave());
  app.setErrorHandler((error, request, reply) => answerFailure(request, reply, toFailure(error, options.log)));
  app.setNotFoundHandler((request, reply) => answerFailure(request, reply, unknownRoute()));
  void app.register(async scope => register(scope, options, admission, 'json'));
  void app.register(async scope => register(scope, options, admission, 'stream'));
  return app;
}

/** Routes that parse their bodies, or those that take them as they come: fastify has parsers for a scope. */
function register(scope: FastifyInstance, options: HubOptions, admission: Admission, kind: 'json' | 'stream'): void {
  scope.removeAllContentTypeParsers();
  if (kind === 'stream') {
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  } else {
    const types = ['application/json', 'application/vnd.git-lfs+json'];
    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser(types, (request, payload, done) => {
      const { signal } = admission.of(request) as Admitted;
      const body = bounded(payload, { limit: request.routeOptions.bodyLimit, pace: options.pace, signal });
      textOf(body).then(text => (isDeep(text) ? done(tooDeep()) : parseJson(request, text, done)), done);
    });
  }
  for (const route of options.routes.filter(({ body }) => (body === 'stream') === (kind === 'stream'))) {
    scope.route({
      method: route.method,
      url: route.path,
      ...(route.schema && { schema: route.schema }),
      // fastify knows no limit of nothing.
      bodyLimit: Math.max(1, route.bodyLimit),
      onRequest: async request => {
        if (admission.stopping) {
          throw stopping();
        }
        await admission.admit(route, request);
      },
      handler: (request, reply) => handle(route, request, reply, admission.of(request) as Admitted, options)
    });
  }
}

async function handle(
  route: HubRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  admitted: Admitted,
  options: HubOptions
): Promise<unknown> {
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) {
      admitted.abort(new BranchbookError('CANCELLED', 'The client went away.'));
    }
    admitted.leave();
  });
  const work = (): Promise<unknown> => route.handle(callOf(route, request, admitted, options), reply);
  const answer = await (route.keeps ? options.room.within(route.keeps, lengthOf(request), work) : work()).finally(() =>
    discardRest(request.raw)
  );
  if (reply.sent || reply.raw.headersSent) {
    return reply;
  }
  if (answer === undefined) {
    return reply.code(204).send();
  }
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
}

/** Bytes; none when it is not said before. */
const lengthOf = ({ headers }: FastifyRequest): number => Number(headers['content-length'] ?? 0);

function callOf(route: HubRoute, request: FastifyRequest, admitted: Admitted, options: HubOptions): HubCall {
  const { identity, project, signal } = admitted;
  const only = <T>(value: T | null): T => {
    if (value === null) {
      throw new BranchbookError('INTERNAL', `${route.method} ${route.path} asks for what its need does not say.`);
    }
    return value;
  };
  return {
    request,
    params: request.params as Record<string, string>,
    query: request.query as Record<string, string | undefined>,
    body: request.body,
    get stream() {
      const body = (request.body as Readable | undefined) ?? request.raw;
      return bounded(body, { limit: route.bodyLimit, pace: options.pace, signal });
    },
    get identity() {
      return only(identity);
    },
    get namespaces() {
      return options.access.as(only(identity));
    },
    get project() {
      return only(project);
    },
    signal,
    recheck: admitted.recheck,
    log: options.log
  };
}
