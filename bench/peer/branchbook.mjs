import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../../scripts/run.mjs';
import { startCore } from '../core-process.mjs';
import { branchbook as command, bytesBelow, git, memory } from '../measure.mjs';
import { definePeer } from './peer.mjs';

let core = null;
const aside = ['materialized', 'cache'];

export const branchbook = {
  ...definePeer({
    name: 'Branchbook',
    usage: 'operations of a running core, as JupyterLab and notebooks use it; everything flushed before it answers',
    version: () => JSON.parse(readFileSync(at('package.json'), 'utf8')).version,
    start: async folder => void (core = await startCore(folder)),
    stop: async () => {
      await core?.stop();
      core = null;
    },
    prepare: project => {
      git(project, 'init', '-q', '-b', 'main');
      command(project, 'init');
    },
    add: (project, _paths, message) => core.operation('snapshot', project, { message }),
    branch: (project, name) => core.operation('branch', project, { action: 'create', name, switch: true }),
    switchTo: (project, branch) => core.operation('switch', project, { branch }),
    // Files that a switch put aside are work-tree files of other branches, not history.
    bytesStored: project =>
      bytesBelow(join(project, '.git'), path => aside.some(name => path.endsWith(`/branchbook/${name}`)))
  }),
  /** Peak resident memory of the running core, MiB. */
  peak: () => memory(core.pid).peak,
  /** Upkeep, without waiting until things are old. */
  collect: project => core.operation('gc', project, { grace: '0d' })
};
