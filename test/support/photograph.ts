import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { git } from './program';

/** What a user can lose: every file of the work tree, and of git its HEAD, refs, settings and what is staged. */
export function photograph(project: string): { readonly [name: string]: string } {
  const picture: { [name: string]: string } = {};
  for (const name of readdirSync(project, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name !== '.git' && !name.startsWith('.git/')) {
      picture[name] = describe(join(project, name));
    }
  }
  if (existsSync(join(project, '.git'))) {
    picture['git HEAD'] = readFileSync(join(project, '.git/HEAD'), 'utf8');
    picture['git refs'] = git(project, 'for-each-ref');
    picture['git config'] = git(project, 'config', '--local', '--list');
    picture['git index'] = git(project, 'ls-files', '--stage');
  }
  return picture;
}

function describe(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) {
    return `link to ${readlinkSync(path)}`;
  }
  if (stat.isDirectory()) {
    return 'folder';
  }
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  return `${stat.mode.toString(8)} ${digest}`;
}
