// 1 MiB in the middle of 1 GiB changes.
import { join } from 'node:path';
import { GiB, inTurns, MiB, time } from '../measure.mjs';
import { overwrite, writeRandomFile } from '../data.mjs';
import { atMost, fasterThan, rowOf, timesAs } from '../row.mjs';
import { addTime, bring, newProject } from './project.mjs';

const rivals = ['git-lfs', 'DVC'];
const names = ['Branchbook', ...rivals, 'Oxen', 'restic'];

/** The time to read a file once, as a peer. */
const reading = {
  name: 'reading the file',
  prepare() {},
  add: (project, [path]) => time('dd', [`if=${join(project, path)}`, 'of=/dev/null', 'bs=1M', 'status=none'], project),
  bytesStored: () => 0
};

export async function edit({ folder, runs, scale, present }) {
  const bytes = GiB * scale;
  const source = join(folder, 'big.bin');
  writeRandomFile(source, bytes, 'edit');
  const peers = [...present(...names), reading];
  const projects = new Map();
  for (const peer of peers) {
    const project = await newProject(peer, folder);
    const path = bring(project, source);
    await peer.add(project, [path], 'first');
    projects.set(peer, { project, path, stored: {} });
  }
  const grown = Object.fromEntries(peers.map(peer => [peer.name, []]));
  const figures = await inTurns(peers, runs, async (peer, run) => {
    const { project, path } = projects.get(peer);
    const before = peer.bytesStored(project);
    // Each time another MiB, close to the middle.
    overwrite(join(project, path), Math.floor(bytes / 2) + 2 * run * MiB, MiB, `edit ${run}`);
    const milliseconds = await addTime(peer, project, [path], `edit ${run}`);
    grown[peer.name].push(peer.bytesStored(project) - before);
    return milliseconds;
  });
  const stored = Object.fromEntries(
    peers.filter(peer => peer !== reading).map(({ name }) => [name, { median: Math.max(...grown[name]), runs }])
  );
  return [
    rowOf('next snapshot after a 1 MiB edit in the middle of 1 GiB', figures, {
      all: [...names, reading.name],
      must: fasterThan(figures, rivals),
      aim: timesAs(figures, reading.name, 1.2)
    }),
    rowOf('new bytes that snapshot stored', stored, {
      unit: 'bytes',
      all: names,
      must: atMost(2 * MiB),
      note: 'the most of all runs; shards and git objects count'
    })
  ];
}
