import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BranchbookError, type SerializedError } from '../../src/core/error';
import type { Head, Ref } from '../../src/core/model/git';
import type { ProjectVerb } from '../../src/core/model/result';
import type { Operations } from '../../src/core/operation';
import type { Operation } from '../../src/core/operation/operation';
import type { IGit, IOpenProject } from '../../src/core/port';
import { clock, random } from '../../src/node/process/time';
import { accountOperations, isAccountVerb } from '../../src/core/operation/index';
import { createPlaces } from '../../src/service/open-places';
import { disk } from '../../src/node/fs/disk';
import { openProcesses } from '../../src/node/process/processes';
import type { ICoreHost } from '../../src/service/host';
import { verbs } from '../../src/service/schemas';

export function temporaryFolder(): string {
  // Short: a Unix socket's path has at most 104 bytes.
  return realpathSync(mkdtempSync(join(tmpdir(), 'bb-')));
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** A repository with one commit on `main`. */
export function newRepository(): string {
  const folder = temporaryFolder();
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.org');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'start');
  return folder;
}

/** What the service needs of git, as git itself tells it. */
function gitOf(root: string): IGit {
  const gitDir = join(root, '.git');
  const head = async (): Promise<Head> => ({
    kind: 'branch',
    branch: git(root, 'symbolic-ref', '--short', 'HEAD'),
    commit: git(root, 'rev-parse', 'HEAD')
  });
  const refs = async (prefix: string): Promise<readonly Ref[]> =>
    git(root, 'for-each-ref', '--format=%(refname) %(objectname)', prefix)
      .split('\n')
      .map(line => line.split(' ') as [string, string])
      .map(([name, commit]) => ({ name, object: commit, commit }));
  return { root, gitDir, commonDir: gitDir, head, refs } as IGit;
}

async function projectAt(root: string): Promise<IOpenProject> {
  const clock = {
    now: () => Date.now(),
    offset: () => 0,
    sleep: (ms: number) => new Promise<void>(r => setTimeout(r, ms))
  };
  const random = {
    hex: (bytes: number) =>
      Math.random()
        .toString(16)
        .slice(2)
        .padEnd(bytes * 2, '0')
        .slice(0, bytes * 2)
  };
  const home = join(root, '.git', 'branchbook');
  return {
    root,
    home,
    git: gitOf(root),
    files: disk,
    clock,
    random,
    processes: await openProcesses(),
    close: async () => undefined
  } as unknown as IOpenProject;
}

type Behaviour = Partial<Pick<Operation<ProjectVerb>, 'mutates' | 'run'>>;

/** A host whose verbs answer their own name, except those given. */
export function hostWith(
  behaviours: { readonly [V in ProjectVerb]?: Behaviour } = {}
): ICoreHost & { readonly opened: string[] } {
  const plain = (verb: ProjectVerb): Operation<ProjectVerb> => ({
    verb,
    summary: verb,
    mutates: false,
    run: async (_project, args) => ({ verb, args }) as never
  });
  const projectVerbs = verbs.filter((verb): verb is ProjectVerb => !isAccountVerb(verb));
  const entries = projectVerbs.map(verb => [verb, { ...plain(verb), ...behaviours[verb] }]);
  const opened: string[] = [];
  return {
    opened,
    version: '1.2.3',
    files: disk,
    operations: Object.fromEntries(entries) as Operations,
    accountOperations,
    clock,
    random,
    places: createPlaces(),
    findRoot: async path => {
      try {
        return git(path, 'rev-parse', '--show-toplevel');
      } catch {
        return null;
      }
    },
    openProject: async (path, options = {}) => {
      opened.push(path);
      if (options.create) {
        git(path, 'init', '-q', '-b', 'main');
        git(path, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'start');
      }
      return projectAt(path);
    },
    runCommand: async ({ argv, cwd }, projects, activity) => {
      if (argv[0] !== 'status') {
        throw new BranchbookError('USAGE', 'Only status here.');
      }
      const result = await projects.run('status', cwd, {}, activity);
      return { exitCode: 0, stdout: 'clean\n', stderr: '', result, error: null };
    }
  };
}

/** A line of an answer; `error` is there when it failed. */
export type Line = Readonly<Record<string, unknown>> & { readonly error: SerializedError };
export type Answer = { readonly status: number; readonly lines: readonly Line[] };

export type Target = { readonly socket: string } | { readonly port: number; readonly token?: string };

/** One request; resolves when its headers are there. */
export function open(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const headers: Record<string, string> = payload === undefined ? {} : { 'Content-Type': 'application/json' };
  if ('token' in target && target.token) {
    headers['Authorization'] = `Bearer ${target.token}`;
  }
  const where = 'socket' in target ? { socketPath: target.socket } : { host: '127.0.0.1', port: target.port };
  return new Promise((resolve, reject) => {
    const call = request({ ...where, method, path, headers, signal, agent: false }, resolve);
    call.once('error', reject);
    call.end(payload);
  });
}

/** One request with its whole answer, parsed line by line. */
export async function call(target: Target, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await open(target, method, path, body);
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
  }
  const lines = text.split('\n').filter(Boolean);
  return { status: response.statusCode!, lines: lines.map(line => JSON.parse(line) as Line) };
}

/** The parsed lines of an answer as they arrive; `next` waits for one that is not empty. */
export function lineReader(response: IncomingMessage): { next(): Promise<Line> } {
  const waiting: ((line: Line) => void)[] = [];
  const arrived: Line[] = [];
  let rest = '';
  response.setEncoding('utf8');
  response.on('error', () => undefined);
  response.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines.filter(Boolean).map(each => JSON.parse(each) as Line)) {
      const resolve = waiting.shift();
      if (resolve) {
        resolve(line);
      } else {
        arrived.push(line);
      }
    }
  });
  return { next: () => new Promise(resolve => (arrived.length ? resolve(arrived.shift()!) : waiting.push(resolve))) };
}

export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`not so after ${milliseconds} ms: ${condition.toString()}`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
