/** A shared project in a folder or bucket: its history is git's, its contents are chunks, its log is objects. */
import { recordCollection, requireManager } from '../../core/access/collected';
import type { NamespaceService } from '../../core/access/service';
import { BranchbookError } from '../../core/error';
import { covers } from '../../core/model/access';
import type { Identity } from '../../core/model/access';
import type { RefChange } from '../../core/model/git';
import type { PlaceCollection, PlaceCollectionRequest } from '../../core/model/maintenance';
import type { Presence, ProjectRecord, ProjectRights } from '../../core/model/namespace';
import type {
  Activity,
  FindNeeded,
  GitRemote,
  IBucket,
  IClock,
  IRemoteAssets,
  ISharedProject,
  IStoredAssets
} from '../../core/port';
import { tellPresence } from './presence';

/** Parts of keys: no other project ever has this one, also if it is called the same later. */
export function folderOf({ name, id }: Pick<ProjectRecord, 'name' | 'id'>): string {
  return `projects/${name}-${id.slice(0, 8)}`;
}

export type DocumentProjectOptions = {
  readonly service: NamespaceService;
  readonly identity: Identity;
  readonly clock: Pick<IClock, 'now'>;
  /** Of the namespace. */
  readonly bucket: IBucket;
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;
  readonly history: GitRemote;
  readonly assets: IRemoteAssets;
  /** The same, for who may do everything. */
  readonly stored: Pick<IStoredAssets, 'collect'>;
  /** Delete what deleted projects beside it left that long ago, in milliseconds. */
  readonly sweep: (grace: number) => Promise<void>;
  /** FORBIDDEN where only one may write, and somebody else does. */
  readonly mayWrite: () => Promise<void>;
};

export class DocumentProject implements ISharedProject {
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;
  readonly history: GitRemote;
  readonly assets: IRemoteAssets;

  constructor(private readonly _options: DocumentProjectOptions) {
    const { record, rights, history, assets } = _options;
    this.record = record;
    this.rights = rights;
    this.history = history;
    this.assets = assets;
  }

  async mayPush(branch: string): Promise<string | null> {
    const { service, record, mayWrite } = this._options;
    try {
      await mayWrite();
    } catch (error) {
      return BranchbookError.from(error).message;
    }
    return service.mayPush(record.namespace, record.name, branch);
  }

  async pushed(changes: readonly RefChange[]): Promise<void> {
    const { service, record } = this._options;
    for (const { name, from, to } of changes) {
      const detail = `${shown(from)} → ${shown(to)}`;
      const target = name.replace(/^refs\/(heads|tags)\//, '');
      const event = { action: 'push', project: record.name, target, outcome: 'ok', detail } as const;
      await service.record(record.namespace, event);
    }
  }

  async collect(request: PlaceCollectionRequest, needed: FindNeeded, activity: Activity): Promise<PlaceCollection> {
    const { service, record, stored, mayWrite, sweep } = this._options;
    requireManager(this);
    await mayWrite();
    const done = await stored.collect(request, needed, activity);
    if (!request.dryRun) {
      await recordCollection(service, record, done);
      await sweep(request.grace);
    }
    return done;
  }

  async presence(mine: Pick<Presence, 'branch' | 'document'> | null): Promise<readonly Presence[]> {
    const { bucket, record, clock, identity, service } = this._options;
    const people = await tellPresence(bucket.below(`presence/${folderOf(record).slice(9)}`), clock, identity, mine);
    return service.whoSees(record.namespace, record.name, people);
  }
}

const shown = (commit: string | null): string => (commit === null ? 'nothing' : commit.slice(0, 10));

/** FORBIDDEN unless the code may be seen. */
export function requireCode({ namespace, name }: ProjectRecord, { classes }: ProjectRights): void {
  if (!covers(classes.code, 'view')) {
    throw new BranchbookError(
      'FORBIDDEN',
      `You may not see the history of ${namespace}/${name}.`,
      { right: 'view', object: `project:${name}`, because: [] },
      `Ask an owner of ${namespace}.`
    );
  }
}
