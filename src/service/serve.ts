import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import { createServer } from './create-server';
import {
  claimSocket,
  discoveryPath,
  isLive,
  jupyterRuntimeDir,
  makePrivateDirectory,
  publish,
  readDiscovery,
  removeOwnFolder,
  withdraw
} from './endpoint';
import type { ICoreHost } from './host';
import { maintenanceDefaults } from './maintenance';
import type { MaintenanceOptions } from './maintenance';
import { Work } from './work';

/** Running operations get this long, in milliseconds, to end by themselves when the core is asked to stop. */
const GRACE = 10_000;
const KEEP_ALIVE = 30_000;
const PARENT_INTERVAL = 2_000;

export type ServeOptions = {
  /** Path of the Unix socket; default: `branchbook/core.sock` in Jupyter's runtime directory. */
  readonly socket?: string;
  /** Listen on loopback TCP with a random token instead; the default on Windows. */
  readonly tcp?: boolean;
  /** Where the discovery file goes; default: Jupyter's runtime directory. */
  readonly runtimeDir?: string;
  /** Stop after so many minutes in which nobody asked for anything (default 15). */
  readonly idleMinutes?: number;
  /** Stop when this process has ended. */
  readonly parentPid?: number;
  /** When projects are taken care of; default: after ten minutes without operations. */
  readonly maintenance?: MaintenanceOptions;
  /** Stop when aborted, as on SIGTERM. */
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
};

/**
 * By how much of what lives in it the heap may grow, percent, before garbage is looked for. Left to itself V8 lets it grow
 * fourfold where memory is plenty; but the core is a guest beside notebooks, and looking more often was measured to cost nothing.
 */
const HEAP_GROWTH = 50;

/**
 * The personal core: serves until it is asked to stop or nobody needs it, then resolves. Resolves at once, saying so,
 * when another core serves this user already.
 */
export async function serve(host: ICoreHost, options: ServeOptions = {}): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  const log = options.log ?? logToStderr;
  const runtimeDir = resolve(options.runtimeDir ?? jupyterRuntimeDir());
  const discovery = discoveryPath(runtimeDir);
  const tcp = options.tcp ?? process.platform === 'win32';
  const socket = resolve(options.socket ?? join(runtimeDir, 'branchbook', 'core.sock'));

  await makePrivateDirectory(host.files, runtimeDir);
  const other = await readDiscovery(host.files, discovery);
  const taken = other && (await isLive(other)) ? other.socket : null;
  if (taken ?? (!tcp && !(await claimSocket(host.files, socket)) ? socket : null)) {
    log(`a core is already serving on ${taken ?? socket}`);
    await removeOwnFolder(host.files, socket);
    return;
  }

  const stop = new AbortController();
  const work = new Work((options.idleMinutes ?? 15) * 60_000, () => stop.abort('nobody needs it'));
  const token = tcp ? randomBytes(32).toString('hex') : null;
  const onShutdown = (): void => stop.abort('asked to');
  const maintenance = options.maintenance ?? maintenanceDefaults;
  const app = createServer({ host, work, log, token, keepAlive: KEEP_ALIVE, maintenance, onShutdown });
  const release = stopOn(stop, options);
  try {
    const address = tcp ? await listenOnLoopback(app) : await listenOnSocket(app, host, socket);
    await publish(host.files, discovery, { socket: address, token, version: host.version });
    log(`core ${host.version} (pid ${process.pid}) serves on ${address}`);
    await aborted(stop.signal);
    log(`core stops: ${String(stop.signal.reason)}`);
    // First out of sight, so that the next client starts a new core; then the end of what runs.
    stopListening(app.server);
    await withdraw(host.files, discovery);
    await work.finish(GRACE);
  } finally {
    release();
    work.dispose();
    await app.close();
    await removeOwnFolder(host.files, socket);
  }
}

async function listenOnLoopback(app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { address, port } = app.server.address() as AddressInfo;
  return `${address}:${port}`;
}

async function listenOnSocket(app: FastifyInstance, host: ICoreHost, socket: string): Promise<string> {
  await app.ready();
  // The socket is private from the moment it exists; the chmod is for systems that ignore the mask for sockets.
  const mask = process.umask(0o177);
  try {
    await app.listen({ path: socket });
  } finally {
    process.umask(mask);
  }
  await host.files.chmod(socket, 0o600);
  return socket;
}

/** Closing the listener also deletes the socket, now, while connections go on. */
function stopListening(server: Server): void {
  server.close();
}

/** Wire what may stop the core to `stop`; the function returned undoes it. */
function stopOn(stop: AbortController, options: ServeOptions): () => void {
  const onSignal = (signal: NodeJS.Signals): void => stop.abort(signal);
  const onAbort = (): void => stop.abort(options.signal?.reason);
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  signals.forEach(signal => process.on(signal, onSignal));
  options.signal?.addEventListener('abort', onAbort);
  const { parentPid } = options;
  const parentWatch =
    parentPid === undefined
      ? undefined
      : setInterval(() => {
          if (!isRunning(parentPid)) {
            stop.abort(`process ${parentPid} has ended`);
          }
        }, PARENT_INTERVAL);
  return () => {
    clearInterval(parentWatch);
    signals.forEach(signal => process.off(signal, onSignal));
    options.signal?.removeEventListener('abort', onAbort);
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted) {
      done();
    }
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

function logToStderr(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}
