/** A hub as people run it: a process of its own. Who has which token is written into its database. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Kysely } from 'kysely';
import { AccountRecords } from '../../src/node/postgres/account-records';
import type { AccountTables } from '../../src/node/postgres/account-tables';
import { clock } from '../../src/node/process/time';
import { hashSecret } from '../../src/service/hub/identity/secrets';
import { environment } from './program';

export type HubProcess = {
  readonly url: string;
  readonly pid: number;
  /** As far as it has been written. */
  readonly log: () => string;
  /** Gracefully; gives its exit code. */
  stop(): Promise<number | null>;
};

/** `program`: the bundled program. Listens on a free port of loopback when this resolves. */
export async function startHubProcess(
  program: string,
  { data, database }: { readonly data: string; readonly database: string }
): Promise<HubProcess> {
  const argv = [program, 'hub', '--data', data, '--listen', '127.0.0.1:0'];
  const env = { ...environment, BRANCHBOOK_HUB_DATABASE: database };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { text: '' };
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  const url = await listening(child, ended, written);
  return {
    ...{ url, pid: child.pid!, log: () => written.text },
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    }
  };
}

async function listening(child: ChildProcess, ended: Promise<unknown>, written: { text: string }): Promise<string> {
  const told = new Promise<string>(resolve => {
    const listen = (piece: Buffer): void => {
      written.text += piece.toString();
      const url = /serves (\S+)/.exec(written.text)?.[1];
      if (url) {
        resolve(url);
      }
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
  });
  const failed = ended.then(() => {
    throw new Error(`The hub ended: ${written.text}`);
  });
  failed.catch(() => undefined);
  return Promise.race([told, failed]);
}

/** The token of each is their name and `-token`, after the prefix of tokens. */
export const tokenOf = (user: string): string => `bb_${user}-token`;

export async function addPeople(db: Kysely<AccountTables>, people: readonly string[]): Promise<void> {
  const records = new AccountRecords(db, clock);
  const created = clock.now();
  for (const user of people) {
    const plain = { user, displayName: user, provider: 'local', subject: user, groups: [], password: null } as const;
    await records.addAccount({ ...plain, admin: user === 'olga', disabled: false, created });
    const given = { user, name: 'test', atMost: 'manage', data: '{}', created, used: created } as const;
    await records.addSecret({
      ...given,
      ...{ id: `token-${user}`, kind: 'token', hash: hashSecret(tokenOf(user)), expires: created + 3_600_000 }
    });
  }
}
