/** INamespaces of a hub: the routes of src/service/hub/namespace-routes.ts. */
import type { AccessObject, Identity, Principal } from '../../core/model/access';
import type {
  AuditEvent,
  AuditQuery,
  Joined,
  Link,
  LinkOffer,
  LinkRequest,
  NamespaceChange,
  NamespaceRecord,
  NamespaceSummary,
  NamespaceView,
  WhoCan
} from '../../core/model/namespace';
import { namespaceUnknown, projectUnknown } from '../../core/access/context';
import { checkNamespaceName, checkProjectName } from '../../core/model/place-address';
import type { INamespaces } from '../../core/port';
import type { HubHttp } from './http';

const ALL = '/api/v1/namespaces';

/** A name that no namespace has is not asked for: `..` would be another path. NAMESPACE_UNKNOWN. */
function pathOf(namespace: string): string {
  if (checkNamespaceName(namespace) !== null) {
    throw namespaceUnknown(namespace);
  }
  return `${ALL}/${encodeURIComponent(namespace)}`;
}

/** NAMESPACE_UNKNOWN, PROJECT_UNKNOWN. */
export function projectPath(namespace: string, project: string): string {
  const path = pathOf(namespace);
  if (checkProjectName(project) !== null) {
    throw projectUnknown(namespace, project);
  }
  return `${path}/projects/${encodeURIComponent(project)}`;
}

export class HubNamespaces implements INamespaces {
  constructor(private readonly _http: HubHttp) {}

  whoAmI(): Promise<Identity> {
    return this._http.json({ method: 'GET', path: '/api/v1/me' });
  }

  list(): Promise<readonly NamespaceSummary[]> {
    return this._http.json({ method: 'GET', path: ALL });
  }

  create(record: Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label' | 'git'>): Promise<NamespaceView> {
    const { name, kind, title, label, git } = record;
    return this._http.json({ method: 'POST', path: ALL, json: { name, kind, title, label, git } });
  }

  async view(name: string): Promise<NamespaceView> {
    return this._http.json({ method: 'GET', path: pathOf(name) });
  }

  async change(name: string, change: NamespaceChange): Promise<NamespaceView> {
    return this._http.json({ method: 'POST', path: `${pathOf(name)}/changes`, json: change });
  }

  async delete(name: string, { projects }: { readonly projects: boolean }): Promise<void> {
    return this._http.json({ method: 'DELETE', path: `${pathOf(name)}?projects=${projects}` });
  }

  async createLink(name: string, request: LinkRequest): Promise<{ readonly link: Link; readonly code: string }> {
    return this._http.json({ method: 'POST', path: `${pathOf(name)}/links`, json: request });
  }

  offer(code: string): Promise<LinkOffer> {
    return this._http.json({ method: 'POST', path: '/api/v1/offer', json: { code } });
  }

  join(code: string): Promise<Joined> {
    return this._http.json({ method: 'POST', path: '/api/v1/join', json: { code } });
  }

  async whoCan(name: string, object: AccessObject, principal?: Principal): Promise<readonly WhoCan[]> {
    return this._http.json({ method: 'POST', path: `${pathOf(name)}/who-can`, json: { object, principal } });
  }

  async audit(name: string, query: AuditQuery): Promise<readonly AuditEvent[]> {
    return this._http.json({ method: 'GET', path: `${pathOf(name)}/audit${queryOf(query)}` });
  }

  async activity(name: string, query: Pick<AuditQuery, 'project' | 'limit'>): Promise<readonly AuditEvent[]> {
    return this._http.json({ method: 'GET', path: `${pathOf(name)}/activity${queryOf(query)}` });
  }
}

function queryOf(query: AuditQuery): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      words.set(name, String(value));
    }
  }
  return words.size === 0 ? '' : `?${words}`;
}
