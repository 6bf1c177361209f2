/** The composition root of the hub: the only place that knows what its parts are made of. */
import { createHash } from 'node:crypto';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { HubArguments } from '../../cli/context';
import { administeredPlace } from '../../core/access/context';
import type { AccessPorts } from '../../core/access/context';
import { offerOf } from '../../core/access/offer';
import { ensureDirectory, removeTree } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { decodePointer, POINTER_MAX_BYTES } from '../../core/format/pointer';
import { takeLock } from '../../core/owner-file';
import type { Release } from '../../core/owner-file';
import type { IBucket, IClock } from '../../core/port';
import { ProjectAssets } from '../../node/assets/project-assets';
import { removeDrafts } from '../../node/bucket/drafts';
import type { FolderTools } from '../../node/bucket/folder-writer';
import { openBucket } from '../../node/bucket/open-bucket';
import { Endpoints } from '../../node/compute/endpoints';
import { disk } from '../../node/fs/disk';
import { GitStarter } from '../../node/git/git-starter';
import { HttpBackend } from '../../node/git/http-backend';
import { openSeal } from '../../node/hub/seal';
import { tellPresence } from '../../node/place/presence';
import { AccountRecords } from '../../node/postgres/account-records';
import { accountMigration } from '../../node/postgres/account-tables';
import type { AccountTables } from '../../node/postgres/account-tables';
import { openDatabase } from '../../node/postgres/database';
import type { DatabaseAddress, OpenDatabase } from '../../node/postgres/database';
import { DatabaseClock, databaseTime } from '../../node/postgres/database-clock';
import { SqlDirectory } from '../../node/postgres/sql-directory';
import { openOwnFolder } from '../../node/process/own-folder';
import { openProcesses } from '../../node/process/processes';
import { clock as ownClock, random } from '../../node/process/time';
import { Digests } from '../../node/store/digest';
import { createHasher } from '../../node/store/hasher';
import { bundledWorker } from '../../node/store/open-store';
import { neededBy } from './assets/common';
import { assetRoutes } from './assets/routes';
import { composeHub } from './compose-hub';
import { computeRoutes } from './compute/compute-routes';
import { oidcSettings, readConfiguration, storeFolder } from './configuration';
import type { HubConfiguration } from './configuration';
import { firstWords } from './first-words';
import { FrontDoor } from './front-door';
import type { Tls } from './front-door';
import { identityRoutes } from './identity/api-routes';
import { HubIdentity } from './identity/identity';
import type { IdentityOptions } from './identity/identity';
import { jupyterHubSettings } from './identity/jupyterhub';
import { pageRoutes } from './identity/page-routes';
import { serveHub } from './serve-hub';

export type HubProgram = {
  readonly version: string;
  /** Asks the hub to stop. */
  readonly signal: AbortSignal;
};

/** Serves until it is asked to stop. */
export async function runHub(args: HubArguments, program: HubProgram): Promise<void> {
  const configuration = readConfiguration(args, process.env, homedir());
  const { data, host, port } = configuration;
  await ensureDirectory(disk, data);
  await disk.chmod(data, 0o700);
  const door = new FrontDoor(await readTls(configuration), prefixOf(configuration));
  const release = await claimDatabase(configuration);
  try {
    const url = urlOf(configuration, await door.open(host, port));
    log(`listens for ${url}, and opens ${nameOf(configuration)}`);
    await withOpened(configuration, opened => serve(configuration, opened, { door, url }, program));
  } finally {
    await door.close();
    await release();
  }
}

type Opened = { readonly database: OpenDatabase; readonly store: IBucket };

async function withOpened(configuration: HubConfiguration, work: (opened: Opened) => Promise<void>): Promise<void> {
  const database = await openDatabase(addressOf(configuration), { '2026-11-21-accounts': accountMigration });
  try {
    const store = await openStore(configuration);
    try {
      await work({ database, store });
    } finally {
      await store.close();
    }
  } finally {
    await database.close();
  }
}

async function serve(
  configuration: HubConfiguration,
  { database, store }: Opened,
  { door, url }: { readonly door: FrontDoor; readonly url: string },
  { version, signal }: HubProgram
): Promise<void> {
  const { data } = configuration;
  const publicUrl = (): string => url;
  const clock = await DatabaseClock.open(() => databaseTime(database.db), ownClock);
  const access = await accessPorts(database, data, clock);
  const identity = createIdentity(configuration, database, access, { clock, version, publicUrl });
  const starter = await GitStarter.open(disk, join(__dirname, 'git-starter.cjs'));
  const histories = await HttpBackend.open(disk, data, log, git => starter.start(git));
  const presence = await openBucket(`${data}/presence`, await worldly(), { create: true });
  // Several may share the data folder.
  const cache = await openOwnFolder(disk, await openProcesses(), `${data}/cache`);
  void sweepStore(configuration, signal);
  const digests = new Digests(await bundledWorker());
  const assets = new ProjectAssets({ bucket: store, files: disk, cache, hasher: await createHasher(), digests });
  void assets.sweep().catch(error => log(`cannot clear up what deleted projects left: ${String(error)}`));
  const hub = composeHub({
    ...{ clock, access, histories, log, publicUrl },
    presence: (id, who, mine) => tellPresence(presence.below(id), clock, who, mine),
    prefix: prefixOf(configuration),
    behindProxy: configuration.behindProxy,
    operatorToken: configuration.operatorToken,
    assets: ({ record }) => assets.of(record.id),
    forgetAssets: ({ id }) => assets.forget(id),
    authenticator: identity,
    others: () => [
      ...identityRoutes(identity),
      ...pageRoutes(identity),
      ...computeRoutes({
        // On a laptop, or when the administrator says so: others could reach what is meant for this machine alone.
        endpoints: new Endpoints({ allowLoopback: process.env['BRANCHBOOK_HUB_LOOPBACK_ENDPOINTS'] === '1' }),
        seal: access.seal!
      }),
      ...assetRoutes({
        assets: ({ record }) => assets.of(record.id),
        needed: ({ record }, signal) => neededBy(histories, record, signal),
        pointerAt: async ({ record }, revision, path) => {
          const bytes = await histories.fileAt(record.id, revision, path, POINTER_MAX_BYTES);
          return bytes && decodePointer(bytes);
        },
        url: publicUrl
      })
    ],
    held: { files: disk, folder: `${cache}/held` },
    gitSlots: 2 * availableParallelism(),
    freeBytes: async kept => {
      const folder = kept === 'histories' ? data : storeFolder(configuration);
      return folder === null ? Infinity : disk.freeBytes(folder);
    },
    check: async () => {
      await database.check();
      await store.head('health');
    }
  });
  const onServing = async (): Promise<void> => {
    const invitation = await identity.ownerInvitation();
    process.stdout.write(firstWords({ version, url, database: nameOf(configuration), store: store.name, invitation }));
  };
  try {
    await serveHub({ ...hub, door, signal, log, onServing });
  } finally {
    clock.dispose();
    await digests.close();
    await starter.close();
    await removeTree(disk, cache);
  }
}

async function worldly(): Promise<FolderTools> {
  return { files: disk, clock: ownClock, random, processes: await openProcesses() };
}

/** The embedded database has one user: two hubs in one folder would destroy it. PostgreSQL has many. */
async function claimDatabase({ database, data }: HubConfiguration): Promise<Release> {
  return database === null ? takeLock(await worldly(), `${data}/hub.lock`, 'hub') : async () => undefined;
}

function addressOf({ database, data }: HubConfiguration): DatabaseAddress {
  return database === null ? { kind: 'embedded', folder: `${data}/database` } : { kind: 'postgres', url: database };
}

/** For people: without user and password. */
function nameOf({ database, data }: HubConfiguration): string {
  return database === null ? `${data}/database (embedded)` : `postgres://${new URL(database).host}`;
}

async function openStore({ store, data }: HubConfiguration): Promise<IBucket> {
  return openBucket(store ?? `${data}/store`, await worldly(), { create: true });
}

/** Beside everything else. Clouds clear up unfinished uploads themselves. */
async function sweepStore(configuration: HubConfiguration, signal: AbortSignal): Promise<void> {
  const folder = storeFolder(configuration);
  if (folder !== null) {
    await removeDrafts(disk, folder, ownClock.now(), signal).catch(error =>
      log(`cannot clear up the store: ${String(error)}`)
    );
  }
}

async function accessPorts({ db }: OpenDatabase, data: string, clock: IClock): Promise<AccessPorts> {
  const accounts = new AccountRecords(tablesOf(db), ownClock);
  return {
    directory: new SqlDirectory(db, ownClock),
    clock,
    random,
    sha256: text => createHash('sha256').update(text).digest('hex'),
    groupsOf: async user => (await accounts.account(user))?.groups ?? [],
    rules: administeredPlace,
    seal: await openSeal(disk, `${data}/keys/endpoints`)
  };
}

/** The tables of accounts stand in the same database. */
const tablesOf = (db: OpenDatabase['db']): Kysely<AccountTables> => db as unknown as Kysely<AccountTables>;

function createIdentity(
  { url }: HubConfiguration,
  { db }: OpenDatabase,
  access: AccessPorts,
  given: Pick<IdentityOptions, 'clock' | 'version' | 'publicUrl'>
): HubIdentity {
  const jupyterHub = jupyterHubSettings(process.env);
  return new HubIdentity({
    ...{ ...given, random, jupyterHub },
    records: new AccountRecords(tablesOf(db), ownClock),
    localAccounts: jupyterHub === null,
    oidc: oidcSettings(process.env, url),
    offer: code => offerOf(access, code)
  });
}

async function readTls({ tls }: HubConfiguration): Promise<Tls | null> {
  return tls && { cert: await readPem(tls.cert), key: await readPem(tls.key) };
}

async function readPem(path: string): Promise<Uint8Array> {
  const bytes = await disk.readFile(path);
  if (!bytes) {
    throw new BranchbookError(
      'PATH_UNKNOWN',
      `There is no file ${path}.`,
      { path },
      'Name the PEM file to use for TLS.'
    );
  }
  return bytes;
}

function urlOf({ url, tls, host }: HubConfiguration, port: number): string {
  return url ?? `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Path of its address, without a slash at the end. */
const prefixOf = ({ url }: HubConfiguration): string => (url === null ? '' : new URL(url).pathname.replace(/\/$/, ''));

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}
