import { join } from 'node:path';
import { bytesBelow, git as run, output } from '../measure.mjs';
import { definePeer } from './peer.mjs';

export const commit = (project, message) => {
  run(project, 'add', '--all');
  run(project, 'commit', '--quiet', '--message', message);
};

/** What git and the programs on top of it have in common. */
export const gitBase = {
  prepare: project => run(project, 'init', '-q', '-b', 'main'),
  add: (project, _paths, message) => commit(project, message),
  branch: (project, name) => run(project, 'switch', '-q', '-c', name),
  switchTo: (project, name) => run(project, 'switch', '-q', name),
  bytesStored: project => bytesBelow(join(project, '.git'))
};

export const git = definePeer({
  ...gitBase,
  name: 'git',
  usage: '`git add` + `git commit`; `git switch`',
  version: () => output('git', ['--version']).trim().replace('git version ', '')
});
