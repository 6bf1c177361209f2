/**
 * A place without a server: records, log, presence and contents are objects in a folder or bucket, and every client decides
 * by the same rules (core/access). Who can write the objects could do otherwise: `abilities.enforced` is false.
 */
import { createHash } from 'node:crypto';
import { openPlace } from '../../core/access/context';
import { DocumentDirectory } from '../../core/access/document-directory';
import { NamespaceService } from '../../core/access/service';
import type { IHasher } from '../../core/chunk/hash';
import { removeTree } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import { covers } from '../../core/model/access';
import type { Identity } from '../../core/model/access';
import type { ProjectRecord, ProjectRights } from '../../core/model/namespace';
import type {
  GitRemote,
  IBucket,
  IClock,
  IFileSystem,
  INamespaces,
  IPlace,
  IRandom,
  ISharedProject,
  PlaceAbilities
} from '../../core/port';
import { BucketAssets } from '../assets/bucket-assets';
import { xorbKey } from '../assets/xorb-key';
import { forGroup } from '../bucket/group-files';
import { placeTime } from '../bucket/place-time';
import { SingleWriterBucket } from '../bucket/single-writer';
import { ensureSharedRepository, refuseLinks } from '../git/shared-repository';
import { DocumentNamespaces } from './document-namespaces';
import { DocumentProject, folderOf, requireCode } from './document-project';
import type { DocumentProjectOptions } from './document-project';
import { GuardedAssets } from './guarded-assets';
import { makePlaceFile, readPlaceFile } from './place-file';
import type { PlaceFile } from './place-file';
import { groupsOfUser } from './system-identity';

export type DocumentPlaceOptions = {
  readonly address: string;
  readonly bucket: IBucket;
  /** Absolute path, where the bucket is a folder: histories lie beside the objects. */
  readonly folder: string | null;
  readonly identity: Identity;
  readonly files: IFileSystem;
  /** A folder of the user's for copies of what was brought, which may be deleted any time. */
  readonly cache: string;
  readonly hasher: () => Promise<IHasher>;
  readonly clock: IClock;
  readonly random: IRandom;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export class DocumentPlace implements IPlace {
  readonly address: string;
  readonly kind: 'folder' | 'bucket';
  readonly namespaces: INamespaces;
  private readonly _bucket: IBucket;
  private readonly _service: NamespaceService;

  private constructor(
    private readonly _options: DocumentPlaceOptions,
    private _file: PlaceFile | null
  ) {
    const { address, bucket, folder, identity, files, clock, random } = _options;
    this.address = address;
    this.kind = folder === null ? 'bucket' : 'folder';
    this._bucket = new SingleWriterBucket(bucket, () => !this.abilities.concurrent);
    this._service = new NamespaceService(
      {
        directory: new DocumentDirectory(this._bucket),
        groupsOf: user => groupsOfUser(files, user),
        rules: openPlace,
        seal: null,
        ...{ clock, random, sha256 }
      },
      identity
    );
    this.namespaces = new DocumentNamespaces(this._service, {
      prepare: () => this._prepare(),
      mayWrite: () => this._requireWriter(),
      needsGit: folder === null,
      discard: (namespace, project) => this._discard(namespace, folderOf(project))
    });
  }

  static async open(options: DocumentPlaceOptions): Promise<DocumentPlace> {
    return new DocumentPlace(options, await readPlaceFile(options.bucket));
  }

  get abilities(): PlaceAbilities {
    return { enforced: false, concurrent: !this._file?.flaw, signIn: false, compute: false };
  }

  async project(namespace: string, project: string): Promise<ISharedProject> {
    const { record, rights } = await this._service.project(namespace, project);
    const { identity, clock } = this._options;
    const options = { service: this._service, identity, clock, record, rights, mayWrite: () => this._requireWriter() };
    return new DocumentProject({
      ...options,
      bucket: this._bucket.below(namespace),
      history: await this._historyOf(record, rights),
      sweep: grace => this._sweep(namespace, grace),
      ...(await this._assetsOf(record, rights))
    });
  }

  async startKernel(): Promise<never> {
    throw new BranchbookError(
      'COMPUTE_UNAVAILABLE',
      `${this.address} is no server, and shares no compute.`,
      { reason: 'no server' },
      'Use a hub for that: `branchbook hub` starts one.'
    );
  }

  close(): Promise<void> {
    return this._options.bucket.close();
  }

  private async _prepare(): Promise<void> {
    const { bucket, identity } = this._options;
    this._file ??= await makePlaceFile(bucket, identity.user, this._options);
  }

  private async _requireWriter(): Promise<void> {
    const { identity, bucket } = this._options;
    const { flaw = null, writer = null } = this._file ?? {};
    if (flaw !== null && writer !== identity.user) {
      throw new BranchbookError(
        'FORBIDDEN',
        `Only ${writer} may write in ${bucket.name}: ${flaw}.`,
        { right: 'edit', object: 'namespace', because: [flaw] },
        'Use a bucket that honours conditional writes, or a hub, to let several people write.'
      );
    }
  }

  private async _historyOf(record: ProjectRecord, rights: ProjectRights): Promise<GitRemote> {
    requireCode(record, rights);
    const { folder, files } = this._options;
    if (record.git !== null) {
      return { url: record.git, headers: {} };
    }
    if (folder === null) {
      throw new BranchbookError(
        'PLACE_UNKNOWN',
        `Nobody said where git finds the history of ${record.namespace}/${record.name}.`,
        { place: this.address },
        'Make the namespace again with --git.'
      );
    }
    const path = `${folder}/${record.namespace}/${folderOf(record)}/history.git`;
    // The bucket sees to the folders above it.
    await this._bucket.head(`${record.namespace}/${folderOf(record)}/project.json`);
    await refuseLinks(files, path);
    if (covers(rights.classes.code, 'edit') && !(await files.lstat(`${path}/HEAD`))) {
      await this._makeFolder(record);
      await ensureSharedRepository(forGroup(files), path);
    }
    return { url: path, headers: {} };
  }

  /** By way of the bucket, which sees that no symbolic link leads elsewhere. The file tells people whose folder it is. */
  private async _makeFolder(record: ProjectRecord): Promise<void> {
    const { id, name, created } = record;
    const bytes = new TextEncoder().encode(`${JSON.stringify({ id, name, created }, null, 1)}\n`);
    const bucket = this._bucket.below(`${record.namespace}/${folderOf(record)}`);
    await bucket.put('project.json', bytes);
  }

  private async _assetsOf(
    record: ProjectRecord,
    rights: ProjectRights
  ): Promise<Pick<DocumentProjectOptions, 'assets' | 'stored'>> {
    const { files, cache, hasher } = this._options;
    const bucket = this._bucket.below(`${record.namespace}/${folderOf(record)}/assets`);
    const stored = new BucketAssets({
      bucket,
      files,
      cache: `${cache}/${sha256(`${this.address}\n${record.id}`).slice(0, 32)}`,
      hasher: await hasher(),
      verify: null
    });
    const assets = new GuardedAssets({
      assets: stored,
      hasXorb: async xorb => (await bucket.head(xorbKey(xorb))) !== null,
      service: this._service,
      record,
      rights,
      mayWrite: () => this._requireWriter()
    });
    return { assets, stored };
  }

  /** What deleted projects of the namespace left, when none of it is younger than `grace` milliseconds. */
  private async _sweep(namespace: string, grace: number): Promise<void> {
    const bucket = this._bucket.below(namespace);
    const now = await placeTime(bucket.below('projects'));
    const found: string[] = [];
    for await (const folder of bucket.folders('projects')) {
      found.push(`projects/${folder}`);
    }
    // Read after the folders: a project has its record before its folder. All records, seen or not.
    const state = await new DocumentDirectory(this._bucket).state(namespace);
    const known = new Set(state?.projects.map(folderOf));
    for (const folder of state ? found.filter(each => !known.has(each)) : []) {
      let youngest = 0;
      for await (const { modified } of bucket.list(`${folder}/`)) {
        youngest = Math.max(youngest, modified);
      }
      if (now - youngest > grace) {
        await this._discard(namespace, folder);
      }
    }
  }

  private async _discard(namespace: string, projectFolder: string): Promise<void> {
    const { folder, files } = this._options;
    const bucket = this._bucket.below(`${namespace}/${projectFolder}`);
    for await (const { key } of bucket.list('')) {
      await bucket.delete(key);
    }
    if (folder !== null) {
      await removeTree(files, `${folder}/${namespace}/${projectFolder}`);
    }
  }
}
