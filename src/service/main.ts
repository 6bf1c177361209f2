/** The program `branchbook`: the command line, and with `serve` the personal core. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CommandContext, IOutput, IProgramAbilities, IProjects, ServeArguments } from '../cli/context';
import { clean, filterProcess, smudge } from '../cli/filter-process';
import type { FilterStreams } from '../cli/filter-process';
import { runCommand } from '../cli/run-command';
import type { Verb, Verbs } from '../core/model/result';
import { accountOperations, operations } from '../core/operation/index';
import { perform } from '../core/operation/perform';
import type { Activity, Creation, IAccount, IOpenProject, IPlaces } from '../core/port';
import { disk } from '../node/fs/disk';
import { clock, random } from '../node/process/time';
import type { ICoreHost } from './host';
import { createPlaces } from './open-places';
import { findRoot, openProject } from './open-project';
import type { CommandRequest, CommandResponse } from './protocol';

/** Exit status after a second Ctrl-C, as shells expect it. */
const INTERRUPTED = 130;
const version = process.env['BRANCHBOOK_VERSION'] ?? 'development';

/** Opens each project once and closes all of them in the end. */
class Projects implements IProjects {
  private readonly _open = new Map<string, Promise<IOpenProject>>();
  private readonly _places: IPlaces = createPlaces();

  findRoot(path: string): Promise<string | null> {
    return findRoot(path);
  }

  async run<V extends Verb>(
    verb: V,
    path: string,
    args: Verbs[V]['args'],
    activity: Activity
  ): Promise<Verbs[V]['result']> {
    return perform(verb, args, activity, {
      project: () => this.open(path, verb === 'init'),
      account: () => this._accountAt(path)
    });
  }

  open(path: string, create: Creation = false): Promise<IOpenProject> {
    const known = this._open.get(path) ?? openProject(path, { create, places: this._places });
    this._open.set(path, known);
    return known;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this._open.values());
    await Promise.all(opened.map(one => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    await this._places.close();
  }

  private _accountAt(cwd: string): IAccount {
    return {
      cwd,
      files: disk,
      clock,
      random,
      places: this._places,
      project: async () => ((await findRoot(cwd)) === null ? null : this.open(cwd)),
      open: (root, options) => this.open(root, options?.create ?? false)
    };
  }
}

function writeTo(stream: NodeJS.WriteStream): IOutput {
  return { write: text => void stream.write(text), terminal: stream.isTTY ?? false };
}

function writeBytes(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(bytes, error => (error ? reject(error) : resolve())));
}

const streams: FilterStreams = {
  input: process.stdin,
  write: writeBytes,
  warn: line => void process.stderr.write(`${line}\n`)
};

async function readSecret(question: string): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  if (terminal) {
    process.stderr.write(question);
  }
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal });
  lines.once('SIGINT', () => lines.close());
  try {
    for await (const line of lines) {
      return line.trim();
    }
    return '';
  } finally {
    lines.close();
    if (terminal) {
      process.stderr.write('\n');
    }
  }
}

function abilities(projects: Projects, signal: AbortSignal): IProgramAbilities {
  return {
    serve: async (args: ServeArguments) => {
      const { serve } = await import('./serve');
      await serve(createHost(), { ...args, signal });
    },
    hub: async args => {
      const { runHub } = await import('./hub/main');
      await runHub(args, { version, signal });
    },
    secret: readSecret,
    filterProcess: async cwd => filterProcess(await projects.open(cwd), streams),
    filter: async (direction, cwd, path) => {
      const project = await projects.open(cwd);
      if (direction === 'clean') {
        await writeBytes(await clean(project, streams.input));
        return;
      }
      for await (const piece of smudge(project, path, streams.input, streams.warn)) {
        await writeBytes(piece);
      }
    }
  };
}

/** What the service works with. */
function createHost(): ICoreHost {
  const places = createPlaces();
  return {
    version,
    files: disk,
    operations,
    accountOperations,
    clock,
    random,
    places,
    findRoot: path => findRoot(path),
    openProject: (path, options) => openProject(path, { ...options, places }),
    runCommand: captureCommand
  };
}

/** A command line on behalf of a client: nothing of this process is its own but the words it writes. */
async function captureCommand(
  request: CommandRequest,
  projects: IProjects,
  activity: Activity
): Promise<CommandResponse> {
  const written = { stdout: '', stderr: '' };
  const capture = (name: keyof typeof written): IOutput => ({
    write: text => void (written[name] += text),
    terminal: false
  });
  const outcome = await runCommand(request.argv, {
    version,
    cwd: request.cwd,
    stdout: capture('stdout'),
    stderr: capture('stderr'),
    projects,
    color: false,
    signal: activity.signal,
    onProgress: activity.onProgress
  });
  return { ...outcome, ...written };
}

/** Ctrl-C asks the operation to stop where that is safe; a second one ends the program. */
function onInterrupt(abort: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (abort.signal.aborted) {
        process.exit(INTERRUPTED);
      }
      abort.abort();
    });
  }
}

async function main(): Promise<void> {
  const abort = new AbortController();
  onInterrupt(abort);
  // A reader that went away (`branchbook versions … | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const projects = new Projects();
  const context: CommandContext = {
    version,
    cwd: process.cwd(),
    stdout: writeTo(process.stdout),
    stderr: writeTo(process.stderr),
    projects,
    color: (process.stdout.isTTY ?? false) && !process.env['NO_COLOR'],
    signal: abort.signal,
    program: abilities(projects, abort.signal)
  };
  const { exitCode } = await runCommand(process.argv.slice(2), context);
  process.exitCode = exitCode;
  await projects.close();
}

void main();
