/**
 * New objects on their way to the device. Few become loose objects; many become one pack, because every loose object
 * is a file to flush. The files of a batch are flushed side by side, and each directory once.
 */
import { mapConcurrently } from '../../core/concurrency';
import { ensureDirectory, isExisting, parentOf, temporaryName, unlinkQuietly, writeSynced } from '../../core/durable';
import type { ObjectId } from '../../core/model/git';
import type { IFileSystem } from '../../core/port';
import { compress } from './compress';
import type { ObjectType } from './object-codec';
import { PackBuilder } from './pack-writer';
import type { NewObject } from './pack-writer';

/** From this many objects on they are packed: what git does with objects it receives (`transfer.unpackLimit`). */
const PACK_LIMIT = 100;
/** Contents taken before they are written, in bytes. */
const MAX_WAITING = 32 * 1024 * 1024;
/** git makes its objects read-only. */
const MODE = 0o444;

/** Where a loose object stands. */
export function loosePath(directory: string, oid: ObjectId): string {
  return `${directory}/${oid.slice(0, 2)}/${oid.slice(2)}`;
}

/** What a batch must know of the objects that are there. */
export interface IObjectLookup {
  hash(type: ObjectType, content: Uint8Array): ObjectId;
  /** True when a good copy exists; false also for one that came since the first question. */
  isWhole(oid: ObjectId): Promise<boolean>;
}

export class ObjectBatch {
  /** Ids of everything taken since the last commit. */
  private readonly _taken = new Set<ObjectId>();
  /** The objects, while they are few; then the pack that they become. */
  private _few: NewObject[] = [];
  private _pack: PackBuilder | null = null;
  private _bytes = 0;
  /** The last object on its way into the pack: one after the other, and all before it is written. */
  private _adding: Promise<void> = Promise.resolve();

  /** @param _directory `objects` */
  constructor(
    private readonly _objects: IObjectLookup,
    private readonly _files: IFileSystem,
    private readonly _directory: string
  ) {}

  /** Take an object, which must not change afterwards. It may stay unwritten until `commit`. */
  async write(type: ObjectType, content: Uint8Array): Promise<ObjectId> {
    const oid = this._objects.hash(type, content);
    const isKnown = this._taken.has(oid) || (await this._objects.isWhole(oid));
    // Asked again: the same may have been taken while we waited.
    if (!isKnown && !this._taken.has(oid)) {
      this._taken.add(oid);
      this._bytes += content.length;
      this._adding = this._adding.then(() => this._take({ oid, type, content }));
      await this._adding;
      if (this._bytes >= MAX_WAITING) {
        await this.commit();
      }
    }
    return oid;
  }

  /** Everything taken is on the device on return. The batch can be used again. */
  async commit(): Promise<void> {
    await this._adding;
    const few = this._few;
    const pack = this._pack;
    this._few = [];
    this._pack = null;
    this._taken.clear();
    this._bytes = 0;
    await (pack ? this._writePack(pack) : this._writeLoose(few));
  }

  private async _take(object: NewObject): Promise<void> {
    if (!this._pack && this._few.push(object) < PACK_LIMIT) {
      return;
    }
    const waiting = this._pack ? [object] : this._few;
    this._few = [];
    const pack = (this._pack ??= new PackBuilder());
    for (const each of waiting) {
      await pack.add(each);
    }
  }

  private async _writeLoose(objects: readonly NewObject[]): Promise<void> {
    const folders = new Set(objects.map(({ oid }) => parentOf(loosePath(this._directory, oid))));
    for (const folder of folders) {
      await ensureDirectory(this._files, folder);
    }
    await mapConcurrently(objects, async ({ oid, type, content }) => {
      const header = Buffer.from(`${type} ${content.length}\0`);
      await this._publish(loosePath(this._directory, oid), await compress(Buffer.concat([header, content])));
    });
    await mapConcurrently([...folders], folder => this._files.syncDirectory(folder));
  }

  /** A pack is not seen before its index is there. */
  private async _writePack(builder: PackBuilder): Promise<void> {
    const { name, pack, index } = builder.finish();
    const folder = `${this._directory}/pack`;
    await ensureDirectory(this._files, folder);
    await this._publish(`${folder}/pack-${name}.pack`, pack);
    await this._publish(`${folder}/pack-${name}.idx`, index);
    await this._files.syncDirectory(folder);
  }

  /** Nobody had a good copy: what stands at `path` is damaged, or equal and just written by somebody else. */
  private async _publish(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = temporaryName(`${parentOf(path)}/tmp_obj_`);
    try {
      await writeSynced(this._files, temporary, bytes, MODE);
      await this._files.rename(temporary, path);
    } catch (error) {
      await unlinkQuietly(this._files, temporary);
      if (!isExisting(error)) {
        throw error;
      }
    }
  }
}
