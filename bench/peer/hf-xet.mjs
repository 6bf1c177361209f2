import { join } from 'node:path';
import { startPython } from '../python-process.mjs';
import { python } from '../tools.mjs';
import { definePeer } from './peer.mjs';

let process = null;

export const hfXet = definePeer({
  name: 'hf-xet',
  usage: '`hash_files` in a running Python: chunking and hashing only, nothing is stored',
  version: () => process.call('version'),
  start: () => void (process = startPython(python, 'xet_calls.py')),
  stop: () => process?.stop(),
  add: (project, paths) =>
    process.call(
      'hash_files',
      paths.map(path => join(project, path))
    )
});
