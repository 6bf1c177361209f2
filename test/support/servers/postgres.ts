/** A PostgreSQL of one's own: Debian's, with its data in a temporary directory, on a free port of loopback. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

export type PostgresServer = {
  readonly url: string;
  /** Another database of the same server: its address. */
  createDatabase(name: string): Promise<string>;
  /** Every connection breaks; it is back when this resolves. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** The newest that is installed. */
function programs(): string {
  const home = '/usr/lib/postgresql';
  const versions = existsSync(home)
    ? readdirSync(home)
        .map(Number)
        .sort((a, b) => b - a)
    : [];
  const found = versions
    .map(version => join(home, String(version), 'bin'))
    .find(bin => existsSync(join(bin, 'initdb')));
  if (!found) {
    throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  }
  return found;
}

/** PostgreSQL refuses to run as root: then it runs as nobody. */
function owner(): { readonly uid: number; readonly gid: number } | null {
  const id = (option: string): number => Number(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout);
  return process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** `durable`: flushes as it does by default, which tests have no time for. */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const bin = programs();
  const as = owner();
  const home = mkdtempSync(join(tmpdir(), 'branchbook-postgres-'));
  if (as) {
    chownSync(home, as.uid, as.gid);
  }
  const port = await freePort();
  const data = join(home, 'data');
  const run = (program: string, ...argv: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(join(bin, program), argv, { cwd: home, stdio: 'ignore', ...as });
      child.on('error', reject);
      child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
    });
  await run('initdb', '-D', data, '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=${durable ? 'on' : 'off'}`;
  const start = (): Promise<void> => run('pg_ctl', 'start', '-w', '-D', data, '-l', join(home, 'log'), '-o', settings);
  await start();
  const url = (name: string): string => `postgres://hub@127.0.0.1:${port}/${name}`;
  return {
    url: url('postgres'),
    async createDatabase(name) {
      const client = new Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`create database "${name}"`);
      await client.end();
      return url(name);
    },
    async restart() {
      await run('pg_ctl', 'stop', '-w', '-m', 'immediate', '-D', data);
      await start();
    },
    async stop() {
      await run('pg_ctl', 'stop', '-w', '-m', 'immediate', '-D', data);
      rmSync(home, { recursive: true, force: true });
    }
  };
}
