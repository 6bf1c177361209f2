/**
 * A small process that starts programs of git for a large one. To start a program a process is copied first, and one that
 * holds a database in its memory stands still meanwhile for many times as long as git needs. What it starts speaks with the
 * large process directly, over sockets that only their user can reach.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import { killGroup } from './runner';
import type { ServingGit, StartedGit } from './start';

/** Told to the small process. */
export type Order = ServingGit & { readonly id: number };
/** What it tells: that one runs, then how it ended. */
export type News =
  { readonly id: number; readonly pid: number } | { readonly id: number; readonly code: number | null };

/** Each begins with the number of the order and its own, on a line. */
export const CHANNELS = ['input', 'output', 'complaints', 'hook'] as const;

type Channel = (typeof CHANNELS)[number];
type Running = {
  readonly channels: Map<string, Socket>;
  pid: number | null;
  over: boolean;
  /** All channels are open, and it runs, or has run; or it cannot be started. */
  readonly begin: (started: boolean) => void;
  readonly end: (code: number | null) => void;
};

export class GitStarter {
  private readonly _running = new Map<number, Running>();
  private _process: ChildProcess | null = null;
  private _orders = 0;

  private constructor(
    private readonly _files: IFileSystem,
    private readonly _file: string,
    private readonly _folder: string,
    private readonly _server: Server
  ) {}

  /** `file`: the bundle of git-starter-process.ts. */
  static async open(files: IFileSystem, file: string): Promise<GitStarter> {
    // Nobody else may enter. Paths of sockets are short, which those of data folders are not always.
    const folder = join(tmpdir(), `branchbook-git-${randomBytes(8).toString('hex')}`);
    await files.mkdir(folder);
    await files.chmod(folder, 0o700);
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const starter = new GitStarter(files, file, folder, server);
    server.on('connection', socket => starter._greet(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(starter._path, resolve);
    });
    starter._ensureProcess();
    return starter;
  }

  /** IO when git cannot be started. */
  async start(git: ServingGit): Promise<StartedGit> {
    const id = ++this._orders;
    const channels = new Map<string, Socket>();
    let end: Running['end'] = () => undefined;
    const ended = new Promise<number | null>(resolve => (end = resolve));
    let begin: Running['begin'] = () => undefined;
    const begun = new Promise<boolean>(resolve => (begin = resolve));
    const running: Running = { channels, pid: null, over: false, begin, end };
    this._running.set(id, running);
    this._ensureProcess().send({ ...git, id } satisfies Order, error => error && this._hear({ id, code: null }));
    const isStarted = await begun;
    void ended.then(() => this._running.delete(id));
    if (!isStarted) {
      channels.forEach(socket => socket.destroy());
      throw new BranchbookError('IO', 'git cannot be started.', { command: 'http-backend' });
    }
    const channel = (name: Channel): Socket => channels.get(name) as Socket;
    // Closed as soon as nothing comes any more.
    [channel('output'), channel('complaints')].forEach(socket => socket.end());
    void ended.then(() => [channel('input'), channel('hook')].forEach(socket => socket.destroy()));
    return {
      input: channel('input'),
      output: channel('output'),
      complaints: channel('complaints'),
      questions: channel('hook'),
      answers: channel('hook'),
      ended,
      kill: () => killGroup(running.over ? undefined : (running.pid ?? undefined), true)
    };
  }

  async close(): Promise<void> {
    this._process?.disconnect();
    this._server.close();
    await removeTree(this._files, this._folder);
  }

  private get _path(): string {
    return join(this._folder, 'git');
  }

  private _ensureProcess(): ChildProcess {
    if (!this._process?.connected) {
      // Without the settings of our own start: a debugger has one port.
      const started = fork(this._file, [this._path], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      started.on('message', news => this._hear(news as News));
      started.on('error', () => undefined);
      started.once('exit', () => this._endAll());
      started.unref();
      started.channel?.unref();
      this._process = started;
    }
    return this._process;
  }

  private _hear(news: News): void {
    const running = this._running.get(news.id);
    if (running && 'pid' in news) {
      running.pid = news.pid;
      this._beginWhenReady(running);
    } else if (running && 'code' in news) {
      // It may be over before all of its channels are here.
      running.over = true;
      running.end(news.code);
      if (running.pid === null) {
        running.begin(false);
      }
    }
  }

  /** It is gone; what it started sees that its sockets are, when we let go of them. */
  private _endAll(): void {
    for (const { channels, begin, end } of this._running.values()) {
      channels.forEach(socket => socket.destroy());
      end(null);
      begin(false);
    }
  }

  /** Which channel it is stands on its first line; what follows is git's. */
  private _greet(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      const begun = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
      const line = begun.subarray(0, begun.indexOf('\n'));
      const [id, name] = line.toString().split(' ');
      const running = this._running.get(Number(id));
      if (running && name !== undefined) {
        if (begun.length > line.length + 1) {
          socket.unshift(begun.subarray(line.length + 1));
        }
        running.channels.set(name, socket);
        this._beginWhenReady(running);
      } else {
        socket.destroy();
      }
    });
  }

  private _beginWhenReady({ channels, pid, begin }: Running): void {
    if (pid !== null && channels.size === CHANNELS.length) {
      begin(true);
    }
  }
}
