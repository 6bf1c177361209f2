/** Where the core listens, and the discovery file that says so. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ensureDirectory, unlinkQuietly, writeDurable } from '../core/durable';
import { BranchbookError } from '../core/error';
import type { IFileSystem } from '../core/port';
import { protocolVersion } from './protocol';

/** The content of the discovery file. */
export type Discovery = {
  readonly pid: number;
  /** Path of the Unix socket, or `127.0.0.1:<port>`. */
  readonly socket: string;
  /** Needed on TCP only. */
  readonly token: string | null;
  readonly version: string;
  readonly protocol: number;
  /** Fingerprint of the token that JupyterHub lent the server it was started from; null outside of JupyterHub. */
  readonly lent: string | null;
};

/** Jupyter's runtime directory, found as jupyter_core.paths does. */
export function jupyterRuntimeDir(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['JUPYTER_RUNTIME_DIR']) {
    return environment['JUPYTER_RUNTIME_DIR'];
  }
  const data = environment['JUPYTER_DATA_DIR'];
  if (data) {
    return join(data, 'runtime');
  }
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Jupyter', 'runtime');
  }
  if (process.platform === 'win32') {
    return join(environment['APPDATA'] ?? join(homedir(), '.jupyter', 'data'), 'jupyter', 'runtime');
  }
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'jupyter', 'runtime');
}

export const discoveryPath = (runtimeDir: string): string => join(runtimeDir, 'branchbook-core.json');

/** True when a program accepts connections there. */
export function isLive({ socket, token }: Pick<Discovery, 'socket' | 'token'>): Promise<boolean> {
  return new Promise(resolve => {
    const colon = socket.lastIndexOf(':');
    const connection =
      token === null ? connect(socket) : connect(Number(socket.slice(colon + 1)), socket.slice(0, colon));
    const answer = (live: boolean) => (): void => {
      connection.destroy();
      resolve(live);
    };
    connection.once('connect', answer(true));
    connection.once('error', answer(false));
  });
}

/** Make a folder that nobody else can enter, if there is none. */
export async function makePrivateDirectory(files: IFileSystem, path: string): Promise<void> {
  if (!(await files.lstat(path))) {
    await ensureDirectory(files, path);
    await files.chmod(path, 0o700);
  }
}

/** PERMISSION_DENIED when somebody else could replace what is in the folder. */
async function checkPrivate(files: IFileSystem, path: string): Promise<void> {
  const stat = await files.lstat(path);
  const mine = !process.getuid || stat?.uid === process.getuid();
  if (stat?.kind !== 'directory' || !mine || (stat.mode & 0o022 && process.platform !== 'win32')) {
    throw new BranchbookError(
      'PERMISSION_DENIED',
      `The folder ${path} is not private.`,
      { path },
      `Run \`chmod 700\` on it, or choose another one with --socket.`
    );
  }
}

/**
 * Make way for a socket: its folder exists and is private, a socket that a dead core left is gone.
 * Answers false when a core listens there.
 */
export async function claimSocket(files: IFileSystem, socket: string): Promise<boolean> {
  await makePrivateDirectory(files, dirname(socket));
  await checkPrivate(files, dirname(socket));
  const stat = await files.lstat(socket);
  if (!stat) {
    return true;
  }
  if (stat.kind !== 'other') {
    throw new BranchbookError('USAGE', `${socket} is not a socket.`, { argument: 'socket', reason: 'it is a file' });
  }
  if (await isLive({ socket, token: null })) {
    return false;
  }
  await files.unlink(socket);
  return true;
}

/**
 * Delete the folder that was made for this socket alone: `branchbook-…` among the temporary files, where clients put a
 * socket whose path in the runtime directory would be too long. A folder that others may use stays.
 */
export async function removeOwnFolder(files: IFileSystem, socket: string): Promise<void> {
  const folder = dirname(socket);
  if (dirname(folder) === tmpdir() && basename(folder).startsWith('branchbook-')) {
    // Not empty: another core listens there.
    await files.rmdir(folder).catch(() => undefined);
  }
}

export async function readDiscovery(files: IFileSystem, path: string): Promise<Discovery | null> {
  const bytes = await files.readFile(path);
  if (!bytes) {
    return null;
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Discovery;
  } catch {
    // Nobody can connect with it, so it is the same as none.
    return null;
  }
}

/** Durable, so that what clients read after a power loss is either a whole file or none. */
export async function publish(
  files: IFileSystem,
  path: string,
  endpoint: Pick<Discovery, 'socket' | 'token' | 'version'>
): Promise<void> {
  const discovery: Discovery = { pid: process.pid, ...endpoint, protocol: protocolVersion, lent: lentToken() };
  await writeDurable(files, path, new TextEncoder().encode(`${JSON.stringify(discovery)}\n`), 0o600);
}

/** As `_lent` in branchbook/_core.py. */
function lentToken(): string | null {
  const token = process.env['JUPYTERHUB_API_TOKEN'];
  return token ? createHash('sha256').update(token).digest('hex') : null;
}

/** Delete the discovery file, unless it is of a core that followed us. */
export async function withdraw(files: IFileSystem, path: string): Promise<void> {
  if ((await readDiscovery(files, path))?.pid === process.pid) {
    await unlinkQuietly(files, path);
  }
}
