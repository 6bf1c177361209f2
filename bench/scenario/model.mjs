// A model of 2 GiB in safetensors, of which one layer of 32 is fine-tuned.
import { join } from 'node:path';
import { GiB, inTurns } from '../measure.mjs';
import { fineTune, writeSafetensors } from '../data.mjs';
import { atMost, fasterThan, rowOf } from '../row.mjs';
import { addTime, bring, newProject } from './project.mjs';

const rivals = ['git-lfs', 'DVC'];
const names = ['Branchbook', ...rivals, 'Oxen', 'restic'];
const RUNS = 3;

export async function model({ folder, scale, present }) {
  const source = join(folder, 'model.safetensors');
  const layout = writeSafetensors(source, 2 * GiB * scale, 'model');
  const projects = new Map();
  const peers = present(...names);
  for (const peer of peers) {
    const project = await newProject(peer, folder);
    const path = bring(project, source);
    await peer.add(project, [path], 'base');
    projects.set(peer, { project, path });
  }
  const grown = {};
  const figures = await inTurns(peers, RUNS, async (peer, run) => {
    const { project, path } = projects.get(peer);
    const before = peer.bytesStored(project);
    fineTune(join(project, path), layout, 7 + run, `tuned ${run}`);
    const milliseconds = await addTime(peer, project, [path], `tuned ${run}`);
    grown[peer.name] = { median: peer.bytesStored(project) - before, runs: RUNS };
    return milliseconds;
  });
  return [
    rowOf('snapshot of a 2 GiB model (safetensors), one layer of 32 fine-tuned', figures, {
      all: names,
      must: fasterThan(figures, rivals)
    }),
    rowOf('new bytes that snapshot stored', grown, {
      unit: 'bytes',
      all: names,
      must: atMost(layout.layer * 1.1, `≤ 1.1 × the layer`)
    })
  ];
}
