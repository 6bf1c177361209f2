/** A service that stores objects in memory, for tests. */
import type { BucketObject, IBucket, PutCondition } from '../../core/port';
import { compareKeys } from '../bucket/key';
import { ObjectBucket } from '../bucket/object-bucket';
import type { ObjectTools } from '../bucket/object-bucket';
import { isServiceFailure, ServiceFailure } from '../bucket/object-service';
import type { IObjectService, IUpload, MarkedObject, OpenObject, Page, Write } from '../bucket/object-service';
import { single } from '../bucket/pieces';
import { clock, random } from '../process/time';

type Entry = { readonly object: MarkedObject; readonly bytes: Uint8Array };

/** Bytes of a part, and entries of a page: small, so that tests have several. */
const PART = 64 * 1024;
const PAGE = 10;

export class MemoryService implements IObjectService {
  readonly name = 'memory://test';
  private readonly _entries = new Map<string, Entry>();
  private _writes = 0;

  partSize(): number {
    return PART;
  }

  async head(key: string): Promise<MarkedObject | null> {
    return this._entries.get(key)?.object ?? null;
  }

  async read(key: string, range: { readonly start: number; readonly end: number } | null): Promise<OpenObject | null> {
    const entry = this._entries.get(key);
    return entry
      ? { object: entry.object, pieces: single(entry.bytes.slice(range?.start ?? 0, range?.end ?? Infinity)) }
      : null;
  }

  async put(key: string, bytes: Uint8Array, { condition, mark }: Write): Promise<BucketObject> {
    this._compare(key, condition);
    this._writes += 1;
    const object = { key, size: bytes.length, etag: `"${this._writes}"`, modified: Date.now(), mark };
    this._entries.set(key, { object, bytes: bytes.slice() });
    return object;
  }

  async upload(key: string, _size: number, write: Write): Promise<IUpload> {
    const parts: Uint8Array[] = [];
    return {
      part: async (number, bytes) => void (parts[number - 1] = bytes.slice()),
      commit: () => this.put(key, Buffer.concat(parts), write),
      abort: async () => void parts.splice(0)
    };
  }

  async delete(key: string, condition: PutCondition | undefined): Promise<void> {
    this._compare(key, condition);
    this._entries.delete(key);
  }

  async page(prefix: string, folders: boolean, after: string | null): Promise<Page> {
    const keys = [...this._entries.keys()].filter(key => key.startsWith(prefix)).sort(compareKeys);
    if (folders) {
      const deeper = keys.filter(key => key.includes('/', prefix.length));
      const found = deeper.map(key => key.slice(0, key.indexOf('/', prefix.length) + 1));
      return { objects: [], folders: [...new Set(found)], next: null };
    }
    const left = keys.filter(key => after === null || compareKeys(key, after) > 0);
    const page = left.slice(0, PAGE);
    return {
      objects: page.map(key => this._entries.get(key)!.object),
      folders: [],
      next: left.length > PAGE ? page.at(-1)! : null
    };
  }

  failureOf(error: unknown): ServiceFailure {
    return isServiceFailure(error) ? error : new ServiceFailure('other', String(error));
  }

  async close(): Promise<void> {
    // Nothing is held.
  }

  private _compare(key: string, condition: PutCondition | undefined): void {
    const etag = this._entries.get(key)?.object.etag;
    const holds = condition === undefined || (condition === 'absent' ? etag === undefined : etag === condition.etag);
    if (!holds) {
      throw new ServiceFailure('condition', 'memory says so');
    }
  }
}

/** An empty bucket in memory. */
export function createMemoryBucket(tools: ObjectTools = { clock, random }): IBucket {
  return new ObjectBucket(new MemoryService(), tools);
}
