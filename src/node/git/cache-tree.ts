/**
 * The index extension TREE: which folder of the index equals which tree object. With it, "does the index equal HEAD?"
 * is one comparison. Format: Documentation/gitformat-index.adoc, "Cache tree".
 */
import type { FileMode, ObjectId, TreeItem } from '../../core/model/git';
import { compareBytes, decodeText } from './bytes';

export type CacheTree = {
  /** Files below; -1 when the folder changed since. */
  count: number;
  /** '' while `count` is -1. */
  oid: ObjectId;
  readonly folders: Map<string, CacheTree>;
};

export function decodeCacheTree(bytes: Buffer): CacheTree | null {
  let at = 0;
  const next = (): { readonly name: string; readonly node: CacheTree } => {
    const nameEnd = bytes.indexOf(0, at);
    const lineEnd = bytes.indexOf(0x0a, nameEnd);
    const [count = -1, children = 0] = bytes
      .toString('latin1', nameEnd + 1, lineEnd)
      .split(' ')
      .map(Number);
    const name = decodeText(bytes.subarray(at, nameEnd));
    at = lineEnd + 1;
    const oid = count >= 0 ? bytes.toString('hex', at, at + 20) : '';
    at += count >= 0 ? 20 : 0;
    const folders = new Map<string, CacheTree>();
    for (let left = children; left > 0 && at < bytes.length; left -= 1) {
      const child = next();
      folders.set(child.name, child.node);
    }
    return { name, node: { count, oid, folders } };
  };
  return bytes.length > 0 ? next().node : null;
}

/** The extension with its header. */
export function encodeCacheTree(root: CacheTree): Buffer {
  const parts: Buffer[] = [];
  const visit = (name: string, node: CacheTree): void => {
    parts.push(Buffer.from(`${name}\0${node.count} ${node.folders.size}\n`));
    if (node.count >= 0) {
      parts.push(Buffer.from(node.oid, 'hex'));
    }
    // git orders folders by length, then bytes.
    const children = [...node.folders].sort(
      ([a], [b]) => Buffer.byteLength(a) - Buffer.byteLength(b) || compareBytes(a, b)
    );
    children.forEach(([child, below]) => visit(child, below));
  };
  visit('', root);
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.write('TREE', 0, 'latin1');
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

/** A copy that can be changed. */
export function copyCacheTree({ count, oid, folders }: CacheTree): CacheTree {
  return { count, oid, folders: new Map([...folders].map(([name, below]) => [name, copyCacheTree(below)])) };
}

/** Mark every folder above `path` as changed. */
export function invalidatePath(root: CacheTree, path: string): void {
  const parts = path.split('/');
  let node: CacheTree | undefined = root;
  for (let depth = 0; node; depth += 1) {
    node.count = -1;
    node.oid = '';
    node = depth < parts.length - 1 ? node.folders.get(parts[depth] as string) : undefined;
  }
  // A file where a folder was.
  let parent: CacheTree | undefined = root;
  parts.slice(0, -1).forEach(part => {
    parent = parent?.folders.get(part);
  });
  parent?.folders.delete(parts[parts.length - 1] as string);
}

/** The entries of an index by position. */
type Indexed = {
  readonly paths: readonly string[];
  isEntry(position: number, mode: FileMode, oid: ObjectId): boolean;
};

/**
 * The cache tree of an index that may equal the tree `oid`. Folders known from `old` are not read again. A folder whose
 * entries differ from its tree stays unknown, and so do those above it.
 */
export async function buildCacheTree(
  oid: ObjectId,
  index: Indexed,
  old: CacheTree | null,
  readTree: (oid: ObjectId) => Promise<readonly TreeItem[]>
): Promise<CacheTree> {
  let at = 0;
  /** Consumes the entries of the folder `prefix` as long as they equal the tree. */
  const visit = async (tree: ObjectId, prefix: string, known: CacheTree | null | undefined): Promise<CacheTree> => {
    if (known && known.count >= 0 && known.oid === tree) {
      at += known.count;
      return known;
    }
    const start = at;
    const folders = new Map<string, CacheTree>();
    const different: CacheTree = { count: -1, oid: '', folders };
    for (const { name, mode, oid: itemOid } of await readTree(tree)) {
      const path = `${prefix}${name}`;
      if (mode !== '40000') {
        if (index.paths[at] !== path || !index.isEntry(at, mode, itemOid)) {
          return different;
        }
        at += 1;
        continue;
      }
      if (!index.paths[at]?.startsWith(`${path}/`)) {
        return different;
      }
      const node = await visit(itemOid, `${path}/`, known?.folders.get(name));
      folders.set(name, node);
      if (node.count < 0) {
        return different;
      }
    }
    const complete = !index.paths[at]?.startsWith(prefix);
    return complete ? { count: at - start, oid: tree, folders } : different;
  };
  return visit(oid, '', old);
}
