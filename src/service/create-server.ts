import { timingSafeEqual, createHash } from 'node:crypto';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { BranchbookError } from '../core/error';
import type { Verb, Verbs } from '../core/model/result';
import type { Activity } from '../core/port';
import type { ICoreHost } from './host';
import { errorLine, lineHeaders, LineStream } from './line-stream';
import type { MaintenanceOptions } from './maintenance';
import { ProjectEvents } from './project-events';
import { Projects } from './projects';
import type {
  CommandRequest,
  CommandResponse,
  Health,
  OperationRequest,
  ProjectEvent,
  ProjectInfo,
  ShutdownRequest
} from './protocol';
import { protocolVersion } from './protocol';
import { commandSchema, operationSchema, eventsSchema, projectSchema, shutdownSchema, verbs } from './schemas';
import type { Work } from './work';

/** Provenance and facts are small; a request of more bytes than this is a mistake. */
const BODY_LIMIT = 4 * 1024 * 1024;

export type ServerOptions = {
  readonly host: ICoreHost;
  readonly work: Work;
  readonly log: (line: string) => void;
  /** Asked for in every request when set (TCP); a Unix socket is protected by its permissions. */
  readonly token: string | null;
  /** How often, in milliseconds, an empty line is sent to subscribers of events. */
  readonly keepAlive: number;
  /** How projects are taken care of while nobody works on them; none = never. */
  readonly maintenance?: MaintenanceOptions | undefined;
  /** Called when a client asks the core to stop. */
  readonly onShutdown: () => void;
};

/** The HTTP API of protocol.ts over the operations. The caller listens and closes. */
export function createServer(options: ServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    // A request is checked as it came: nothing is converted, filled in or dropped.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, discriminator: true } }
  });
  const events = new ProjectEvents(options.host.files, options.log);
  const projects = new Projects(
    options.host,
    project => void events.watch(project),
    project => void events.touched(project),
    options.maintenance ?? null,
    options.log
  );
  app.addHook('onClose', async () => {
    events.dispose();
    await projects.close();
  });
  app.addHook('onRequest', async request => {
    options.work.requested();
    checkToken(request, options.token);
  });
  app.setErrorHandler((error: FastifyError | BranchbookError, _request, reply) => {
    const failure = toBranchbookError(error);
    return answerError(reply, failure, failure.status);
  });
  app.setNotFoundHandler((request, reply) => {
    const reason = `there is no ${request.method} ${request.url}`;
    const error = new BranchbookError('USAGE', `The core does not know this request: ${reason}.`, { reason });
    return answerError(reply, error, 404);
  });
  addCoreRoutes(app, options);
  addProjectRoutes(app, options, projects);
  addEventRoute(app, options, projects, events);
  return app;
}

function addCoreRoutes(app: FastifyInstance, { host, work, onShutdown }: ServerOptions): void {
  app.get('/v1/health', async (): Promise<Health> => ({
    version: host.version,
    protocol: protocolVersion,
    pid: process.pid
  }));

  app.post<{ Body: ShutdownRequest }>('/v1/shutdown', { schema: { body: shutdownSchema } }, async (request, reply) => {
    if (request.body.whenIdle && work.busy) {
      throw new BranchbookError('LOCKED', 'The core is busy.', {}, 'Ask again when its operations have ended.');
    }
    reply.raw.once('finish', onShutdown);
    return reply.code(202).send({});
  });
}

function addProjectRoutes(app: FastifyInstance, options: ServerOptions, projects: Projects): void {
  const { host } = options;

  app.get<{ Querystring: { path: string } }>(
    '/v1/project',
    { schema: { querystring: projectSchema } },
    async (request): Promise<ProjectInfo> => ({ root: (await projects.open(request.query.path)).root })
  );

  for (const verb of verbs) {
    app.post<{ Body: OperationRequest }>(
      `/v1/operation/${verb}`,
      { schema: { body: operationSchema(verb) } },
      (request, reply) => {
        const { project, args } = request.body;
        const run = (activity: Activity): Promise<Verbs[Verb]['result']> =>
          projects.run(verb, project, args as Verbs[Verb]['args'], activity);
        return answerInLines(options, { what: verb, where: project, run, outcome: () => 'ok' }, reply);
      }
    );
  }

  app.post<{ Body: CommandRequest }>('/v1/command', { schema: { body: commandSchema } }, (request, reply) => {
    const { cwd, argv } = request.body;
    const task: Task<CommandResponse> = {
      what: `command ${argv[0] ?? ''}`,
      where: cwd,
      run: activity => host.runCommand(request.body, projects, activity),
      outcome: response => response.error?.code ?? 'ok'
    };
    return answerInLines(options, task, reply);
  });
}

/** Something a client asked for that may take long. `what` and `where` are for the log. */
type Task<T> = {
  readonly what: string;
  readonly where: string;
  readonly run: (activity: Activity) => Promise<T>;
  /** In one word, for the log: a command that failed has a result all the same. */
  readonly outcome: (result: T) => string;
};

/** Run a task, its progress and its end told line by line; a client that goes away cancels it. */
async function answerInLines<T>(options: ServerOptions, task: Task<T>, reply: FastifyReply): Promise<void> {
  reply.hijack();
  const started = performance.now();
  const stream = new LineStream(reply.raw);
  let outcome: string;
  try {
    const result = await options.work.operate(stream.disconnected, signal =>
      task.run({ signal, onProgress: stream.progress })
    );
    outcome = task.outcome(result);
    stream.result(result);
  } catch (error) {
    const failure = BranchbookError.from(error);
    if (failure.code === 'INTERNAL' && failure.cause instanceof Error) {
      options.log(failure.cause.stack ?? failure.message);
    }
    outcome = failure.code;
    stream.error(failure);
  }
  const duration = Math.round(performance.now() - started);
  options.log(`${task.what} ${duration} ms ${outcome} ${JSON.stringify(task.where)}`);
}

function addEventRoute(
  app: FastifyInstance,
  { work, keepAlive, log }: ServerOptions,
  projects: Projects,
  events: ProjectEvents
): void {
  const schema = { querystring: eventsSchema };
  app.get<{ Querystring: { project?: string | readonly string[] } }>('/v1/events', { schema }, (request, reply) => {
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, lineHeaders);
    // A line at once, so that the subscriber knows that it is one.
    response.write('\n');
    const unsubscribe = work.subscribe();
    const send = (event: ProjectEvent): void => {
      // A subscriber that stopped reading is dropped rather than remembered for: it subscribes again and looks itself.
      if (response.writableNeedDrain) {
        response.destroy();
      } else {
        response.write(`${JSON.stringify(event)}\n`);
      }
    };
    const subscription = events.subscribe(send);
    const timer = setInterval(() => response.write('\n'), keepAlive);
    response.on('close', () => {
      clearInterval(timer);
      subscription.dispose();
      unsubscribe();
    });
    for (const path of [request.query.project ?? []].flat()) {
      projects
        .open(path)
        .then(project => events.current(project))
        .then(send)
        .catch(error => log(`events ${JSON.stringify(path)}: ${BranchbookError.from(error).message}`));
    }
  });
}

function checkToken(request: FastifyRequest, token: string | null): void {
  if (token === null) {
    return;
  }
  // Digests have one length, so that the comparison's time tells nothing.
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  if (!timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`))) {
    throw new BranchbookError('PERMISSION_DENIED', 'The core does not know the caller: its token is missing or wrong.');
  }
}

function toBranchbookError(error: FastifyError | BranchbookError): BranchbookError {
  if ('validation' in error && error.validation) {
    const [first] = error.validation;
    const argument = `${error.validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    const reason = first?.message ?? error.message;
    return new BranchbookError('USAGE', `The request is not as it should be: ${argument} ${reason}.`, {
      argument,
      reason
    });
  }
  if ('statusCode' in error && error.statusCode && error.statusCode < 500) {
    const reason = error.message;
    return new BranchbookError('USAGE', `The request cannot be read: ${reason}.`, { argument: 'body', reason });
  }
  return BranchbookError.from(error);
}

function answerError(reply: FastifyReply, error: BranchbookError, status: number): FastifyReply {
  return reply.code(status).headers(lineHeaders).send(errorLine(error));
}
