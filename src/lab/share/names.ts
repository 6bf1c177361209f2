import type { IProjectModel } from '../tokens';

/** `main-anna`, or `main-anna-2` when there is one. */
export function nameForFork({ status, sharing, branches }: IProjectModel): string {
  const who = (sharing.check?.identity?.user ?? 'mine').replace(/[^\w.-]+/g, '-');
  const wanted = `${status?.branch ?? 'branch'}-${who}`;
  const taken = new Set(branches.map(({ name }) => name));
  for (let number = 2, name = wanted; ; number += 1) {
    if (!taken.has(name)) {
      return name;
    }
    name = `${wanted}-${number}`;
  }
}

/** The folder's name, made into one that a project may have. */
export function projectNameOf(root: string): string {
  const folder = root.replace(/\\/g, '/').split('/').filter(Boolean).pop() ?? '';
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^a-z0-9]+|(\.git)?[^a-z0-9]*$/g, '');
  return name.slice(0, 100) || 'project';
}
