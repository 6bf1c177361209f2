import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import type { Activity } from '../../src/core/port';
import type { ICoreHost } from '../../src/service/host';
import { accountOperations, operations } from '../../src/core/operation/index';
import { protocolVersion } from '../../src/service/protocol';
import { argsSchemas, verbs } from '../../src/service/schemas';
import { serve } from '../../src/service/serve';
import {
  call,
  hostWith,
  lineReader,
  newRepository,
  open,
  remove,
  temporaryFolder,
  until,
  type Target
} from './support';

let folder: string;
let repository: string;
let target: Target;
let stop: AbortController;
let stopped: Promise<void>;
let log: string[];

async function start(host: ICoreHost): Promise<void> {
  const socket = join(folder, 's', 'core.sock');
  stop = new AbortController();
  stopped = serve(host, { socket, runtimeDir: folder, signal: stop.signal, log: line => log.push(line) });
  target = { socket };
  await until(() => log.some(line => line.includes('serves on')));
}

beforeEach(() => {
  folder = temporaryFolder();
  repository = newRepository();
  log = [];
});

afterEach(async () => {
  stop.abort('end of test');
  await stopped;
  remove(folder);
  remove(repository);
});

type Body = { readonly [name: string]: unknown };

const operate = (verb: string, args: unknown = {}, project = repository) =>
  call(target, 'POST', `/v1/operation/${verb}`, { project, args });

describe('routes', () => {
  it('tells its health', async () => {
    await start(hostWith());
    const { status, lines } = await call(target, 'GET', '/v1/health');
    expect(status).toBe(200);
    expect(lines).toEqual([{ version: '1.2.3', protocol: protocolVersion, pid: process.pid }]);
  });

  it('has exactly one route a verb, and none for reading', async () => {
    await start(hostWith());
    expect([...verbs].sort()).toEqual([...Object.keys(operations), ...Object.keys(accountOperations)].sort());
    for (const verb of verbs) {
      expect((await call(target, 'GET', `/v1/operation/${verb}`)).status, verb).toBe(404);
      expect((await operate(verb, { no: 'such argument' })).lines[0]!['error'].code, verb).toBe('USAGE');
    }
    for (const path of ['/', '/v1', '/v1/operation', '/v1/operation/fetch', '/v1/operation/__proto__', '/v2/health']) {
      const { status, lines } = await call(target, 'POST', path, { project: repository, args: {} });
      expect([path, status, lines[0]!['error'].code]).toEqual([path, 404, 'USAGE']);
    }
  });

  it('runs the command line', async () => {
    await start(hostWith());
    const { lines } = await call(target, 'POST', '/v1/command', { cwd: repository, argv: ['status'] });
    const result = { exitCode: 0, stdout: 'clean\n', result: { verb: 'status' } };
    expect(lines).toMatchObject([{ type: 'result', result }]);
  });

  it('finds the project that holds a path', async () => {
    await start(hostWith());
    const found = await call(target, 'GET', `/v1/project?path=${encodeURIComponent(repository)}`);
    expect(found.lines).toEqual([{ root: repository }]);
    const missing = await call(target, 'GET', `/v1/project?path=${encodeURIComponent(folder)}`);
    expect([missing.status, missing.lines[0]!['error'].code]).toEqual([404, 'NOT_A_PROJECT']);
  });
});

describe('bodies', () => {
  it.each([
    ['no args', 'status', { project: '/tmp' }],
    ['no project', 'status', { args: {} }],
    ['an empty project', 'status', { project: '', args: {} }],
    ['a relative project', 'status', { project: 'work', args: {} }],
    ['another field', 'status', { project: '/tmp', args: {}, cookie: 'x' }],
    ['a number for text', 'switch', { project: '/tmp', args: { branch: 7 } }],
    ['text for a list', 'snapshot', { project: '/tmp', args: { paths: 'a.csv' } }],
    ['a missing argument', 'switch', { project: '/tmp', args: {} }],
    ['an unknown choice', 'switch', { project: '/tmp', args: { branch: 'b', changes: 'lose' } }],
    ['an unknown action', 'branch', { project: '/tmp', args: { action: 'explode' } }],
    ['arguments of another action', 'branch', { project: '/tmp', args: { action: 'list', name: 'x' } }],
    ['no action', 'branch', { project: '/tmp', args: {} }],
    ['no object', 'status', []],
    ['no JSON', 'status', '{"project":'],
    ['too much', 'snapshot', { project: '/tmp', args: { message: 'x'.repeat(5_000_000) } }]
  ])('refuses %s', async (_name, verb, body) => {
    const host = hostWith();
    await start(host);
    const { status, lines } = await call(target, 'POST', `/v1/operation/${verb}`, body);
    expect(status).toBe(400);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ type: 'error', error: { code: 'USAGE' } });
    expect(host.opened).toEqual([]);
  });

  it('hands over what it was given, unchanged', async () => {
    await start(hostWith());
    const args = { branch: '-ü "x"', changes: 'park' };
    expect((await operate('switch', args)).lines).toEqual([{ type: 'result', result: { verb: 'switch', args } }]);
    for (const action of [
      { action: 'list' },
      { action: 'create', name: 'n', switch: true },
      { action: 'worktree', name: 'n' }
    ]) {
      expect((await operate('branch', action)).status, action.action).toBe(200);
    }
    expect(Object.keys(argsSchemas).sort()).toEqual([...verbs].sort());
  });
});

describe('streams', () => {
  it('sends progress, then the result', async () => {
    const run = async (_project: unknown, _args: unknown, { onProgress }: Activity): Promise<never> => {
      onProgress!({ phase: 'read', done: 1, total: 2, unit: 'files', path: 'a' });
      onProgress!({ phase: 'write', done: 2, total: 2, unit: 'files' });
      return { done: true } as never;
    };
    await start(hostWith({ check: { run } }));
    expect((await operate('check')).lines).toEqual([
      { type: 'progress', phase: 'read', done: 1, total: 2, unit: 'files', path: 'a' },
      { type: 'progress', phase: 'write', done: 2, total: 2, unit: 'files' },
      { type: 'result', result: { done: true } }
    ]);
  });

  it('sets the status of a failure before the first line, and ends the stream with one after it', async () => {
    const run = async (_project: unknown, args: { readData?: boolean }, { onProgress }: Activity): Promise<never> => {
      if (args.readData) {
        onProgress!({ phase: 'read', done: 0, total: null, unit: 'bytes' });
      }
      throw new BranchbookError('WORK_TREE_DIRTY', 'Unsaved.', { paths: [] }, 'Save.');
    };
    await start(hostWith({ check: { run: run as never } }));
    const error = { code: 'WORK_TREE_DIRTY', message: 'Unsaved.', data: { paths: [] }, hint: 'Save.' };
    expect(await operate('check')).toEqual({ status: 409, lines: [{ type: 'error', error }] });
    const late = await operate('check', { readData: true });
    expect([late.status, late.lines[1]]).toEqual([200, { type: 'error', error }]);
  });

  it('does not tell callers of a bug more than its message, and logs the rest', async () => {
    await start(hostWith({ check: { run: () => Promise.reject(new TypeError('x is undefined')) } }));
    const { status, lines } = await operate('check');
    expect([status, lines[0]!['error'].code]).toEqual([500, 'INTERNAL']);
    expect(JSON.stringify(lines)).not.toContain('support.ts');
    expect(log.some(line => line.includes('TypeError'))).toBe(true);
  });

  it('keeps only the latest progress for a client that does not read', async () => {
    let told = 0;
    const run = async (_project: unknown, _args: unknown, { onProgress }: Activity): Promise<never> => {
      const path = 'p'.repeat(4000);
      for (; told < 20_000; told += 1) {
        // A phase of its own each, so that none is left out for coming too soon.
        onProgress!({ phase: `${told}`, done: told, total: null, unit: 'files', path });
      }
      return {} as never;
    };
    await start(hostWith({ check: { run } }));
    const response = await open(target, 'POST', '/v1/operation/check', { project: repository, args: {} });
    await until(() => told === 20_000);
    let bytes = 0;
    let last = '';
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      last = String(chunk);
    }
    expect(last.trimEnd().endsWith('{"type":"result","result":{}}')).toBe(true);
    expect(bytes).toBeLessThan(2_000_000);
  });

  it.each([
    ['an operation', 'check', (): Body => ({ project: repository, args: {} }), '/v1/operation/check'],
    ['a command line', 'command status', (): Body => ({ cwd: repository, argv: ['status'] }), '/v1/command']
  ])('tells progress of %s, and cancels it when the client goes away', async (_name, logged, body, path) => {
    let signal: AbortSignal | undefined;
    const run = (_project: unknown, _args: unknown, activity: Activity): Promise<never> => {
      signal = activity.signal;
      activity.onProgress!({ phase: 'wait', done: 0, total: null, unit: 'files' });
      return new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    };
    await start(hostWith({ check: { run }, status: { run } }));
    const client = new AbortController();
    const response = await open(target, 'POST', path, body(), client.signal);
    expect(await lineReader(response).next()).toMatchObject({ phase: 'wait' });
    client.abort();
    await until(() => signal!.aborted);
    await until(() => log.some(line => new RegExp(`^${logged} \\d+ ms CANCELLED`).test(line)));
  });
});

describe('projects', () => {
  it('opens a project once, and again when another one took its place', async () => {
    const host = hostWith();
    await start(host);
    await Promise.all([operate('status'), operate('assets'), operate('status')]);
    await operate('status');
    expect(host.opened).toEqual([repository]);
    remove(join(repository, '.git'));
    await operate('init');
    expect(host.opened).toHaveLength(2);
  });

  it('lets verbs that change a project take turns, also after a failure, and does not hold up the others', async () => {
    const order: string[] = [];
    const gates: (() => void)[] = [];
    const run = async (_project: unknown, { branch }: { branch: string }): Promise<never> => {
      order.push(`${branch} begins`);
      await new Promise<void>(resolve => gates.push(resolve));
      order.push(`${branch} ends`);
      throw new BranchbookError('BRANCH_UNKNOWN', branch);
    };
    await start(hostWith({ switch: { mutates: true, run: run as never } }));
    const first = operate('switch', { branch: 'a' });
    await until(() => gates.length === 1);
    const second = operate('switch', { branch: 'b' });
    expect((await operate('status')).status).toBe(200);
    expect(order).toEqual(['a begins']);
    gates[0]!();
    await until(() => gates.length === 2);
    gates[1]!();
    expect([(await first).status, (await second).status]).toEqual([404, 404]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });
});
