import { git as run, output } from '../measure.mjs';
import { gitBase } from './git.mjs';
import { definePeer } from './peer.mjs';

const patterns = ['*.bin', '*.csv', '*.parquet', '*.safetensors', 'data/**'];

export const gitLfs = definePeer({
  ...gitBase,
  name: 'git-lfs',
  usage: '`git lfs track`, `git add` + `git commit`; `git switch`; does not flush what it stores',
  version: () => output('git-lfs', ['version']).trim(),
  prepare: project => {
    gitBase.prepare(project);
    run(project, 'lfs', 'install', '--local');
    run(project, 'lfs', 'track', ...patterns);
  }
});
