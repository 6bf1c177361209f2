/** Where paths lead in a file system in memory. Nothing is thrown: most that is asked for is not there. */
import type { DirectoryNode, LinkNode, Node } from './node';

const MAX_LINKS = 40;

export type Place = { readonly parent: DirectoryNode; readonly name: string; readonly node: Node | undefined };
/** Why a path leads nowhere. */
export type DeadEnd = 'ENOENT' | 'ENOTDIR' | 'ELOOP';

/** Where the path leads; symbolic links in all parts but the last are followed. */
export function locate(root: DirectoryNode, path: string, links = 0): Place | DeadEnd {
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  const name = parts.pop();
  if (name === undefined) {
    return { parent: root, name: '', node: root };
  }
  let parent = root;
  for (const [i, part] of parts.entries()) {
    const entry = parent.entries.get(part);
    const isLink = entry?.kind === 'symlink';
    const child = isLink ? behind(root, entry, `/${parts.slice(0, i + 1).join('/')}`, links) : entry;
    if (typeof child === 'string') {
      return child;
    }
    if (child?.kind !== 'directory') {
      return child ? 'ENOTDIR' : 'ENOENT';
    }
    parent = child;
  }
  return { parent, name, node: parent.entries.get(name) };
}

/** What the link at `path` leads to in the end. */
export function behind(root: DirectoryNode, link: LinkNode, path: string, links = 0): Node | undefined | DeadEnd {
  if (links >= MAX_LINKS) {
    return 'ELOOP';
  }
  const target = link.target.startsWith('/') ? link.target : `${path.slice(0, path.lastIndexOf('/'))}/${link.target}`;
  const place = locate(root, target, links + 1);
  const node = typeof place === 'string' ? place : place.node;
  return typeof node === 'object' && node.kind === 'symlink' ? behind(root, node, target, links + 1) : node;
}
