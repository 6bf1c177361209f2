import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamespaceChange } from '../../../src/core/model/namespace';
import { accountMigration } from '../../../src/node/postgres/account-tables';
import type { AccountTables } from '../../../src/node/postgres/account-tables';
import { openDatabase } from '../../../src/node/postgres/database';
import type { OpenDatabase } from '../../../src/node/postgres/database';
import { HubHttp } from '../../../src/node/hub/http';
import { HubNamespaces } from '../../../src/node/hub/namespaces';
import { addPeople, startHubProcess, tokenOf } from '../../support/hub-process';
import type { HubProcess } from '../../support/hub-process';
import { pushCommit, tipOf } from '../../support/light-push';
import { buildProgram } from '../../support/program';
import { startPostgres } from '../../support/servers/postgres';
import type { PostgresServer } from '../../support/servers/postgres';

/** Two processes of the hub, on one PostgreSQL and one data folder. */
let server: PostgresServer;
let database: OpenDatabase;
let hubs: readonly HubProcess[];
let data: string;
const clients: HubHttp[] = [];
const people = ['olga', 'edi', 'vera', 'uli', 'gone', ...Array.from({ length: 8 }, (_, each) => `p${each}`)];

beforeAll(async () => {
  const program = (await buildProgram()).file;
  data = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-hubs-')));
  server = await startPostgres();
  hubs = await Promise.all([1, 2].map(() => startHubProcess(program, { data, database: server.url })));
  database = await openDatabase({ kind: 'postgres', url: server.url }, { '2026-11-21-accounts': accountMigration });
  await addPeople(database.db as unknown as Kysely<AccountTables>, people);
});

afterAll(async () => {
  clients.forEach(client => client.close());
  await Promise.all(hubs.map(hub => hub.stop()));
  await database.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

const [one, other] = [0, 1];
/** Changes by one client while the database is restarted: fewer than the hub takes in a minute. */
const MOST = 300;

function at(hub: number, user: string): HubNamespaces {
  const client = new HubHttp({ url: hubs[hub]!.url, token: async () => tokenOf(user) });
  clients.push(client);
  return new HubNamespaces(client);
}

const git = (hub: number, user: string, namespace: string) => ({
  url: `${hubs[hub]!.url}/${namespace}/iris.git`,
  token: tokenOf(user)
});

const member = (name: string, role: 'viewer' | 'editor' = 'editor'): NamespaceChange => ({
  type: 'add-member',
  member: { kind: 'user', name },
  role
});

async function team(name: string, ...changes: readonly NamespaceChange[]): Promise<void> {
  const olga = at(one, 'olga');
  await olga.create({ name, kind: 'team', title: name, label: 'unclassified', git: null });
  for (const change of [{ type: 'add-project', name: 'iris' } as const, ...changes]) {
    await olga.change(name, change);
  }
}

/** Again while somebody else was faster; until then nothing but a refusal may be answered. */
async function push(hub: number, user: string, namespace: string, branch: string, message: string): Promise<string> {
  for (;;) {
    const { status, tip } = await tipOf(git(hub, user, namespace), branch);
    const pushed = await pushCommit(git(hub, user, namespace), branch, tip, message);
    expect([status, pushed.status]).toEqual([200, 200]);
    if (pushed.ok) {
      return pushed.commit;
    }
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    error => (error as { readonly code: string }).code
  );
}

describe('two hubs', () => {
  it('cut off who is removed at the other one, in the middle of what runs', async () => {
    await team('cut', member('vera', 'viewer'));
    const { url, token } = git(other, 'vera', 'cut');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-git-upload-pack-request' };
    const begun = request(`${url}/git-upload-pack`, { method: 'POST', headers });
    const ended = new Promise<number | string>(resolve => {
      begun.once('response', answer => resolve(answer.statusCode ?? 0));
      begun.once('error', error => resolve(error.message));
    });
    begun.write('0011command=fetch');
    expect(await codeOf(at(other, 'vera').view('cut'))).toBe('ok');
    await at(one, 'olga').change('cut', { type: 'remove-member', member: { kind: 'user', name: 'vera' } });
    expect(await codeOf(at(other, 'vera').view('cut'))).toBe('NAMESPACE_UNKNOWN');
    const answer = await ended;
    begun.destroy();
    expect(answer).toBe(404);
  });

  it('refuse a token that was ended at the other one', async () => {
    expect(await codeOf(at(one, 'gone').whoAmI())).toBe('ok');
    expect(await codeOf(at(other, 'gone').whoAmI())).toBe('ok');
    const client = new HubHttp({ url: hubs[one]!.url, token: async () => tokenOf('gone') });
    clients.push(client);
    await client.json({ method: 'DELETE', path: '/api/v1/tokens/token-gone' });
    expect(await Promise.all([one, other].map(hub => codeOf(at(hub, 'gone').whoAmI())))).toEqual([
      'SIGNED_OUT',
      'SIGNED_OUT'
    ]);
  });

  it('let one person in by a link for one, whoever comes at once', async () => {
    await team('door');
    const plain = { right: 'view', object: { kind: 'namespace' }, uses: 'single', workspace: null } as const;
    const { code } = await at(one, 'olga').createLink('door', { ...plain, gives: 'membership' });
    const guests = people.filter(name => /^p\d$/.test(name));
    const outcomes = await Promise.all(guests.map((name, each) => codeOf(at(each % 2, name).join(code))));
    expect(outcomes.filter(outcome => outcome === 'ok')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'LINK_INVALID']));
    expect((await at(other, 'olga').view('door')).members).toHaveLength(2);
  });

  it('keep to one quota', async () => {
    const quota = { bytes: 20_000, projects: null };
    await team('full', member('edi'));
    await at(other, 'olga').change('full', { type: 'set', quota });
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async (_, each) => {
        const body = randomBytes(1000);
        const oid = createHash('sha256').update(body).digest('hex');
        const { url, token } = git(each % 2, 'edi', 'full');
        const headers = { authorization: `Bearer ${token}` };
        return (await fetch(`${url}/info/lfs/objects/${oid}`, { method: 'PUT', body, headers })).status;
      })
    );
    const stored = statuses.filter(status => status === 200).length;
    const [project] = (await at(one, 'olga').view('full')).projects;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(30);
    expect(project?.bytes).toBeGreaterThanOrEqual(stored * 1000);
    expect(project?.bytes).toBeLessThanOrEqual(quota.bytes);
  });

  it('lose no push to one branch, and log each once', async () => {
    await team('busy', member('edi'), member('uli'));
    const pushed = await Promise.all(
      Array.from({ length: 10 }, (_, each) =>
        push(each % 2, each % 3 ? 'edi' : 'uli', 'busy', 'main', `change ${each}`)
      )
    );
    const tips = await Promise.all([one, other].map(async hub => (await tipOf(git(hub, 'edi', 'busy'), 'main')).tip));
    expect(new Set(tips).size).toBe(1);
    expect(pushed).toContain(tips[0]);
    const events = await at(other, 'olga').audit('busy', { actions: 'push', limit: 1000 });
    expect(events.filter(({ outcome }) => outcome === 'ok')).toHaveLength(10);
  });
});

describe('PostgreSQL that is killed and comes back', () => {
  it('costs no acknowledged change, doubles none, and no client sees anything but a typed failure', async () => {
    await team('shaken', member('edi'));
    const asked = new Map<string, string>();
    const commits: string[] = [];
    let back = false;
    const failures = new Set<string>();
    const statuses = new Set<number>();
    const change = async (lane: number): Promise<void> => {
      for (let number = 0; number < 3 || (!back && number < MOST); number += 1) {
        const name = `m${lane}x${number}`;
        const outcome = await codeOf(at(lane % 2, 'olga').change('shaken', member(name, 'viewer')));
        asked.set(name, outcome);
        failures.add(outcome);
      }
    };
    const pushes = async (lane: number): Promise<void> => {
      for (let number = 0; number < 3 || (!back && number < MOST); number += 1) {
        const client = git(lane % 2, 'edi', 'shaken');
        const { status, tip } = await tipOf(client, `lane-${lane}`);
        if (status === 200) {
          const pushed = await pushCommit(client, `lane-${lane}`, tip, `${lane} ${number}`);
          statuses.add(pushed.status);
          commits.push(...(pushed.ok ? [pushed.commit] : []));
        }
        statuses.add(status);
      }
    };
    const restarted = server.restart().then(() => void (back = true));
    await Promise.all([restarted, change(0), change(1), pushes(2), pushes(3)]);
    failures.delete('ok');
    expect(['PLACE_UNREACHABLE', 'OUTCOME_UNKNOWN']).toEqual(expect.arrayContaining([...failures]));
    expect([200, 503]).toEqual(expect.arrayContaining([...statuses]));
    const { members } = await at(one, 'olga').view('shaken');
    const there = members.map(({ principal }) => principal.name);
    const acknowledged = [...asked].filter(([, outcome]) => outcome === 'ok').map(([name]) => name);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(there).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(there).size).toBe(there.length);
    const events = await at(other, 'olga').audit('shaken', { limit: 1000 });
    const added = events.filter(({ action }) => action === 'member.add').map(({ target }) => target);
    expect(added.sort()).toEqual(
      there
        .filter(name => name !== 'olga')
        .map(name => `user:${name}`)
        .sort()
    );
    const recorded = events.filter(({ action, outcome }) => action === 'push' && outcome === 'ok');
    expect(commits.length).toBeGreaterThan(0);
    const timesRecorded = (commit: string): number =>
      recorded.filter(
        ({ detail }) => detail.includes(`…${commit.slice(0, 8)}`) || detail.includes(`at ${commit.slice(0, 8)}`)
      ).length;
    expect(commits.map(timesRecorded)).toEqual(commits.map(() => 1));
  });
});
