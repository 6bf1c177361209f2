// 1 GiB of new data becomes a version: random bytes, Parquet, CSV.
import { join } from 'node:path';
import { branchbook, GiB, inTurns, repeat, settle } from '../measure.mjs';
import { writeRandomFile } from '../data.mjs';
import { fasterThan, rowOf, timesAs } from '../row.mjs';
import { addTime, bring, newProject, removeProject } from './project.mjs';

const rivals = ['git-lfs', 'DVC', 'Oxen', 'restic'];
const everyone = ['Branchbook', 'cp + fsync', 'dd + fsync', ...rivals, 'hf-xet'];
/** git compresses in one thread and takes minutes for what compresses well: it is shown once. */
const kinds = { random: [...everyone, 'git'], parquet: everyone, csv: everyone };

export async function firstSnapshot({ folder, runs, scale, present, orders }) {
  const rows = [];
  for (const [kind, names] of Object.entries(kinds)) {
    const file = join(folder, `orders.${kind === 'random' ? 'bin' : kind}`);
    await make(kind, file, GiB * scale, orders);
    const figures = await inTurns(present(...names), runs, peer => once(peer, folder, file));
    const cli = kind === 'random' ? await oneShot(present('Branchbook')[0], folder, file) : null;
    rows.push(
      rowOf(`first snapshot of 1 GiB new data, ${kind}`, figures, {
        all: names,
        must: fasterThan(figures, rivals),
        aim: timesAs(figures, 'cp + fsync', 1.5),
        note: cli ? `the command line without a running core: ${cli.toFixed(0)} ms (3 runs)` : ''
      })
    );
  }
  return rows;
}

async function make(kind, file, bytes, orders) {
  if (kind === 'random') {
    writeRandomFile(file, bytes, 'first');
  } else {
    await orders.call('write', kind, file, bytes);
  }
}

async function once(peer, folder, file) {
  const project = await newProject(peer, folder);
  const path = bring(project, file);
  const milliseconds = await addTime(peer, project, [path], 'first');
  removeProject(project);
  return milliseconds;
}

const oneShot = (peer, folder, file) =>
  repeat(3, async () => {
    const project = await newProject(peer, folder);
    bring(project, file);
    settle();
    const milliseconds = branchbook(project, 'snapshot', '-m', 'first');
    removeProject(project);
    return milliseconds;
  });
