import type { AddressInfo, Socket } from 'node:net';
import { BranchbookError } from '../../src/core/error';
import type { Right } from '../../src/core/model/access';
import type { Pointer } from '../../src/core/model/asset';
import { ProjectAssets } from '../../src/node/assets/project-assets';
import { disk } from '../../src/node/fs/disk';
import { HubAssets } from '../../src/node/hub/assets-client';
import { HubHttp } from '../../src/node/hub/http';
import { clock } from '../../src/node/process/time';
import { Digests } from '../../src/node/store/digest';
import { createHasher } from '../../src/node/store/hasher';
import { usualPace } from '../../src/service/hub/body';
import { assetRoutes } from '../../src/service/hub/assets/routes';
import { createHub } from '../../src/service/hub/create-hub';
import { DiskRoom } from '../../src/service/hub/disk-room';
import { RateLimits } from '../../src/service/hub/limits';
import { HubMetrics } from '../../src/service/hub/metrics';
import type { HubProject, HubRoute, IHubAccess, IHubNamespaces } from '../../src/service/hub/route';
import { RunningCalls } from '../../src/service/hub/running-calls';
import { watchedBucket } from './watched-bucket';
import type { WatchedBucket } from './watched-bucket';

/** What people of the test may do, by their token. */
export const people: Readonly<Record<string, { readonly data: Right | null; readonly models: Right | null }>> = {
  editor: { data: 'edit', models: 'edit' },
  viewer: { data: 'view', models: 'view' },
  partial: { data: 'view', models: null },
  'data-editor': { data: 'edit', models: null },
  coder: { data: null, models: null }
};

export type AssetHub = {
  readonly url: string;
  readonly routes: readonly HubRoute[];
  readonly store: WatchedBucket;
  /** Bytes that the quota counts; `quota` is the most. */
  readonly usage: { bytes: number; quota: number };
  /** What stands at `<revision>:<path>`. */
  readonly pointers: Map<string, Pointer>;
  /** What the hub logged. */
  readonly lines: readonly string[];
  /** Bytes that all connections carried so far, both ways. */
  wire(): number;
  client(token: string): HubAssets;
  close(): Promise<void>;
};

export const PROJECT_ID = '0123456789abcdef0123456789abcdef';

/** The hub's server with the routes of contents only; who may do what is told above. */
export async function startAssetHub(folder: string, cache: string): Promise<AssetHub> {
  const store = await watchedBucket(folder);
  // Parts of a watched bucket are watched too.
  const digests = new Digests(null);
  const assets = new ProjectAssets({ bucket: store.bucket, files: disk, cache, hasher: await createHasher(), digests });
  const usage = { bytes: 0, quota: Infinity };
  const pointers = new Map<string, Pointer>();
  const lines: string[] = [];
  let url = '';
  const routes = assetRoutes({
    assets: ({ record }) => assets.of(record.id),
    needed: async () => null,
    pointerAt: async (_project, revision, path) => pointers.get(`${revision}:${path}`) ?? null,
    url: () => url
  });
  const calls = new RunningCalls();
  const app = createHub({
    authenticator: {
      authenticate: async token =>
        token in people ? { user: token, displayName: token, groups: [], admin: false, provider: 'local' } : null
    },
    access: accessOf(usage),
    limits: new RateLimits(clock),
    calls,
    pace: usualPace,
    behindProxy: false,
    operatorToken: null,
    publicUrl: () => url,
    routes,
    metrics: new HubMetrics({}),
    room: new DiskRoom(async () => Infinity),
    log: line => void lines.push(line),
    prefix: ''
  });
  const sockets: Socket[] = [];
  app.server.on('connection', (socket: Socket) => sockets.push(socket));
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const clients: HubHttp[] = [];
  return {
    url,
    routes,
    store,
    usage,
    pointers,
    lines,
    wire: () => sockets.reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0),
    client: token => {
      const http = new HubHttp({ url, token: async () => token });
      clients.push(http);
      return new HubAssets(http, { namespace: 'team', name: 'iris' });
    },
    close: async () => {
      clients.forEach(http => http.close());
      await calls.stop(0);
      await app.close();
    }
  };
}

function accessOf(usage: { bytes: number; quota: number }): IHubAccess {
  const as = ({ user }: { readonly user: string }): IHubNamespaces => {
    const { data, models } = people[user]!;
    const project: HubProject = {
      record: { id: PROJECT_ID, namespace: 'team', name: 'iris' } as HubProject['record'],
      rights: { right: 'edit', classes: { code: 'edit', data, models, compute: null } }
    };
    const namespaces: Pick<IHubNamespaces, 'project' | 'decide' | 'addBytes'> = {
      project: async (namespace, name) => {
        if (namespace !== 'team' || name !== 'iris') {
          throw new BranchbookError('PROJECT_UNKNOWN', `There is no project ${namespace}/${name}.`);
        }
        return project;
      },
      decide: async (_namespace, _right, object) => {
        const isModel = object.kind === 'asset' && object.path.startsWith('models/');
        const held = isModel ? models : data;
        return { allowed: held !== null, held, because: [] };
      },
      addBytes: async (_namespace, _project, bytes) => {
        if (usage.bytes + bytes > usage.quota) {
          const told = { quota: usage.quota, used: usage.bytes, needed: bytes };
          throw new BranchbookError('QUOTA_EXCEEDED', 'The namespace is full.', told);
        }
        usage.bytes += bytes;
      }
    };
    return namespaces as IHubNamespaces;
  };
  return { as, free: async () => null, presence: async () => [] };
}
