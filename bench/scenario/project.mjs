// What the scenarios share: a fresh project of a peer that holds a copy of a file.
import { cpSync, copyFileSync, lstatSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { branchbook, remove, settle, timed } from '../measure.mjs';

/** An empty project of a peer; it replaces the one of that name. */
export async function newProject(peer, folder) {
  const project = join(folder, peer.name.replaceAll(/\W+/g, '-'));
  removeProject(project);
  mkdirSync(project, { recursive: true });
  await peer.prepare(project);
  return project;
}

/** An empty project of ours; it replaces the one of that name. */
export function newSharedProject(folder, name) {
  const project = join(folder, name);
  remove(project);
  mkdirSync(project);
  branchbook(project, 'init');
  return project;
}

/** With what peers keep beside it. */
export function removeProject(project) {
  for (const path of [project, `${project}.copy`, `${project}.restic`]) {
    remove(path);
  }
}

/** Copy a file or a folder into the project's `data/`. Returns its path in the project. */
export function bring(project, source) {
  const path = join('data', basename(source));
  const to = join(project, path);
  mkdirSync(dirname(to), { recursive: true });
  if (lstatSync(source).isDirectory()) {
    cpSync(source, to, { recursive: true });
  } else {
    copyFileSync(source, to);
  }
  return path;
}

/** Milliseconds to make these paths a version, once the disk is idle. */
export function addTime(peer, project, paths, message) {
  settle();
  return timed(() => peer.add(project, paths, message));
}
