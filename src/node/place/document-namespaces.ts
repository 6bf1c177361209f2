/** The namespaces of a folder or bucket: decided and recorded by core/access, with what the place itself has to do. */
import type { NamespaceService } from '../../core/access/service';
import { BranchbookError } from '../../core/error';
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
  ProjectRecord,
  WhoCan
} from '../../core/model/namespace';
import type { INamespaces } from '../../core/port';

/** What a place does beside the records. */
export type PlaceWork = {
  /** Before the first namespace: find out what the bucket can do. */
  readonly prepare: () => Promise<void>;
  /** FORBIDDEN where only one may write, and somebody else does. */
  readonly mayWrite: () => Promise<void>;
  /** True when histories are kept elsewhere, by git's own servers. */
  readonly needsGit: boolean;
  /** Delete what is stored for a project. */
  readonly discard: (namespace: string, project: ProjectRecord) => Promise<void>;
};

export class DocumentNamespaces implements INamespaces {
  constructor(
    private readonly _service: NamespaceService,
    private readonly _work: PlaceWork
  ) {}

  whoAmI(): Promise<Identity> {
    return this._service.whoAmI();
  }

  list(): Promise<readonly NamespaceSummary[]> {
    return this._service.list();
  }

  async create(record: Pick<NamespaceRecord, 'name' | 'kind' | 'title' | 'label' | 'git'>): Promise<NamespaceView> {
    if (this._work.needsGit && record.git === null) {
      throw new BranchbookError(
        'USAGE',
        'A bucket keeps data, no histories: say where git finds those of its projects.',
        { argument: 'git', reason: 'it is missing' },
        'For example: --git git@git.example.org:team/{project}.git'
      );
    }
    await this._work.prepare();
    await this._work.mayWrite();
    return this._service.create(record);
  }

  view(name: string): Promise<NamespaceView> {
    return this._service.view(name);
  }

  async change(name: string, change: NamespaceChange): Promise<NamespaceView> {
    await this._work.mayWrite();
    const gone = change.type === 'remove-project' ? await this._projects(name, change.name) : [];
    const view = await this._service.change(name, change);
    await this._discard(name, gone);
    return view;
  }

  async delete(name: string, options: { readonly projects: boolean }): Promise<void> {
    await this._work.mayWrite();
    const gone = await this._projects(name);
    await this._service.delete(name, options);
    await this._discard(name, gone);
  }

  async createLink(name: string, request: LinkRequest): Promise<{ readonly link: Link; readonly code: string }> {
    await this._work.mayWrite();
    return this._service.createLink(name, request);
  }

  offer(code: string): Promise<LinkOffer> {
    return this._service.offer(code);
  }

  async join(code: string): Promise<Joined> {
    await this._work.mayWrite();
    return this._service.join(code);
  }

  whoCan(name: string, object: AccessObject, principal?: Principal): Promise<readonly WhoCan[]> {
    return this._service.whoCan(name, object, principal);
  }

  audit(name: string, query: AuditQuery): Promise<readonly AuditEvent[]> {
    return this._service.audit(name, query);
  }

  activity(name: string, query: Pick<AuditQuery, 'project' | 'limit'>): Promise<readonly AuditEvent[]> {
    return this._service.activity(name, query);
  }

  private async _projects(namespace: string, name?: string): Promise<readonly ProjectRecord[]> {
    const { projects } = await this._service.view(namespace);
    return projects.filter(project => name === undefined || project.name === name);
  }

  /** The records are gone, so nobody finds the rest: what cannot be deleted takes space, and nothing else. */
  private async _discard(namespace: string, projects: readonly ProjectRecord[]): Promise<void> {
    for (const project of projects) {
      await this._work.discard(namespace, project).catch(() => undefined);
    }
  }
}
