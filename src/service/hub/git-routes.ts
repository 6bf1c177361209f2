/** git's smart HTTP, so that plain `git clone` and `git push` work; what a push may do is decided while git holds it. */
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { covers } from '../../core/model/access';
import type { HistoryRequest, IHistoryHost, IStoredAssets } from '../../core/port';
import { BranchbookError } from '../../core/error';
import type { DiskRoom } from './disk-room';
import type { GitSlots } from './git-slots';
import type { Holding } from './holding';
import type { HubMetrics } from './metrics';
import { PushJudge } from './push-judge';
import type { RepositoryCare } from './repository-care';
import type { HubCall, HubProject, HubRoute, IHubAccess } from './route';

/** What a client that fetches says; git's own limit for it. */
const MAX_FETCH_REQUEST = 10 * 1024 * 1024;
/** The most that one push may bring to a project without quota: contents are no part of it. */
const MAX_PACK = 4 * 1024 * 1024 * 1024;
const REPOSITORY = '/:namespace/:project.git';

export type GitRoutesOptions = {
  readonly histories: IHistoryHost;
  readonly access: IHubAccess;
  readonly assets: (project: HubProject) => IStoredAssets;
  readonly slots: GitSlots;
  readonly holding: Holding;
  readonly care: RepositoryCare;
  readonly room: DiskRoom;
  readonly metrics: HubMetrics;
};

type Service = HistoryRequest['service'];

export function gitRoutes(options: GitRoutesOptions): readonly HubRoute[] {
  const view = { on: 'project', right: 'view', of: 'code' } as const;
  const edit = { on: 'project', right: 'edit', of: 'code' } as const;
  const stream = { method: 'POST', rate: 'transfer', body: 'stream' } as const;
  return [
    {
      method: 'GET',
      path: `${REPOSITORY}/info/refs`,
      need: view,
      rate: 'transfer',
      body: 'none',
      bodyLimit: 0,
      handle: (call, reply) => advertise(call, reply, options)
    },
    {
      ...stream,
      path: `${REPOSITORY}/git-upload-pack`,
      need: view,
      bodyLimit: MAX_FETCH_REQUEST,
      handle: (call, reply) => fetch(call, reply, options)
    },
    {
      ...stream,
      path: `${REPOSITORY}/git-receive-pack`,
      need: edit,
      bodyLimit: MAX_PACK,
      keeps: 'histories',
      handle: (call, reply) => receive(call, reply, options)
    }
  ];
}

async function advertise(call: HubCall, reply: FastifyReply, options: GitRoutesOptions): Promise<void> {
  const service = serviceOf(call.query['service']);
  if (service === 'receive-pack' && !covers(call.project.rights.classes.code, 'edit')) {
    throw new BranchbookError(
      'FORBIDDEN',
      `You may view ${nameOf(call)}, but not push to it.`,
      { right: 'edit', object: { kind: 'project', project: call.project.record.name }, because: [] },
      'Ask an owner for the right to edit, or push to a project of your own.'
    );
  }
  await serve(call, reply, options, requestOf(call, service, { advertise: true, body: Readable.from([]) }));
}

async function fetch(call: HubCall, reply: FastifyReply, options: GitRoutesOptions): Promise<void> {
  const seen = { text: '' };
  const body = glimpsed(call.stream, seen);
  try {
    await serve(call, reply, options, requestOf(call, 'upload-pack', { advertise: false, body }));
  } finally {
    await recordFetch(call, seen.text);
  }
}

/** Also when the client went away in the middle: it has seen what it has seen. */
async function recordFetch({ identity, project, namespaces }: HubCall, asked: string): Promise<void> {
  // Protocol 2 also asks for the list of refs here, which brings nothing.
  if (asked.includes('command=ls-refs')) {
    return;
  }
  const { namespace, name } = project.record;
  await namespaces.record(namespace, {
    action: asked.includes('have ') ? 'fetch' : 'clone',
    project: name,
    target: null,
    outcome: 'ok',
    detail: `${identity.displayName} brought the history of ${name} over git.`
  });
}

async function receive(call: HubCall, reply: FastifyReply, options: GitRoutesOptions): Promise<void> {
  const judge = new PushJudge(call, options);
  const request = requestOf(call, 'receive-pack', { advertise: false, body: call.stream });
  const maxInput = await mostOfPush(call, options);
  await serve(call, reply, options, { ...request, maxInput, judge });
  options.care.pushed(call.project.record.id);
}

/** Bytes that a push may bring: they lie on the disk twice, as they came and as git keeps them. */
async function mostOfPush(call: HubCall, { access, room }: GitRoutesOptions): Promise<number> {
  const free = (await access.free(call.project.record.namespace)) ?? MAX_PACK;
  const left = Math.floor((await room.left('histories')) / 2);
  // For git, nothing would be no limit.
  return Math.max(1, Math.min(free, MAX_PACK, left));
}

/**
 * In a slot, so that many clients do not start more programs than the machine can run; and only while git has something to
 * do: what the request brings is here before, and the answer goes on by itself. So no slow client keeps a slot.
 */
async function serve(
  call: HubCall,
  reply: FastifyReply,
  { histories, slots, holding }: GitRoutesOptions,
  request: HistoryRequest
): Promise<void> {
  const turn = request.service === 'receive-pack' && !request.advertise ? 'finish' : 'begin';
  const { signal } = call;
  await holding.whole(request.body, request.maxInput ?? Infinity, async sent => {
    const answer = await slots.run(turn, signal, async () => {
      const { status, headers, body } = await histories.serve({ ...request, body: sent });
      const ahead = holding.ahead(body, signal);
      reply.code(status).headers(headers);
      const sending = reply.send(Readable.from(ahead.take(), { objectMode: false }));
      await ahead.made;
      return { ahead, sending };
    });
    try {
      await answer.sending;
    } finally {
      await answer.ahead.dispose();
    }
  });
}

function requestOf(call: HubCall, service: Service, what: Pick<HistoryRequest, 'advertise' | 'body'>): HistoryRequest {
  const header = (name: string): string => String(call.request.headers[name] ?? '');
  const { record, rights } = call.project;
  return {
    id: record.id,
    service,
    ...what,
    user: call.identity.user,
    contentType: header('content-type'),
    contentEncoding: header('content-encoding'),
    protocol: /^version=[0-2]$/.test(header('git-protocol')) ? header('git-protocol') : '',
    maxInput: MAX_PACK,
    force: covers(rights.classes.code, 'manage'),
    judge: nobody,
    signal: call.signal
  };
}

/** For requests in which nothing is pushed. */
const nobody = {
  before: async () => ['this is not a push'],
  after: async () => undefined
};

function serviceOf(name: string | undefined): Service {
  if (name === 'git-upload-pack' || name === 'git-receive-pack') {
    return name.slice('git-'.length) as Service;
  }
  throw new BranchbookError('USAGE', 'This hub speaks git’s smart protocol only.', {
    argument: 'service',
    reason: 'neither git-upload-pack nor git-receive-pack'
  });
}

function nameOf({ project }: HubCall): string {
  return `${project.record.namespace}/${project.record.name}`;
}

/** The body, whose beginning is kept to see what is asked. */
async function* glimpsed(body: AsyncIterable<Buffer>, seen: { text: string }): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    seen.text += seen.text.length < 65_536 ? piece.toString('latin1') : '';
    yield piece;
  }
}
