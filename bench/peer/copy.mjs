// What the disk allows: a copy of the files, flushed. A "project" keeps its copies in `<project>.copy`.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesBelow, output, syncFile, time } from '../measure.mjs';
import { definePeer } from './peer.mjs';

const copies = project => `${project}.copy`;

function destination(project, path, message) {
  const to = join(copies(project), message, path);
  mkdirSync(dirname(to), { recursive: true });
  return to;
}

const version = name => () => output(name, ['--version']).split('\n')[0];

export const cp = definePeer({
  name: 'cp + fsync',
  version: version('cp'),
  add: (project, paths, message) => {
    for (const path of paths) {
      const to = destination(project, path, message);
      time('cp', ['--recursive', '--reflink=never', join(project, path), to], project);
      syncFile(to);
    }
  },
  bytesStored: project => bytesBelow(copies(project))
});

export const dd = definePeer({
  name: 'dd + fsync',
  version: version('dd'),
  add: (project, paths, message) => {
    for (const path of paths) {
      const to = destination(project, path, message);
      time('dd', [`if=${join(project, path)}`, `of=${to}`, 'bs=1M', 'conv=fsync', 'status=none'], project);
    }
  },
  bytesStored: project => bytesBelow(copies(project))
});
