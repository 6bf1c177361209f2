/**
 * The only door to the git program. Arguments are an array, never a shell string, and names chosen by users stand
 * behind `--end-of-options`; everything a repository's own configuration could start (hooks, monitors, helpers, pagers,
 * ssh commands) is switched off, and so is everything the environment could redirect.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import type { Environment } from '../process/environment';

/** What the repository could make git start, and the user too: where no remote is talked to. */
const local = ['core.sshCommand=ssh', 'core.askPass=', 'credential.helper='];
const profile = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.pager=cat',
  'core.editor=true',
  'diff.external=',
  'gpg.program=false',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.ssh.allow=always',
  'maintenance.auto=false',
  'gc.auto=0',
  'safe.bareRepository=explicit',
  'submodule.recurse=false',
  'transfer.fsckObjects=true',
  'core.protectNTFS=true',
  'core.protectHFS=true'
];

/** Variables of git that say who or where the user is; all others could lead git elsewhere or start a program. */
const KEPT_VARIABLES = /^GIT_((AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|SSL_.*)$/;
/** Milliseconds that git has to take its locks away when it is told to end: those of a remote that is a folder, too. */
const GRACE = 3000;
/** Bytes of the error output that are kept. */
const MAX_ERROR_OUTPUT = 64 * 1024;

export type GitRun = {
  readonly files: IFileSystem;
  readonly cwd: string;
  /** Subcommand and options, all of them our own words: `['worktree', 'add']`. */
  readonly command: readonly string[];
  /** Names and paths, which others may have chosen; null for none. */
  readonly operands: readonly string[] | null;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Bytes of output. */
  readonly maxOutput?: number;
  /** Default: this process's environment. */
  readonly environment?: Environment;
  /** Variables of git besides: where a repository is, and settings that are secret. */
  readonly variables?: Environment;
  /** More settings, which count more than those below. With a remote the user's own ways to reach it count too. */
  readonly remote?: readonly string[];
  /** Standard input. Default: none. */
  readonly input?: string;
  /** Told what git says on both its outputs while it runs. */
  readonly onSaid?: (text: string) => void;
};

/** How git ended. `code` is null when a signal ended it. */
export type Ending = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/**
 * Standard output of git. IO with git's own words when it fails, takes too long or says too much; CANCELLED by the
 * signal; REPOSITORY_UNSUPPORTED when there is no git. Needs git 2.24 or newer.
 */
export async function runGit(run: GitRun): Promise<string> {
  const ending = await endOfGit(run);
  if (ending.code === 0) {
    return ending.stdout;
  }
  throw failedGit(run, ending);
}

/** The same for callers who make something of git's failures. */
export async function endOfGit(run: GitRun): Promise<Ending> {
  const environment = run.environment ?? process.env;
  const program = await findGit(run.files, environment);
  // Programs that git hands a command to (git-lfs) do not know the option.
  const operands = run.operands ? ['--end-of-options', ...run.operands] : [];
  const settings = [...profile, ...(run.remote ?? local)].flatMap(setting => ['-c', setting]);
  const argv = [...settings, ...run.command, ...operands];
  return runProcess(program, argv, run, { ...childEnvironment(environment), ...run.variables });
}

/** IO with git's own words. */
export function failedGit(run: GitRun, { code, stderr }: Ending): BranchbookError {
  const said = stderr.trim().split('\n').slice(-5).join(' ');
  return failure(run, said || `it ended with ${code}`);
}

function failure(run: GitRun, reason: string): BranchbookError {
  const command = run.command.join(' ');
  return new BranchbookError(
    'IO',
    `git ${command} failed: ${reason}`,
    { command, operands: run.operands, reason },
    'Correct what git complains about, and try again.'
  );
}

function childEnvironment(environment: Environment): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || KEPT_VARIABLES.test(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ASKPASS: ''
  };
}

/** Where git was found, by the search path it was looked for in. */
const found = new Map<string, string>();

/** Only absolute folders of the search path count: git must not come out of the folder we happen to work in. */
export async function findGit(files: IFileSystem, environment: Environment): Promise<string> {
  const [separator, name] = process.platform === 'win32' ? [';', 'git.exe'] : [':', 'git'];
  const path = environment['PATH'] ?? environment['Path'] ?? '';
  const known = found.get(path);
  if (known) {
    return known;
  }
  for (const folder of path.split(separator)) {
    const program = join(folder, name);
    if (isAbsolute(folder) && (await isProgram(files, program))) {
      found.set(path, program);
      return program;
    }
  }
  throw new BranchbookError(
    'REPOSITORY_UNSUPPORTED',
    'This needs the git program, and there is none on this machine.',
    { program: 'git' },
    `Install it: ${installCommand()}`
  );
}

async function isProgram(files: IFileSystem, path: string): Promise<boolean> {
  // Another user's folder may be on the path of this one: what is in there is not for us.
  const stat = await files.lstat(path).catch(() => null);
  return (
    stat?.kind === 'symlink' || (stat?.kind === 'file' && (process.platform === 'win32' || (stat.mode & 0o111) > 0))
  );
}

function installCommand(): string {
  switch (process.platform) {
    case 'darwin':
      return 'xcode-select --install';
    case 'win32':
      return 'winget install --id Git.Git';
    default:
      return 'sudo apt install git (or conda install git)';
  }
}

function runProcess(program: string, argv: readonly string[], run: GitRun, env: NodeJS.ProcessEnv): Promise<Ending> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that whatever git starts ends with it.
    const detached = process.platform !== 'win32';
    const child = spawn(program, argv, {
      cwd: run.cwd,
      env,
      detached,
      windowsHide: true,
      stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']
    });
    // A git that ended early reads no more; its exit says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(run.input);
    let stopped: BranchbookError | null = null;
    let patience: NodeJS.Timeout | undefined;
    const stop = (error: BranchbookError): void => {
      if (!stopped) {
        stopped = error;
        killGroup(child.pid, detached, 'SIGTERM');
        patience = setTimeout(() => {
          killGroup(child.pid, detached);
          reject(error);
        }, GRACE);
      }
    };
    const timeout = run.timeout ?? 30_000;
    const timer = setTimeout(() => stop(failure(run, `it took longer than ${timeout} ms`)), timeout);
    const cancel = (): void =>
      stop(new BranchbookError('CANCELLED', 'The operation was cancelled while git was at work.'));
    run.signal?.addEventListener('abort', cancel);
    const stdout = collect(child, 'stdout', run.maxOutput ?? 16 * 1024 * 1024, () =>
      stop(failure(run, 'it wrote more than can be read'))
    );
    const stderr = collect(child, 'stderr', MAX_ERROR_OUTPUT);
    for (const output of run.onSaid ? [child.stdout, child.stderr] : []) {
      output?.on('data', (piece: Buffer) => run.onSaid?.(piece.toString('utf8')));
    }
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(patience);
      run.signal?.removeEventListener('abort', cancel);
    };
    child.once('error', error => {
      end();
      reject(failure(run, error.message));
    });
    child.once('close', code => {
      end();
      if (stopped) {
        reject(stopped);
      } else {
        resolve({ code, stdout: stdout(), stderr: stderr() });
      }
    });
    if (run.signal?.aborted) {
      cancel();
    }
  });
}

/** Gather output up to `limit` bytes; more is dropped, after a word to `onFull`. */
function collect(child: ChildProcess, stream: 'stdout' | 'stderr', limit: number, onFull?: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child[stream]?.on('data', (chunk: Buffer) => {
    if (size + chunk.length <= limit) {
      chunks.push(chunk);
      size += chunk.length;
    } else {
      onFull?.();
    }
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** End a program with all that it started. */
export function killGroup(pid: number | undefined, detached: boolean, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    if (pid !== undefined) {
      process.kill(detached ? -pid : pid, signal);
    }
  } catch {
    // It has ended already.
  }
}
