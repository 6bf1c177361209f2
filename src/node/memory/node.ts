/** What a file system in memory is made of. `durable` is what the device has; the rest would go with the power. */
export type Meta = { readonly ino: bigint; mode: number; mtimeNs: bigint; ctimeNs: bigint };
export type FileNode = Meta & { readonly kind: 'file'; bytes: Uint8Array; durable: Uint8Array };
export type DirectoryNode = Meta & {
  readonly kind: 'directory';
  entries: Map<string, Node>;
  durable: Map<string, Node>;
};
export type LinkNode = Meta & { readonly kind: 'symlink'; readonly target: string };
export type Node = FileNode | DirectoryNode | LinkNode;

/** One name of a directory that comes to mean `node`; undefined = the name goes. */
export type EntryChange = { readonly directory: DirectoryNode; readonly name: string; readonly node: Node | undefined };

/** What the device takes as a whole: one entry, or the two of a rename. */
export type PendingChange = readonly EntryChange[];

export function setEntry({ entries }: { readonly entries: Map<string, Node> }, name: string, node?: Node): void {
  if (node) {
    entries.set(name, node);
  } else {
    entries.delete(name);
  }
}

/**
 * The pending changes that flushing `directory` makes durable: those that touch it, and what came before them at the
 * same names.
 */
export function changesOf(pending: readonly PendingChange[], directory: DirectoryNode): ReadonlySet<PendingChange> {
  const forced = new Set<PendingChange>();
  const names = new Map<DirectoryNode, Set<string>>();
  for (const change of [...pending].reverse()) {
    const isForced = change.some(part => part.directory === directory || names.get(part.directory)?.has(part.name));
    if (isForced) {
      forced.add(change);
      for (const part of change) {
        names.set(part.directory, (names.get(part.directory) ?? new Set()).add(part.name));
      }
    }
  }
  return forced;
}

/** The device has the bytes of every file at and below `node`. */
export function flushFiles(node: Node): void {
  if (node.kind === 'file') {
    node.durable = node.bytes;
  } else if (node.kind === 'directory') {
    node.entries.forEach(flushFiles);
  }
}

/** An independent copy of a tree, with the changes that wait. Bytes are shared: they are never changed in place. */
export function copyTree(
  root: DirectoryNode,
  pending: readonly PendingChange[]
): { readonly root: DirectoryNode; readonly pending: PendingChange[] } {
  const copies = new Map<Node, Node>();
  const copyEntries = (entries: Map<string, Node>): Map<string, Node> =>
    new Map([...entries].map(([name, node]) => [name, copy(node)]));
  const copy = <T extends Node>(node: T): T => {
    let made = copies.get(node);
    if (!made) {
      made = { ...node };
      copies.set(node, made);
      if (made.kind === 'directory') {
        made.entries = copyEntries(made.entries);
        made.durable = copyEntries(made.durable);
      }
    }
    return made as T;
  };
  const copyChange = (change: PendingChange): PendingChange =>
    change.map(({ directory, name, node }) => ({ directory: copy(directory), name, node: node && copy(node) }));
  return { root: copy(root), pending: pending.map(copyChange) };
}
