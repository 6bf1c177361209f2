/** The packs of one object directory. */
import { hasCode } from '../../core/error';
import type { ObjectId } from '../../core/model/git';
import type { FileStat, IFileSystem } from '../../core/port';
import { listNames } from '../../core/durable';
import type { OpenPacks } from './open-packs';
import { PackFile } from './pack-file';
import type { PackedObject } from './pack-file';
import { PackIndex } from './pack-index';

/** A directory changed within this many nanoseconds may change again without its times showing it. */
const TIME_STEP = 20_000_000n;

/** Finds objects in packs, also in those that other programs add meanwhile. Keeps the indexes in memory. */
export class PackReader {
  private _packs: ReadonlyMap<string, PackFile> = new Map();
  /** The directory as it was when its packs were listed; null = look again. */
  private _seen: FileStat | null = null;

  /** @param _directory `objects/pack` */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _directory: string
  ) {}

  /** Whether one of the packs has it that were there when they were last listed. */
  knows(oid: ObjectId): boolean {
    return [...this._packs.values()].some(({ index }) => index.has(oid));
  }

  /** As `read`, of the packs that were there when they were last listed, which stay open for the next. */
  async readKnown(oid: ObjectId, open: OpenPacks): Promise<PackedObject | null> {
    const place = this._find(oid);
    return place && place.pack.readFrom(await open.get(place.pack.path), place.offset);
  }

  /** Type and content, not yet verified against `oid`; null when no pack has it. Errors of any kind for damage. */
  async read(oid: ObjectId): Promise<PackedObject | null> {
    const place = await this._locate(oid);
    try {
      return place && (await place.pack.read(place.offset));
    } catch (error) {
      if (!hasCode(error, 'PATH_UNKNOWN')) {
        throw error;
      }
    }
    // A repack replaced the packs that we remember.
    this._packs = new Map();
    this._seen = null;
    const again = await this._locate(oid);
    return again && again.pack.read(again.offset);
  }

  /** Ids that begin with `prefix` (two digits or more). */
  async expand(prefix: string): Promise<readonly ObjectId[]> {
    await this.refresh();
    return [...this._packs.values()].flatMap(pack => pack.index.expand(prefix));
  }

  private async _locate(oid: ObjectId): Promise<{ readonly pack: PackFile; readonly offset: number } | null> {
    const known = this._find(oid);
    return known ?? ((await this.refresh()) ? this._find(oid) : null);
  }

  private _find(oid: ObjectId): { readonly pack: PackFile; readonly offset: number } | null {
    for (const pack of this._packs.values()) {
      const offset = pack.index.find(oid);
      if (offset >= 0) {
        return { pack, offset };
      }
    }
    return null;
  }

  /** List the packs again when the directory changed; false when it did not. */
  async refresh(): Promise<boolean> {
    const stat = await this._files.lstat(this._directory);
    const seen = this._seen;
    if (stat && seen && stat.ino === seen.ino && stat.mtimeNs === seen.mtimeNs && stat.ctimeNs === seen.ctimeNs) {
      return false;
    }
    const packs = new Map<string, PackFile>();
    for (const name of (await listNames(this._files, this._directory)).filter(each => /^pack-.*\.idx$/.test(each))) {
      const path = `${this._directory}/${name.slice(0, -'.idx'.length)}.pack`;
      const pack = this._packs.get(path) ?? (await this._open(path, name));
      if (pack) {
        packs.set(path, pack);
      }
    }
    this._packs = packs;
    const settled = stat && BigInt(Date.now()) * 1_000_000n - stat.mtimeNs > TIME_STEP;
    this._seen = settled ? stat : null;
    return true;
  }

  private async _open(path: string, indexName: string): Promise<PackFile | null> {
    const bytes = await this._files.readFile(`${this._directory}/${indexName}`);
    const index = bytes && PackIndex.decode(bytes);
    return index && new PackFile(this._files, path, index);
  }
}
