/** A project's contents in a folder or bucket, as far as the user's rights go; what is stored counts for the quota. */
import { BranchbookError } from '../../core/error';
import type { NamespaceService } from '../../core/access/service';
import { covers } from '../../core/model/access';
import type { Right } from '../../core/model/access';
import type { Sha256, XetHash } from '../../core/model/asset';
import type { ProjectRecord, ProjectRights } from '../../core/model/namespace';
import type { Activity, IRemoteAssets } from '../../core/port';

export type GuardedAssetsOptions = {
  readonly assets: IRemoteAssets;
  readonly hasXorb: (xorb: XetHash) => Promise<boolean>;
  readonly service: NamespaceService;
  readonly record: ProjectRecord;
  readonly rights: ProjectRights;
  /** Before anything is written. */
  readonly mayWrite: () => Promise<void>;
};

export class GuardedAssets implements IRemoteAssets {
  private _wasRead = false;

  constructor(private readonly _options: GuardedAssetsOptions) {}

  async has(contents: readonly Sha256[], activity?: Activity): Promise<ReadonlySet<Sha256>> {
    await this._demand('view');
    return this._options.assets.has(contents, activity);
  }

  async keep(
    contents: readonly Sha256[],
    options?: Activity & { readonly elsewhere?: boolean }
  ): Promise<ReadonlySet<Sha256>> {
    await this._demand('view');
    return this._options.assets.keep(contents, options);
  }

  isLeaving(activity?: Activity): Promise<boolean> {
    return this._options.assets.isLeaving(activity);
  }

  async manifest(contents: readonly Sha256[], activity?: Activity): Promise<Uint8Array> {
    await this._demand('view');
    await this._noteRead(contents.length);
    return this._options.assets.manifest(contents, activity);
  }

  async locate(chunks: Uint8Array, activity?: Activity): Promise<Uint8Array> {
    await this._demand('view');
    return this._options.assets.locate(chunks, activity);
  }

  async readXorb(xorb: XetHash, start: number, into: Uint8Array, activity?: Activity): Promise<number> {
    await this._demand('view');
    return this._options.assets.readXorb(xorb, start, into, activity);
  }

  async writeXorb(
    xorb: XetHash,
    size: number,
    open: () => AsyncIterable<Uint8Array>,
    activity?: Activity
  ): Promise<void> {
    const { assets, service, record, hasXorb, mayWrite } = this._options;
    await this._demand('edit');
    if (await hasXorb(xorb)) {
      return;
    }
    await mayWrite();
    await service.addBytes(record.namespace, record.name, size);
    try {
      await assets.writeXorb(xorb, size, open, activity);
    } catch (error) {
      await service.addBytes(record.namespace, record.name, -size).catch(() => undefined);
      throw error;
    }
  }

  async writeManifest(shard: Uint8Array, activity?: Activity): Promise<void> {
    await this._demand('edit');
    await this._options.mayWrite();
    await this._options.assets.writeManifest(shard, activity);
  }

  async *read(sha256: Sha256, start?: number, end?: number, activity?: Activity): AsyncGenerator<Uint8Array> {
    await this._demand('view');
    await this._noteRead(1);
    yield* this._options.assets.read(sha256, start, end, activity);
  }

  /** Which of them is data and which a model, packs do not tell: one of both is enough. FORBIDDEN. */
  private async _demand(right: Right): Promise<void> {
    const { rights, record } = this._options;
    if (covers(rights.classes.data, right) || covers(rights.classes.models, right)) {
      return;
    }
    const target = `project:${record.name}`;
    const text = `You may not ${right} data and models of ${record.namespace}/${record.name}.`;
    await this._record('refused', right === 'view' ? 'read' : 'push', text).catch(() => undefined);
    throw new BranchbookError(
      'FORBIDDEN',
      text,
      { right, object: target, because: [] },
      `Ask an owner of ${record.namespace}.`
    );
  }

  /** Once for each time that a project is opened: the log says who saw it, not each piece. */
  private async _noteRead(contents: number): Promise<void> {
    if (!this._wasRead && contents > 0) {
      this._wasRead = true;
      // Who may only read the place can leave no line there.
      await this._record('ok', 'read', `contents of ${this._options.record.name} were read`).catch(() => undefined);
    }
  }

  private _record(outcome: 'ok' | 'refused', action: string, detail: string): Promise<void> {
    const { service, record } = this._options;
    return service.record(record.namespace, { action, project: record.name, target: null, outcome, detail });
  }
}
