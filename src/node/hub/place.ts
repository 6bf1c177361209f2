/** A hub, as a place: everything is decided there, and asked for over HTTP. */
import type { PlaceCollection, PlaceCollectionRequest } from '../../core/model/maintenance';
import type { Presence, ProjectRecord, ProjectRights } from '../../core/model/namespace';
import type {
  Activity,
  FindNeeded,
  GitRemote,
  IKernel,
  INamespaces,
  IPlace,
  IRemoteAssets,
  ISharedProject
} from '../../core/port';
import { HubHttp } from './http';
import { startKernel } from './kernel';
import { HubNamespaces, projectPath } from './namespaces';

/** Milliseconds. */
const COLLECTION_TIMEOUT = 60 * 60_000;

export type HubPlaceOptions = {
  /** `https://hub.example.org/prefix`, without a slash at the end. */
  readonly address: string;
  /** Asked for with every request. */
  readonly token: () => Promise<string | null>;
  /** The contents of a project, spoken to below `<address>/api/v1/…`. */
  readonly assets: (http: HubHttp, project: ProjectRecord) => IRemoteAssets;
};

export class HubPlace implements IPlace {
  readonly kind = 'hub';
  readonly abilities = { enforced: true, concurrent: true, signIn: true, compute: true } as const;
  readonly address: string;
  readonly namespaces: INamespaces;
  private readonly _http: HubHttp;

  constructor(private readonly _options: HubPlaceOptions) {
    this._http = new HubHttp({ url: _options.address, token: _options.token });
    this.address = this._http.url;
    this.namespaces = new HubNamespaces(this._http);
  }

  async project(namespace: string, project: string): Promise<ISharedProject> {
    const path = projectPath(namespace, project);
    const told = await this._http.json<Told>({ method: 'GET', path });
    const url = `${this.address}/${encodeURIComponent(namespace)}/${encodeURIComponent(project)}.git`;
    const token = await this._options.token();
    const history: GitRemote = { url, headers: token === null ? {} : { Authorization: `Bearer ${token}` } };
    return new HubProject(this._http, path, told, history, this._options.assets(this._http, told.record));
  }

  startKernel(namespace: string, endpoint: string, kernel: string | null): Promise<IKernel> {
    return startKernel(this._http, namespace, endpoint, kernel);
  }

  async close(): Promise<void> {
    this._http.close();
  }
}

type Told = { readonly record: ProjectRecord; readonly rights: ProjectRights };

class HubProject implements ISharedProject {
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;

  constructor(
    private readonly _http: HubHttp,
    private readonly _path: string,
    told: Told,
    readonly history: GitRemote,
    readonly assets: IRemoteAssets
  ) {
    this.record = told.record;
    this.rights = told.rights;
  }

  async mayPush(branch: string): Promise<string | null> {
    const path = `${this._path}/may-push?${new URLSearchParams({ branch })}`;
    return (await this._http.json<{ readonly reason: string | null }>({ method: 'GET', path })).reason;
  }

  /** The hub saw it itself. */
  async pushed(): Promise<void> {
    return undefined;
  }

  /** The hub has the history, and finds out by itself what is needed. */
  collect(request: PlaceCollectionRequest, _needed: FindNeeded, activity: Activity): Promise<PlaceCollection> {
    activity.onProgress?.({ phase: 'The hub looks for what nothing needs', done: 0, total: null, unit: 'files' });
    const path = `${this._path}/assets/collect`;
    return this._http.json({ method: 'POST', path, json: request, activity, timeout: COLLECTION_TIMEOUT });
  }

  presence(mine: Pick<Presence, 'branch' | 'document'> | null): Promise<readonly Presence[]> {
    return this._http.json({ method: 'POST', path: `${this._path}/presence`, json: { mine } });
  }
}
