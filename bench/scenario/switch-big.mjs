// Two branches that differ in one file of 1 GiB: both visited before, and one never materialised here.
import { join } from 'node:path';
import { copyFileSync } from 'node:fs';
import { branchbook, GiB, inTurns, MiB, remove, repeat, settle, syncFile, timed } from '../measure.mjs';
import { overwrite, writeRandomFile } from '../data.mjs';
import { atMost, fasterThan, rowOf, timesAs } from '../row.mjs';
import { bring, newProject } from './project.mjs';

const rivals = ['DVC', 'git-lfs'];
const names = ['Branchbook', ...rivals, 'Oxen'];

export async function switchBig({ folder, runs, scale, present }) {
  const source = join(folder, 'big.bin');
  writeRandomFile(source, GiB * scale, 'switch');
  const projects = new Map();
  for (const peer of present(...names)) {
    projects.set(peer, await twoBranches(peer, folder, source, GiB * scale));
  }
  const ours = projects.get(present('Branchbook')[0]);
  return [
    await visited([...projects.keys()], projects, ours, runs),
    await neverMaterialised(present, ours, folder, source, runs)
  ];
}

/** `main` and `experiment`, both visited; it ends on `experiment`. */
async function twoBranches(peer, folder, source, bytes) {
  const project = await newProject(peer, folder);
  const path = bring(project, source);
  await peer.add(project, [path], 'first');
  await peer.branch(project, 'experiment');
  overwrite(join(project, path), Math.floor(bytes / 2), MiB, 'experiment');
  await peer.add(project, [path], 'second');
  await peer.switchTo(project, 'main');
  await peer.switchTo(project, 'experiment');
  return project;
}

async function visited(peers, projects, ours, runs) {
  // An even number of rounds, so that everybody ends where they began.
  const figures = await inTurns(peers, runs + (runs % 2), (peer, run) => {
    settle();
    return timed(() => peer.switchTo(projects.get(peer), run % 2 === 0 ? 'main' : 'experiment'));
  });
  const cli = await repeat(4, run => branchbook(ours, 'switch', run % 2 === 0 ? 'main' : 'experiment'));
  return rowOf('switch between visited branches, one 1 GiB file differs', figures, {
    all: names,
    must: fasterThan(figures, rivals, 20),
    aim: atMost(20),
    note: `the command line without a running core: ${cli.toFixed(0)} ms`
  });
}

async function neverMaterialised(present, ours, folder, source, runs) {
  const branchbookPeer = present('Branchbook')[0];
  const copy = join(folder, 'copy.bin');
  const peers = [
    branchbookPeer,
    {
      name: 'cp + fsync',
      go: () => {
        copyFileSync(source, copy);
        syncFile(copy);
      }
    }
  ];
  const figures = await inTurns(peers, runs, async peer => {
    remove(copy);
    if (peer === branchbookPeer) {
      await branchbookPeer.switchTo(ours, 'experiment');
      remove(join(ours, '.git', 'branchbook', 'materialized'));
    }
    settle();
    return timed(() => (peer.go ? peer.go() : peer.switchTo(ours, 'main')));
  });
  return rowOf('switch to a branch never materialised here, 1 GiB', figures, {
    must: timesAs(figures, 'cp + fsync', 1.3),
    aim: timesAs(figures, 'cp + fsync', 1),
    note: 'verified while written; `materialized/` is emptied before each'
  });
}
