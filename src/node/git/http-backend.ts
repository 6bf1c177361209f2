/**
 * Histories for others: bare repositories, served by git's own `http-backend`. git starts with a clean environment and our
 * settings only, in a process group of its own that ends with the request.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ensureDirectory, removeTree, writeDurable } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Pointer } from '../../core/model/asset';
import type { HistoryAnswer, HistoryRequest, IFileSystem, IHistoryHost } from '../../core/port';
import { mendRepository } from './mend';
import { ObjectDatabase } from './objects';
import { answerHooks, writeHooks } from './push-hook';
import { allPointers } from './reachable-pointers';
import { RefStore } from './ref-store';
import { findGit, runGit } from './runner';
import { startHere } from './start';
import type { StartedGit, StartGit } from './start';
import { itemAt } from './tree-operation';

/** Milliseconds without a byte in either direction before git is stopped. git itself says something every 5 s. */
const MAX_SILENCE = 120_000;
/** Bytes of one allocation in git: a delta that makes more is refused. Whole objects above `LARGE_FILE` are streamed. */
const MAX_ALLOCATION = 256 * 1024 * 1024;
const LARGE_FILE = 16 * 1024 * 1024;
/** Milliseconds after which it is looked again what crashes left in a repository. */
const MEND_INTERVAL = 60_000;
const MAX_HEADER = 16 * 1024;
const MAX_COMPLAINT = 4 * 1024;

/** What a client's push or a repository's own configuration must not change. */
const settings = [
  'core.fsmonitor=false',
  'core.pager=cat',
  `core.bigFileThreshold=${LARGE_FILE}`,
  'core.protectNTFS=true',
  'core.protectHFS=true',
  'core.logAllRefUpdates=false',
  // On the device before the push is acknowledged.
  'core.fsync=committed,reference',
  'gc.auto=0',
  'maintenance.auto=false',
  'receive.autogc=false',
  'receive.fsckObjects=true',
  'receive.advertisePushOptions=false',
  'receive.unpackLimit=100',
  'receive.shallowUpdate=false',
  'transfer.hideRefs=refs/branchbook',
  'uploadpack.allowFilter=false',
  'uploadpack.allowAnySHA1InWant=false',
  'http.getanyfile=false',
  'protocol.allow=never'
];

/** Settings of every repository that we make, for those who look at it with git. */
const initialConfig = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

export class HttpBackend implements IHistoryHost {
  /** When each repository was looked at last. */
  private readonly _mended = new Map<string, number>();

  private constructor(
    private readonly _files: IFileSystem,
    /** Absolute; holds `<id>.git`. */
    private readonly _folder: string,
    private readonly _hooks: string,
    private readonly _log: (line: string) => void,
    private readonly _start: StartGit
  ) {}

  static async open(
    files: IFileSystem,
    dataFolder: string,
    log: (line: string) => void,
    start: StartGit = startHere
  ): Promise<HttpBackend> {
    const folder = `${dataFolder}/repositories`;
    await ensureDirectory(files, folder);
    await writeHooks(files, `${dataFolder}/hooks`);
    return new HttpBackend(files, folder, `${dataFolder}/hooks`, log, start);
  }

  async serve(request: HistoryRequest): Promise<HistoryAnswer> {
    await this._ensure(request.id);
    const program = await findGit(this._files, process.env);
    request.signal.throwIfAborted();
    const git = await this._start({
      program,
      argv: this._argumentsFor(request),
      cwd: this._folder,
      env: this._environment(request)
    });
    const end = endWith(git, request.signal);
    const complaint = collectComplaint(git);
    void end.ended.then(code => code !== 0 && this._log(`git http-backend ended with ${code}: ${complaint()}`));
    // git may be gone before it has read everything, or before it asks: its answer says why.
    const quietly = (): undefined => undefined;
    for (const stream of [git.input, git.questions, git.answers]) {
      stream.on('error', quietly);
    }
    pipeline(Readable.from(watched(request.body, end.alive), { objectMode: false }), git.input).catch(quietly);
    answerHooks(this._files, this._path(request.id), git.questions, git.answers, request.judge).catch(end.stop);
    return readAnswer(git, end, complaint);
  }

  async fileAt(id: string, revision: string, path: string, limit: number): Promise<Uint8Array | null> {
    const objects = await ObjectDatabase.open(this._files, this._path(id));
    const commit = await this._resolve(id, revision);
    const peeled = commit === null ? null : await objects.peel(commit);
    if (peeled?.type !== 'commit') {
      throw new BranchbookError('REVISION_UNKNOWN', `There is no ${JSON.stringify(revision)} in this project.`, {
        revision
      });
    }
    const item = await itemAt(objects, (await objects.readCommit(peeled.oid)).tree, path);
    if (!item || item.mode === '40000' || item.mode === '160000') {
      return null;
    }
    const bytes = await objects.readTyped(item.oid, 'blob');
    return bytes.length > limit ? null : bytes;
  }

  private async _resolve(id: string, revision: string): Promise<string | null> {
    if (/^[0-9a-f]{40}$/.test(revision)) {
      return revision;
    }
    const refs = new RefStore(this._files, this._path(id), this._path(id));
    const found = await Promise.all(['heads', 'tags'].map(kind => refs.follow(`refs/${kind}/${revision}`)));
    return found.find(({ oid }) => oid !== null)?.oid ?? null;
  }

  async pointers(id: string, signal: AbortSignal): Promise<readonly Pointer[] | null> {
    const gitDir = this._path(id);
    const isThere = (await this._files.lstat(`${gitDir}/HEAD`)) !== null;
    return isThere ? allPointers({ files: this._files, gitDir, signal }) : null;
  }

  async remove(id: string): Promise<void> {
    this._mended.delete(id);
    await removeTree(this._files, this._path(id));
  }

  /** Nothing that was pushed in the last two weeks is deleted. */
  async tidy(id: string, signal: AbortSignal): Promise<void> {
    const path = this._path(id);
    const command = ['-c', `safe.directory=${path}`, `--git-dir=${path}`, 'gc', '--quiet'];
    await runGit({ files: this._files, cwd: this._folder, command, operands: null, signal, timeout: 3_600_000 });
  }

  private _path(id: string): string {
    if (!/^[0-9a-f]{32}$/.test(id)) {
      throw new BranchbookError('INTERNAL', `${JSON.stringify(id)} is no repository's name.`);
    }
    return `${this._folder}/${id}.git`;
  }

  /** Several hub processes may do this at the same time: each file appears whole, HEAD last. */
  private async _ensure(id: string): Promise<void> {
    const path = this._path(id);
    if (await this._files.lstat(`${path}/HEAD`)) {
      await this._mend(id);
      return;
    }
    for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
      await ensureDirectory(this._files, `${path}/${folder}`);
    }
    await writeDurable(this._files, `${path}/config`, new TextEncoder().encode(initialConfig));
    await writeDurable(this._files, `${path}/HEAD`, new TextEncoder().encode('ref: refs/heads/main\n'));
  }

  private async _mend(id: string): Promise<void> {
    const now = Date.now();
    if (Math.abs(now - (this._mended.get(id) ?? 0)) > MEND_INTERVAL) {
      this._mended.set(id, now);
      await mendRepository(this._files, this._path(id), now).catch(error =>
        this._log(`cannot clear up the history of project ${id}: ${String(error)}`)
      );
    }
  }

  private _argumentsFor({ id, maxInput, force }: HistoryRequest): readonly string[] {
    const all = [
      ...settings,
      `core.hooksPath=${this._hooks}`,
      `safe.directory=${this._path(id)}`,
      `receive.maxInputSize=${maxInput ?? 0}`,
      `receive.denyNonFastForwards=${!force}`,
      `receive.denyDeletes=${!force}`
    ];
    return [...all.flatMap(setting => ['-c', setting]), 'http-backend'];
  }

  /** Without CONTENT_LENGTH: a git that waits for bytes that do not come any more, when the hub was killed, never ends. */
  private _environment(request: HistoryRequest): NodeJS.ProcessEnv {
    const service = `git-${request.service}`;
    return {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ALLOC_LIMIT: String(MAX_ALLOCATION),
      GIT_COMMITTER_NAME: request.user,
      GIT_COMMITTER_EMAIL: `${request.user}@hub`,
      GIT_PROJECT_ROOT: this._folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GATEWAY_INTERFACE: 'CGI/1.1',
      REMOTE_USER: request.user,
      REQUEST_METHOD: request.advertise ? 'GET' : 'POST',
      PATH_INFO: `/${request.id}.git/${request.advertise ? 'info/refs' : service}`,
      QUERY_STRING: request.advertise ? `service=${service}` : '',
      CONTENT_TYPE: request.contentType,
      ...(request.contentEncoding !== '' && { HTTP_CONTENT_ENCODING: request.contentEncoding }),
      ...(request.protocol !== '' && { GIT_PROTOCOL: request.protocol })
    };
  }
}

type End = {
  /** A byte went over: git is alive. */
  readonly alive: () => void;
  readonly stop: () => void;
  /** Exit code; null when it was stopped. */
  readonly ended: Promise<number | null>;
  /** Why the caller wanted it to stop; null when nobody did. */
  readonly reason: () => unknown;
};

/** The process ends when it is done, silent for too long, or nobody wants it any more. */
function endWith(git: StartedGit, signal: AbortSignal): End {
  const stop = git.kill;
  const timer = setTimeout(stop, MAX_SILENCE);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) {
    stop();
  }
  void git.ended.then(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  });
  const reason = (): unknown => (signal.aborted ? signal.reason : null);
  return { alive: () => void timer.refresh(), stop, ended: git.ended, reason };
}

async function* watched(pieces: AsyncIterable<Uint8Array>, alive: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    alive();
    yield piece;
  }
}

function collectComplaint({ complaints }: StartedGit): () => string {
  let text = '';
  complaints.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(0, MAX_COMPLAINT);
  });
  return () => text.trim();
}

async function readAnswer({ output }: StartedGit, end: End, complaint: () => string): Promise<HistoryAnswer> {
  const pieces = output[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const failure = (): unknown =>
    end.reason() ??
    new BranchbookError('IO', `git http-backend failed: ${complaint() || 'it ended early'}`, {
      command: 'http-backend'
    });
  let head = Buffer.alloc(0);
  let border = -1;
  while (border < 0) {
    const { value, done } = await pieces.next();
    if (done || head.length > MAX_HEADER) {
      end.stop();
      output.destroy();
      await end.ended;
      throw failure();
    }
    head = Buffer.concat([head, value]);
    border = head.indexOf('\r\n\r\n');
  }
  const rest = head.subarray(border + 4);
  const body = bodyOf(rest, pieces, end, failure);
  return { ...parseHead(head.toString('latin1', 0, border)), body };
}

async function* bodyOf(
  first: Uint8Array,
  pieces: AsyncIterator<Buffer>,
  end: End,
  failure: () => unknown
): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) {
      yield first;
    }
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      end.alive();
      yield next.value;
    }
    // What git refuses it says in its answer, and ends with a failure; cut short must not look whole.
    if ((await end.ended) === null) {
      throw failure();
    }
  } finally {
    end.stop();
    // Also what nobody reads any more.
    await pieces.return?.();
  }
}

function parseHead(text: string): Pick<HistoryAnswer, 'status' | 'headers'> {
  const headers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const { status, ...others } = headers;
  return { status: Number.parseInt(status ?? '200', 10), headers: others };
}
