/** Reading, comparing and building trees. Equal ids are never descended into. */
import type { FileMode, ObjectId, TreeChange, TreeEntry, TreeItem } from '../../core/model/git';
import { checkPath, isWithin } from '../../core/model/path';
import type { NewTreeEntry } from '../../core/port';
import { compareBytes } from './bytes';
import type { ObjectBatch } from './object-batch';
import { encodeTree } from './object-codec';
import type { ObjectDatabase } from './objects';

type NewEntry = NewTreeEntry | null;
/** What becomes of a path, and changes further down by name: for most paths there are none. */
type ChangeNode = { entry?: NewEntry; below?: Map<string, ChangeNode> };

/** True when `path` is in or above one of the folders, that is, worth descending into. */
function isRelevant(path: string, under: readonly string[] | undefined): boolean {
  return !under || under.some(folder => isWithin(path, folder) || isWithin(folder, path));
}

function toEntry(path: string, item: TreeItem | undefined): TreeEntry | null {
  return item && item.mode !== '40000' ? { path, mode: item.mode, oid: item.oid } : null;
}

type Items = ReadonlyMap<string, TreeItem>;

const byName = (items: readonly TreeItem[]): Items => new Map(items.map(item => [item.name, item]));

function isSameItem(a: TreeItem | undefined, b: TreeItem | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode && a?.name === b?.name;
}

/** Without what both trees begin and end with: mostly all but a few items. */
function differing(a: readonly TreeItem[], b: readonly TreeItem[]): readonly (readonly TreeItem[])[] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && isSameItem(a[start], b[start])) {
    start += 1;
  }
  let end = 0;
  while (end < shorter - start && isSameItem(a[a.length - 1 - end], b[b.length - 1 - end])) {
    end += 1;
  }
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** Every file that differs, by path. `under` limits to these paths and what is below them. */
export async function diffTrees(
  objects: ObjectDatabase,
  from: ObjectId | null,
  to: ObjectId | null,
  under?: readonly string[]
): Promise<readonly TreeChange[]> {
  const changes: TreeChange[] = [];
  const read = async (oid: ObjectId | null): Promise<readonly TreeItem[]> => (oid ? objects.readTree(oid) : []);
  const visit = async (left: ObjectId | null, right: ObjectId | null, prefix: string): Promise<void> => {
    const [before, after] = differing(await read(left), await read(right)).map(byName) as [Items, Items];
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const path = `${prefix}${name}`;
      const a = before.get(name);
      const b = after.get(name);
      if ((a?.oid === b?.oid && a?.mode === b?.mode) || !isRelevant(path, under)) {
        continue;
      }
      const change = { path, from: toEntry(path, a), to: toEntry(path, b) };
      if ((change.from || change.to) && (!under || under.some(folder => isWithin(path, folder)))) {
        changes.push(change);
      }
      const folders = [a, b].map(item => (item?.mode === '40000' ? item.oid : null));
      if (folders[0] || folders[1]) {
        await visit(folders[0] as ObjectId | null, folders[1] as ObjectId | null, `${path}/`);
      }
    }
  };
  if (from !== to) {
    await visit(from, to, '');
  }
  return changes.sort((a, b) => compareBytes(a.path, b.path));
}

/** Item at a path: a file or a folder. */
export async function itemAt(objects: ObjectDatabase, tree: ObjectId, path: string): Promise<TreeItem | null> {
  let item: TreeItem | null = { name: '', mode: '40000', oid: tree };
  for (const part of path.split('/')) {
    const items: readonly TreeItem[] = item.mode === '40000' ? await objects.readTree(item.oid) : [];
    item = items.find(each => each.name === part) ?? null;
    if (!item) {
      return null;
    }
  }
  return item;
}

export async function listTree(objects: ObjectDatabase, tree: ObjectId, under = ''): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const visit = async (oid: ObjectId, prefix: string): Promise<void> => {
    for (const item of await objects.readTree(oid)) {
      const path = `${prefix}${item.name}`;
      if (item.mode === '40000') {
        await visit(item.oid, `${path}/`);
      } else {
        entries.push({ path, mode: item.mode, oid: item.oid });
      }
    }
  };
  const start: TreeItem | null =
    under === '' ? { name: '', mode: '40000', oid: tree } : await itemAt(objects, tree, under);
  if (start?.mode === '40000') {
    await visit(start.oid, under === '' ? '' : `${under}/`);
  } else if (start) {
    entries.push({ path: under, mode: start.mode as FileMode, oid: start.oid });
  }
  return entries.sort((a, b) => compareBytes(a.path, b.path));
}

function toChangeTree(changes: ReadonlyMap<string, NewEntry>): ChangeNode {
  const root: ChangeNode = {};
  for (const [path, entry] of changes) {
    checkPath(path);
    let node = root;
    for (const part of path.split('/')) {
      const below = (node.below ??= new Map<string, ChangeNode>());
      const next = below.get(part) ?? {};
      below.set(part, next);
      node = next;
    }
    node.entry = entry;
  }
  return root;
}

/** Write the trees of `base` with `changes` applied. Folders that become empty vanish; a new file replaces a folder. */
export async function writeTree(
  objects: ObjectDatabase,
  base: ObjectId | null,
  changes: ReadonlyMap<string, NewEntry>
): Promise<ObjectId> {
  const batch = objects.beginBatch();
  const root = await applyChanges(objects, batch, base, changes);
  await batch.commit();
  return root;
}

/** The same into a batch that others use too. */
export async function applyChanges(
  objects: ObjectDatabase,
  batch: ObjectBatch,
  base: ObjectId | null,
  changes: ReadonlyMap<string, NewEntry>
): Promise<ObjectId> {
  const visit = async (old: ObjectId | null, node: ChangeNode): Promise<ObjectId | null> => {
    const items = new Map((old ? await objects.readTree(old) : []).map(item => [item.name, item]));
    for (const [name, change] of node.below ?? []) {
      const before = items.get(name);
      if (change.entry) {
        items.set(name, { name, ...change.entry });
        continue;
      }
      const folder = before?.mode === '40000' ? before.oid : null;
      const wrote = change.below ? await visit(folder, change) : null;
      if (wrote) {
        items.set(name, { name, mode: '40000', oid: wrote });
      } else if (before && (change.entry === null || folder)) {
        items.delete(name);
      }
    }
    return items.size > 0 ? batch.write('tree', encodeTree([...items.values()])) : null;
  };
  return (await visit(base, toChangeTree(changes))) ?? batch.write('tree', new Uint8Array());
}
