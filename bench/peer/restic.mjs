import { bytesBelow, output, time } from '../measure.mjs';
import { definePeer } from './peer.mjs';

const repository = project => `${project}.restic`;
const run = (project, ...argv) => time('restic', ['--quiet', '--repo', repository(project), ...argv], project);

export const restic = definePeer({
  name: 'restic',
  usage: '`restic backup` of the same paths; `restic restore`; compresses and encrypts',
  version: () => output('restic', ['version']).trim().split(' ').slice(0, 2).join(' '),
  prepare: project => run(project, 'init', '--repository-version', '2'),
  add: (project, paths, message) => run(project, 'backup', '--tag', message, ...paths),
  /** Its only way back: all files anew. */
  restore: (project, target) => run(project, 'restore', 'latest', '--target', target),
  bytesStored: project => bytesBelow(repository(project))
});
