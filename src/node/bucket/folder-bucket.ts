/** A bucket in a folder: objects are files. */
import { throwIfCancelled } from '../../core/cancel';
import { hasCode } from '../../core/error';
import type { Activity, BucketObject, IBucket, IFileHandle, IFileSystem, PutCondition } from '../../core/port';
import { FolderTree } from './folder-tree';
import { describe, FolderWriter } from './folder-writer';
import type { FolderTools } from './folder-writer';
import { forGroup } from './group-files';
import { checkKey, checkPrefix, joinPrefix } from './key';
import { checked, single } from './pieces';

/** Bytes read at a time: they are still in the processor's cache when they are sent on. */
const BLOCK = 256 * 1024;

type Range = { readonly start: number; readonly end: number };

/**
 * Bytes `[start, end)`, as far as there are any, of a file that is opened when the first are wanted. In one piece of memory
 * again and again: new memory for each has a hub with much to send collect garbage half of the time.
 */
async function* blocks(files: IFileSystem, path: string, range: Range, activity: Activity): AsyncGenerator<Uint8Array> {
  const handle = await files.open(path, 'read');
  try {
    // Not cleared before: only what was read into it is given out.
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, Math.max(0, range.end - range.start)));
    for (let at = range.start; at < range.end;) {
      throwIfCancelled(activity);
      const count = await handle.read(block.subarray(0, range.end - at), at);
      if (count === 0) {
        return;
      }
      yield block.subarray(0, count);
      at += count;
    }
  } finally {
    await handle.close();
  }
}

export class FolderBucket implements IBucket {
  readonly name: string;
  private readonly _tree: FolderTree;
  private readonly _writer: FolderWriter;

  private constructor(
    private readonly _tools: FolderTools,
    root: string,
    prefix: string
  ) {
    this.name = `${root}/${prefix}`.replace(/(?<=.)\/+$/, '');
    this._tree = new FolderTree(_tools.files, root, prefix);
    this._writer = new FolderWriter(_tools, this._tree, this.name);
  }

  /** `root`: absolute path of a folder. It is not made: what is not there may be not mounted. */
  static open(tools: FolderTools, root: string): IBucket {
    return new FolderBucket({ ...tools, files: forGroup(tools.files) }, root.replace(/\/+$/, ''), '');
  }

  below(prefix: string): IBucket {
    const { root, prefix: outer } = this._tree;
    return new FolderBucket(this._tools, root, joinPrefix(outer, prefix));
  }

  async head(key: string): Promise<BucketObject | null> {
    const stat = await this._tree.stat(key);
    return stat && describe(key, stat);
  }

  async read(
    key: string,
    start = 0,
    end = Infinity,
    activity: Activity = {}
  ): Promise<AsyncIterable<Uint8Array> | null> {
    const { files } = this._tree;
    return (await this._tree.stat(key)) && blocks(files, this._tree.pathOf(key), { start, end }, activity);
  }

  async get(key: string): Promise<{ readonly object: BucketObject; readonly bytes: Uint8Array } | null> {
    if (!(await this._tree.stat(key))) {
      return null;
    }
    const { files } = this._tree;
    const handle = await files.open(this._tree.pathOf(key), 'read').catch((error: unknown) => {
      if (hasCode(error, 'PATH_UNKNOWN')) {
        return null;
      }
      throw error;
    });
    return handle && this._whole(key, handle);
  }

  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<BucketObject> {
    return this._writer.write(checkKey(key), single(bytes), condition);
  }

  putStream(
    key: string,
    size: number,
    pieces: AsyncIterable<Uint8Array>,
    condition?: PutCondition,
    activity: Activity = {}
  ): Promise<BucketObject> {
    return this._writer.write(checkKey(key), checked(key, size, pieces, activity), condition);
  }

  delete(key: string, condition?: Exclude<PutCondition, 'absent'>): Promise<boolean> {
    return this._writer.delete(checkKey(key), condition);
  }

  async *list(prefix: string): AsyncGenerator<BucketObject> {
    yield* this._walk(checkPrefix(prefix).slice(0, prefix.lastIndexOf('/') + 1), prefix);
  }

  async *folders(folder: string): AsyncGenerator<string> {
    for (const { name, kind } of await this._tree.entries(joinPrefix('', folder))) {
      if (kind === 'directory') {
        yield name;
      }
    }
  }

  async close(): Promise<void> {
    // Nothing is held between calls.
  }

  private async *_walk(folder: string, prefix: string): AsyncGenerator<BucketObject> {
    for (const { name, kind } of await this._tree.entries(folder)) {
      const key = `${folder}${name}`;
      if (kind === 'directory' && (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`))) {
        yield* this._walk(`${key}/`, prefix);
      } else if (kind === 'file' && key.startsWith(prefix)) {
        const object = await this.head(key);
        if (object) {
          yield object;
        }
      }
    }
  }

  private async _whole(
    key: string,
    handle: IFileHandle
  ): Promise<{ readonly object: BucketObject; readonly bytes: Uint8Array }> {
    try {
      const stat = await handle.stat();
      const bytes = new Uint8Array(stat.size);
      await handle.read(bytes, 0);
      return { object: describe(key, stat), bytes };
    } finally {
      await handle.close();
    }
  }
}
