import { join } from 'node:path';
import { bytesBelow } from '../measure.mjs';
import { startPython } from '../python-process.mjs';
import { python } from '../tools.mjs';
import { definePeer } from './peer.mjs';

let process = null;

export const oxen = definePeer({
  name: 'Oxen',
  usage: '`add` + `commit`, `checkout` of its Python package (it has no command line on PyPI), in a running Python',
  version: () => process.call('version'),
  start: () => void (process = startPython(python, 'oxen_calls.py')),
  stop: () => process?.stop(),
  prepare: project => process.call('prepare', project),
  add: (project, paths, message) => process.call('add', project, paths, message),
  branch: (project, name) => process.call('checkout', project, name, true),
  switchTo: (project, name) => process.call('checkout', project, name, false),
  bytesStored: project => bytesBelow(join(project, '.oxen'))
});
