import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { delimiter, join, resolve } from 'node:path';

export type Server = {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
};

export type Launch = {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It starts programs that leave its group, and ends them itself when it is asked to. */
  readonly endsItself?: boolean;
};

/** Where the set-up of tests puts programs of its own. */
const installed = resolve(__dirname, '..', '..', '..', 'node_modules', '.branchbook', 'bin');

/** Absolute path of a program of the set-up, of node_modules or of the search path. */
export function findProgram(name: string): string {
  const root = resolve(installed, '..', '..', '..');
  const ours = [installed, join(root, 'node_modules', '.bin'), join(root, '.venv', 'bin')];
  const folders = [...ours, ...(process.env['PATH'] ?? '').split(delimiter)];
  const found = folders.map(folder => join(folder, name)).find(path => existsSync(path));
  if (!found) {
    throw new Error(`There is no ${name} on this machine; npm test installs it.`);
  }
  return found;
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/** On a busy machine JupyterHub takes more than half a minute. */
const START_MILLISECONDS = 90_000;

/** Start a program that listens on a free port of this machine; it and what it starts end with `stop`. */
export async function startServer(program: string, launch: (port: number) => Launch): Promise<Server> {
  const port = await freePort();
  const { argv, env, endsItself = false } = launch(port);
  const child = spawn(findProgram(program), argv, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = new Promise<void>(done => child.once('close', () => done()).once('error', () => done()));
  const kill = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  process.once('exit', kill);
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      kill();
      throw new Error(`${program} did not start:\n${said}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      process.off('exit', kill);
      if (endsItself && child.exitCode === null) {
        child.kill('SIGTERM');
        await Promise.race([ended, new Promise(done => setTimeout(done, 20_000).unref())]);
      }
      kill();
      await ended;
    }
  };
}
