/**
 * git's object database. Every byte read is checked against its id; every object written is on the device before its
 * id is returned, and a damaged copy that is in the way is replaced (git itself would keep it).
 */
import { hash as digest } from 'node:crypto';
import { listNames } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Commit, ObjectId, TreeItem } from '../../core/model/git';
import type { IFileSystem } from '../../core/port';
import { asBuffer, decodeText, sha1 } from './bytes';
import { decompressAll } from './compress';
import { Lru } from './lru';
import { loosePath, ObjectBatch } from './object-batch';
import type { ObjectType } from './object-codec';
import { corruptObject, decodeCommit, decodeTagTarget, decodeTree, emptyTree, MAX_OBJECT_BYTES } from './object-codec';
import { OpenPacks } from './open-packs';
import { PackReader } from './pack-reader';

const isObjectId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** Borrowing from those who borrow ends here, as in git. */
const MAX_ALTERNATE_DEPTH = 5;
/** Directories that each list each other in many spellings must not multiply. */
const MAX_ALTERNATES = 64;
/** Contents of so many bytes are copied behind their header and hashed at once, which costs less than a hash that lasts. */
const AT_ONCE = 4096;

/** What trees that are remembered hold together; some megabytes. */
const MAX_TREE_ITEMS = 50_000;

type GitObject = { readonly type: ObjectType; readonly content: Uint8Array };

/** Collect an object directory and those it borrows from, theirs included. */
async function addAlternates(files: IFileSystem, own: string, found: Set<string>, depth: number): Promise<void> {
  if (found.has(own) || found.size > MAX_ALTERNATES || depth > MAX_ALTERNATE_DEPTH) {
    return;
  }
  found.add(own);
  const listed = await files.readFile(`${own}/info/alternates`);
  for (const line of (listed ? decodeText(listed) : '').split('\n')) {
    if (line !== '' && !line.startsWith('#') && !line.includes('\0')) {
      const path = (line.startsWith('/') ? line : `${own}/${line}`).replace(/\/+$/, '');
      await addAlternates(files, path, found, depth + 1);
    }
  }
}

export class ObjectDatabase {
  private readonly _trees = new Lru<ObjectId, readonly TreeItem[]>(MAX_TREE_ITEMS, items => 1 + items.length);
  private readonly _commits = new Lru<ObjectId, Commit>(4096);
  private readonly _sources: readonly { readonly directory: string; readonly packs: PackReader }[];

  private constructor(
    private readonly _files: IFileSystem,
    directories: readonly string[]
  ) {
    this._sources = directories.map(directory => ({
      directory,
      packs: new PackReader(_files, `${directory}/pack`)
    }));
  }

  /** @param commonDir git directory that holds `objects`; its alternates are read too */
  static async open(files: IFileSystem, commonDir: string): Promise<ObjectDatabase> {
    const directories = new Set<string>();
    await addAlternates(files, `${commonDir}/objects`, directories, 0);
    return new ObjectDatabase(files, [...directories]);
  }

  async read(oid: ObjectId): Promise<GitObject> {
    const object = await this._find(oid);
    if (!object) {
      throw new BranchbookError(
        'OBJECT_CORRUPT',
        `The git object ${oid} is missing.`,
        { oid, reason: 'missing' },
        'Fetch it again from a remote, or copy it from another clone of the project.'
      );
    }
    return object;
  }

  async has(oid: ObjectId): Promise<boolean> {
    return (await this._find(oid)) !== null;
  }

  async readTyped(oid: ObjectId, type: ObjectType): Promise<Uint8Array> {
    const object = await this.read(oid);
    if (object.type !== type) {
      throw corruptObject(oid, `it is a ${object.type} where a ${type} is expected`);
    }
    return object.content;
  }

  /** Blobs one after the other, null for null: packs are opened once. */
  async readBlobs(
    oids: readonly (ObjectId | null)[],
    visit: (position: number, content: Uint8Array | null) => Promise<void>
  ): Promise<void> {
    const open = new OpenPacks(this._files);
    try {
      for (const [position, oid] of oids.entries()) {
        // What is not found in a pack is looked for everywhere, which also tells what is wrong.
        const content = oid === null ? null : await this._packedBlob(oid, open);
        await visit(position, oid === null ? null : (content ?? (await this.readTyped(oid, 'blob'))));
      }
    } finally {
      await open.close();
    }
  }

  private async _packedBlob(oid: ObjectId, open: OpenPacks): Promise<Uint8Array | null> {
    for (const { packs } of this._sources) {
      const object = await packs.readKnown(oid, open).catch(() => null);
      if (object?.type === 'blob' && this.hash('blob', object.content) === oid) {
        return object.content;
      }
    }
    return null;
  }

  async readCommit(oid: ObjectId): Promise<Commit> {
    let commit = this._commits.get(oid);
    if (!commit) {
      commit = decodeCommit(oid, await this.readTyped(oid, 'commit'));
      this._commits.set(oid, commit);
    }
    return commit;
  }

  async readTree(oid: ObjectId): Promise<readonly TreeItem[]> {
    let tree = this._trees.get(oid);
    if (!tree) {
      tree = decodeTree(oid, await this.readTyped(oid, 'tree'));
      this._trees.set(oid, tree);
    }
    return tree;
  }

  /** Follow annotated tags to what they name. */
  async peel(oid: ObjectId): Promise<{ readonly oid: ObjectId; readonly type: ObjectType }> {
    let at = oid;
    for (let depth = 0; depth < 32; depth += 1) {
      const object = await this.read(at);
      if (object.type !== 'tag') {
        return { oid: at, type: object.type };
      }
      at = decodeTagTarget(at, object.content);
    }
    throw corruptObject(oid, 'it is a tag of a tag of a tag without end');
  }

  /** Ids that begin with `prefix` (at least 4 hexadecimal digits). */
  async expand(prefix: string): Promise<readonly ObjectId[]> {
    const found = await Promise.all(
      this._sources.flatMap(source => [this._expandLoose(source.directory, prefix), source.packs.expand(prefix)])
    );
    return [...new Set(found.flat())].sort();
  }

  hash(type: ObjectType, content: Uint8Array): ObjectId {
    const header = Buffer.from(`${type} ${content.length}\0`);
    return content.length <= AT_ONCE ? digest('sha1', Buffer.concat([header, content])) : sha1(header, content);
  }

  /** Objects to be written together, which costs little more than writing one. */
  beginBatch(): ObjectBatch {
    const lookup = { hash: this.hash.bind(this), isWhole: this._wholeObjects() };
    return new ObjectBatch(lookup, this._files, (this._sources[0] as { directory: string }).directory);
  }

  /** Store an object; it is on the device on return. */
  async write(type: ObjectType, content: Uint8Array): Promise<ObjectId> {
    const batch = this.beginBatch();
    const oid = await batch.write(type, content);
    await batch.commit();
    return oid;
  }

  /** Store an object that another git directory has, unless a good copy is here. False when it has none either. */
  async take(oid: ObjectId, gitDir: string): Promise<boolean> {
    const object = await (await ObjectDatabase.open(this._files, gitDir)).read(oid).catch(() => null);
    return object !== null && (await this.write(object.type, object.content)) === oid;
  }

  /**
   * Says of an object whether a good copy exists; one that is damaged counts as absent, so that writing heals it. For
   * many: each folder is listed once, and what comes later is written once more, which does no harm.
   */
  private _wholeObjects(): (oid: ObjectId) => Promise<boolean> {
    const listed = new Map<string, Promise<ReadonlySet<ObjectId>>>();
    const isLoose = async (directory: string, oid: ObjectId): Promise<boolean> => {
      const path = `${directory}/${oid.slice(0, 2)}`;
      const folder = listed.get(path) ?? this._expandLoose(directory, oid.slice(0, 2)).then(oids => new Set(oids));
      listed.set(path, folder);
      return (await folder).has(oid);
    };
    let packs: Promise<unknown> | null = null;
    const isSomewhere = async (oid: ObjectId): Promise<boolean> => {
      if (oid === emptyTree) {
        return true;
      }
      await (packs ??= Promise.all(this._sources.map(source => source.packs.refresh())));
      for (const source of this._sources) {
        if (source.packs.knows(oid) || (await isLoose(source.directory, oid))) {
          return true;
        }
      }
      return false;
    };
    return async oid => {
      try {
        return (await isSomewhere(oid)) && (await this._find(oid)) !== null;
      } catch {
        return false;
      }
    };
  }

  private async _find(oid: ObjectId): Promise<GitObject | null> {
    if (!isObjectId(oid)) {
      throw new BranchbookError('REVISION_UNKNOWN', `${JSON.stringify(oid)} is not an object id.`, { revision: oid });
    }
    if (oid === emptyTree) {
      return { type: 'tree', content: new Uint8Array() };
    }
    let damage: unknown = null;
    for (const source of this._sources) {
      const loose = (): Promise<GitObject | null> => this._findLoose(source.directory, oid);
      const packed = (): Promise<GitObject | null> => this._findPacked(source.packs, oid);
      // What is not packed as far as we know is more likely loose than in a new pack.
      for (const find of source.packs.knows(oid) ? [packed, loose] : [loose, packed]) {
        try {
          const object = await find();
          if (object) {
            return object;
          }
        } catch (error) {
          // Another copy may be good; the failure is told when there is none.
          damage ??= error;
        }
      }
    }
    if (damage) {
      throw damage;
    }
    return null;
  }

  private async _expandLoose(directory: string, prefix: string): Promise<readonly ObjectId[]> {
    const folder = prefix.slice(0, 2);
    const names = await listNames(this._files, `${directory}/${folder}`);
    return names.map(name => `${folder}${name}`).filter(oid => isObjectId(oid) && oid.startsWith(prefix));
  }

  private async _findLoose(directory: string, oid: ObjectId): Promise<GitObject | null> {
    const path = loosePath(directory, oid);
    // Looking is cheaper than failing to read: most objects asked for are packed, or not there yet.
    const bytes = (await this._files.lstat(path)) && (await this._files.readFile(path));
    if (!bytes) {
      return null;
    }
    let wrapped: Buffer;
    try {
      wrapped = await decompressAll(bytes, MAX_OBJECT_BYTES);
    } catch (error) {
      throw corruptObject(oid, error instanceof Error ? error.message : String(error));
    }
    if (sha1(wrapped) !== oid) {
      throw corruptObject(oid, 'its content does not match its id');
    }
    const end = wrapped.indexOf(0);
    const type = wrapped.toString('latin1', 0, wrapped.indexOf(0x20)) as ObjectType;
    return { type, content: wrapped.subarray(end + 1) };
  }

  private async _findPacked(packs: PackReader, oid: ObjectId): Promise<GitObject | null> {
    let object: GitObject | null;
    try {
      object = await packs.read(oid);
    } catch (error) {
      throw corruptObject(oid, error instanceof Error ? error.message : String(error));
    }
    if (object && this.hash(object.type, object.content) !== oid) {
      throw corruptObject(oid, 'its content does not match its id');
    }
    return object && { type: object.type, content: asBuffer(object.content) };
  }
}
