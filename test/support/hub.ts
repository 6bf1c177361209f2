/** A hub in this process: everything real but for who has which token, and a database in memory. */
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { administeredPlace } from '../../src/core/access/context';
import { DocumentDirectory } from '../../src/core/access/document-directory';
import type { Identity } from '../../src/core/model/access';
import type { NamespaceChange, ProjectRecord } from '../../src/core/model/namespace';
import type { IBucket } from '../../src/core/port';
import { ProjectAssets } from '../../src/node/assets/project-assets';
import { disk } from '../../src/node/fs/disk';
import { HttpBackend } from '../../src/node/git/http-backend';
import { HubHttp } from '../../src/node/hub/http';
import { HubNamespaces } from '../../src/node/hub/namespaces';
import { createMemoryBucket } from '../../src/node/memory/memory-service';
import { tellPresence } from '../../src/node/place/presence';
import { clock, random } from '../../src/node/process/time';
import { Digests } from '../../src/node/store/digest';
import { createHasher } from '../../src/node/store/hasher';
import { neededBy } from '../../src/service/hub/assets/common';
import { assetRoutes } from '../../src/service/hub/assets/routes';
import { composeHub } from '../../src/service/hub/compose-hub';
import type { Hub, HubParts } from '../../src/service/hub/compose-hub';
import { FrontDoor } from '../../src/service/hub/front-door';
import type { Tls } from '../../src/service/hub/front-door';
import type { HubRoute } from '../../src/service/hub/route';

export type TestHub = Hub & {
  readonly url: string;
  readonly data: string;
  readonly door: FrontDoor;
  /** Tokens that are known; changed by tests. */
  readonly tokens: Map<string, Identity>;
  readonly log: string[];
  /** The client of somebody whose token is their name and `-token`. */
  as(user: string): HubHttp;
  namespaces(user: string): HubNamespaces;
  close(): Promise<void>;
};

export function person(user: string, admin = false): Identity {
  return { user, displayName: user.toUpperCase(), groups: [], admin, provider: 'local' };
}

type TestHubChange = Partial<HubParts> & { readonly tls?: Tls };

export async function openTestHub(
  people: readonly Identity[],
  change: TestHubChange = {},
  more: readonly HubRoute[] = [],
  store: IBucket = createMemoryBucket()
): Promise<TestHub> {
  const data = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-hub-')));
  const tokens = new Map(people.map(each => [`${each.user}-token`, each]));
  const log: string[] = [];
  const presence = createMemoryBucket();
  const assets = new ProjectAssets({
    bucket: store,
    files: disk,
    cache: `${data}/cache`,
    hasher: await createHasher(),
    digests: new Digests(null)
  });
  const groupsOf = async (user: string): Promise<readonly string[]> =>
    [...tokens.values()].find(each => each.user === user)?.groups ?? [];
  let url = '';
  const histories = await HttpBackend.open(disk, data, line => void log.push(line));
  const hub = composeHub({
    clock,
    publicUrl: () => 'http://hub.test',
    prefix: '',
    behindProxy: false,
    operatorToken: 'operator',
    access: {
      directory: new DocumentDirectory(createMemoryBucket()),
      clock,
      random,
      sha256: text => createHash('sha256').update(text).digest('hex'),
      groupsOf,
      rules: administeredPlace,
      seal: null
    },
    presence: (id, who, mine) => tellPresence(presence.below(id), clock, who, mine),
    histories,
    assets: ({ record }) => assets.of(record.id),
    forgetAssets: ({ id }) => assets.forget(id),
    authenticator: { authenticate: async token => tokens.get(token) ?? null },
    others: () => [
      ...more,
      ...assetRoutes({
        assets: ({ record }) => assets.of(record.id),
        needed: ({ record }, signal) => neededBy(histories, record, signal),
        pointerAt: async () => null,
        url: change.publicUrl ?? (() => url)
      })
    ],
    held: { files: disk, folder: `${data}/held` },
    gitSlots: 4,
    freeBytes: async () => Infinity,
    check: async () => undefined,
    log: line => void log.push(line),
    ...change
  });
  const door = new FrontDoor(change.tls ?? null, change.prefix ?? '');
  url = `${change.tls ? 'https' : 'http'}://127.0.0.1:${await door.open('127.0.0.1', 0)}`;
  await door.lead(hub.app);
  const clients: HubHttp[] = [];
  const as = (user: string): HubHttp => {
    const client = new HubHttp({ url, token: async () => `${user}-token` });
    clients.push(client);
    return client;
  };
  return {
    ...hub,
    ...{ url, data, door, tokens, log, as },
    namespaces: user => new HubNamespaces(as(user)),
    close: async () => {
      clients.forEach(client => client.close());
      await hub.calls.stop(0);
      await door.close();
      await hub.app.close();
      rmSync(data, { recursive: true, force: true });
    }
  };
}

/** One hub for a test file. */
export function useTestHub(
  people: readonly Identity[],
  change: TestHubChange = {},
  more: readonly HubRoute[] = [],
  store?: IBucket
): { readonly hub: TestHub } {
  const holder: { hub: TestHub } = { hub: null as unknown as TestHub };
  beforeAll(async () => {
    holder.hub = await openTestHub(people, change, more, store);
  });
  afterAll(() => holder.hub.close());
  return holder;
}

/** A namespace of a team, owned by olga, with a project and members. */
export async function makeTeam(
  hub: TestHub,
  name: string,
  roles: Readonly<Record<string, 'viewer' | 'runner' | 'editor' | 'owner'>> = {},
  project = 'iris'
): Promise<ProjectRecord> {
  const olga = hub.namespaces('olga');
  await olga.create({ name, kind: 'team', title: name, label: 'unclassified', git: null });
  const changes: readonly NamespaceChange[] = Object.entries(roles).map(([user, role]) => ({
    type: 'add-member',
    member: { kind: 'user', name: user },
    role
  }));
  for (const change of changes) {
    await olga.change(name, change);
  }
  const view = await olga.change(name, { type: 'add-project', name: project });
  return view.projects.find(each => each.name === project) as ProjectRecord;
}
