/** A hub with a certificate of its own, reached directly and through a proxy with a path: our program, plain git and Git LFS. */
import { PGlite } from '@electric-sql/pglite';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PGliteDialect } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Identity } from '../../../src/core/model/access';
import type { ShareResult } from '../../../src/core/model/sharing';
import { AccountRecords } from '../../../src/node/postgres/account-records';
import { accountMigration } from '../../../src/node/postgres/account-tables';
import type { AccountTables } from '../../../src/node/postgres/account-tables';
import { clock, random } from '../../../src/node/process/time';
import { identityRoutes } from '../../../src/service/hub/identity/api-routes';
import { HubIdentity } from '../../../src/service/hub/identity/identity';
import { pageRoutes } from '../../../src/service/hub/identity/page-routes';
import { openTestHub } from '../../support/hub';
import type { TestHub } from '../../support/hub';
import { commandLine, createProject } from '../../support/in-process';
import { makeCertificate, startTlsProxy } from '../../support/tls';
import type { TestCertificate, TlsProxy } from '../../support/tls';
import { temporaryDirectory } from '../../support/temporary-directory';

const PREFIX = '/team/hub';
const HOUR = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'branchbook-tls-'));
const branchbook = commandLine();
let certificate: TestCertificate;
let db: Kysely<AccountTables>;
let identity: HubIdentity;
let olga: Identity;
let proxy: TlsProxy;
let hub: TestHub;
let direct = '';
let proxied = '';

beforeAll(async () => {
  certificate = makeCertificate(folder);
  db = new Kysely<AccountTables>({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
  await accountMigration.up(db);
  proxy = await startTlsProxy(certificate, () => new URL(hub.url));
  proxied = `https://localhost:${proxy.port}${PREFIX}`;
  const publicUrl = (): string => proxied;
  identity = new HubIdentity({
    ...{ clock, random, publicUrl, version: 'test', localAccounts: true, jupyterHub: null, oidc: null },
    records: new AccountRecords(db, clock),
    offer: async () => ({
      ...{ namespace: 'team', title: 'Team', object: { kind: 'project', project: 'iris' }, right: 'view' },
      ...{ gives: 'grant', uses: 'many', expires: Date.UTC(2099, 1, 1), by: 'olga', workspace: null }
    })
  });
  const settings = { publicUrl, prefix: PREFIX, tls: certificate, behindProxy: true, authenticator: identity };
  hub = await openTestHub([], settings, [...identityRoutes(identity), ...pageRoutes(identity)]);
  direct = hub.url.replace('127.0.0.1', 'localhost');
  const profile = {
    user: 'olga',
    displayName: 'Olga',
    provider: 'oidc',
    subject: 'o',
    admin: false,
    groups: []
  } as const;
  olga = (await identity.accounts.vouchedFor(profile))!;
}, 120_000);
afterAll(async () => {
  for (const name of ['BRANCHBOOK_CA_FILE', 'BRANCHBOOK_TOKEN', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME']) {
    delete process.env[name];
  }
  proxy?.close();
  await hub?.close();
  await db?.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const newToken = async (): Promise<string> => (await identity.accounts.createToken(olga, 'test', HOUR)).token;

/** A user with no settings yet, who trusts the certificate or does not. */
function become(trusts: boolean, token = ''): void {
  const home = temporaryDirectory();
  Object.assign(process.env, { XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, BRANCHBOOK_TOKEN: token });
  if (trusts) {
    process.env['BRANCHBOOK_CA_FILE'] = certificate.file;
  } else {
    delete process.env['BRANCHBOOK_CA_FILE'];
  }
}

/** A program beside this one, which has to answer it. */
function run(cwd: string, input: string, program: string, ...argv: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // What the machine's administrator set for git must not help here.
    const { GIT_SSL_CAINFO: _file, GIT_SSL_CAPATH: _folder, ...env } = process.env;
    const child = execFile(program, argv, { cwd, env }, (error, stdout, stderr) =>
      error ? reject(new Error(`${stdout}${stderr}`)) : resolve(`${stdout}${stderr}`)
    );
    child.stdin?.end(input);
  });
}

const rows = 'a,b\n1,2\n'.repeat(1000);

async function publish(address: string): Promise<string> {
  const project = await createProject(branchbook);
  await branchbook.run(project, 'track', '*.csv');
  writeFileSync(join(project, 'rows.csv'), rows);
  await branchbook.run(project, 'snapshot', '-m', 'Rows');
  await branchbook.run(project, 'namespace', 'create', address);
  await branchbook.run(project, 'push', '--to', `${address}/iris`);
  return project;
}

it('is refused by who does not trust its certificate, who is told what to do', async () => {
  become(false, await newToken());
  const cwd = temporaryDirectory();
  for (const argv of [
    ['login', direct],
    ['namespace', 'list', proxied]
  ]) {
    const failure = await branchbook.fail(cwd, ...argv);
    expect(failure).toMatchObject({ code: 'PLACE_UNREACHABLE' });
    expect(failure.message).toContain('its certificate is not trusted');
    expect(failure.hint).toContain('BRANCHBOOK_CA_FILE');
  }
  const cloning = await branchbook.fail(cwd, 'clone', `${direct}/ml/iris`);
  expect([cloning.code, cloning.hint]).toEqual(['PLACE_UNREACHABLE', expect.stringContaining('BRANCHBOOK_CA_FILE')]);
  process.env['BRANCHBOOK_CA_FILE'] = join(folder, 'missing.pem');
  expect(await branchbook.fail(cwd, 'login', direct)).toMatchObject({ code: 'PATH_UNKNOWN' });
  process.env['BRANCHBOOK_CA_FILE'] = join(folder, 'key.pem');
  expect(await branchbook.fail(cwd, 'login', direct)).toMatchObject({ code: 'FORMAT_INVALID' });
});

it('is trusted by its file, and a token from standard input is kept until logout ends it at the hub', async () => {
  const token = await newToken();
  become(true);
  const cwd = temporaryDirectory();
  const { file } = branchbook.program();
  const said = await run(cwd, `${token}\n`, process.execPath, file, 'login', direct, '--token');
  expect(said).toContain('signed in');
  const kept = join(process.env['XDG_CONFIG_HOME']!, 'branchbook/places.json');
  expect(readFileSync(kept, 'utf8')).toContain(token);
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  const project = await publish(`${direct}/direct`);
  const clone = join(cwd, 'clone');
  await branchbook.run(cwd, 'clone', `${direct}/direct/iris`, clone);
  expect(readFileSync(join(clone, 'rows.csv'), 'utf8')).toBe(rows);

  await branchbook.run(cwd, 'logout', direct);
  expect(readFileSync(kept, 'utf8')).not.toContain(token);
  expect(await identity.authenticate(token)).toBeNull();
  expect(await branchbook.fail(project, 'push')).toMatchObject({ code: 'SIGNED_OUT' });
  process.env['BRANCHBOOK_TOKEN'] = token;
  expect(await branchbook.fail(cwd, 'login', direct)).toMatchObject({ code: 'SIGN_IN_FAILED' });
}, 120_000);

it.each([
  ['keeps', 'kept', (path: string) => path],
  ['takes off', 'stripped', (path: string) => path.slice(PREFIX.length) || '/']
])(
  'works behind a proxy that %s the path',
  async (_what, team, passed) => {
    proxy.passed = passed;
    const token = await newToken();
    become(true, token);
    const cwd = temporaryDirectory();
    await branchbook.run(cwd, 'login', proxied);
    const project = await publish(`${proxied}/${team}`);
    const { link } = await branchbook.json<ShareResult>(project, 'share', 'link', 'project:iris', '--many');
    expect(link).toMatch(new RegExp(`^${proxied}/join/[0-9a-f]{64}$`));
    const page = await run(cwd, '', 'curl', '-sS', '--cacert', certificate.file, '-i', link!);
    expect(page).toContain(`action="${PREFIX}/join/`);
    expect(page).toMatch(
      new RegExp(`set-cookie: branchbook_form=[^;]+; Path=${PREFIX}/; HttpOnly; SameSite=Lax; Secure`, 'i')
    );
    await branchbook.run(cwd, 'join', link!);
    expect(existsSync(join(cwd, 'iris/rows.csv'))).toBe(true);

    // Plain git and Git LFS, which know nothing of us.
    const { origin } = new URL(proxied);
    const trust = ['-c', `http.${origin}/.sslCAInfo=${certificate.file}`];
    const basic = Buffer.from(`olga:${token}`).toString('base64');
    const sign = ['-c', `http.${origin}/.extraHeader=Authorization: Basic ${basic}`];
    const url = `${proxied}/${team}/iris.git`;
    await run(cwd, '', 'git', ...trust, ...sign, 'clone', '-q', url, 'plain');
    const plain = join(cwd, 'plain');
    expect(readFileSync(join(plain, 'rows.csv'), 'utf8')).toContain('oid sha256:');
    await run(plain, '', 'git', 'lfs', 'install', '--local');
    await run(plain, '', 'git', ...trust, ...sign, 'lfs', 'pull');
    expect(readFileSync(join(plain, 'rows.csv'), 'utf8')).toBe(rows);
    await expect(run(cwd, '', 'git', ...sign, 'clone', '-q', url, 'untrusted')).rejects.toThrow(/certificate/i);
  },
  120_000
);

it('gives nobody a way in over plain HTTP', async () => {
  const { port } = new URL(hub.url);
  await expect(fetch(`http://127.0.0.1:${port}/api/v1/me`)).rejects.toThrow();
  become(true, await newToken());
  for (const address of ['http://hub.example.org', 'http://10.0.0.5:8420', 'http://127.0.0.1.example.org']) {
    expect(await branchbook.fail(temporaryDirectory(), 'login', address), address).toMatchObject({
      code: 'ADDRESS_INVALID'
    });
  }
});
