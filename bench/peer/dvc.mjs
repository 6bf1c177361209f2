import { join } from 'node:path';
import { bytesBelow, output, time } from '../measure.mjs';
import { commit, gitBase } from './git.mjs';
import { definePeer } from './peer.mjs';

const run = (project, ...argv) => time('dvc', argv, project);

export const dvc = definePeer({
  ...gitBase,
  name: 'DVC',
  usage: '`dvc add` + `git commit`; `git switch` + `dvc checkout`; default links (a copy on ext4); does not flush',
  version: () => output('dvc', ['--version']).trim(),
  prepare: project => {
    gitBase.prepare(project);
    run(project, 'init', '--quiet');
    run(project, 'config', 'core.analytics', 'false');
    run(project, 'config', 'core.check_update', 'false');
    commit(project, 'DVC');
  },
  add: (project, paths, message) => {
    run(project, 'add', '--quiet', ...paths);
    commit(project, message);
  },
  switchTo: (project, name) => {
    gitBase.switchTo(project, name);
    run(project, 'checkout', '--quiet');
  },
  bytesStored: project => bytesBelow(join(project, '.git')) + bytesBelow(join(project, '.dvc'))
});
