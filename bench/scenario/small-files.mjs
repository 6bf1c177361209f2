// 100,000 files of 4 KiB: first snapshot, nothing changed, and a switch to other ones.
import { join } from 'node:path';
import { inTurns, KiB, repeat, remove, settle, time, timed } from '../measure.mjs';
import { writeSmallFiles } from '../data.mjs';
import { fasterThan, rowOf, timesAs } from '../row.mjs';
import { addTime, bring, newProject } from './project.mjs';

const names = ['Branchbook', 'git', 'DVC'];
/** These take minutes: as few runs as are a median. */
const RUNS = 3;

export async function smallFiles({ folder, runs, scale, present }) {
  const count = Math.round(100_000 * scale);
  const first = join(folder, 'files');
  writeSmallFiles(first, count, 4 * KiB, 'first');
  const peers = present(...names);
  const projects = new Map();
  const added = await inTurns(peers, RUNS, async peer => {
    const project = await newProject(peer, folder);
    const path = bring(project, first);
    projects.set(peer, { project, path });
    return addTime(peer, project, [path], 'first');
  });
  const unchanged = await nothingChanged(peers, projects, runs);
  remove(first);
  writeSmallFiles(first, count, 4 * KiB, 'second');
  for (const peer of peers) {
    const { project, path } = projects.get(peer);
    await peer.branch(project, 'experiment');
    bring(project, first);
    await peer.add(project, [path], 'second');
    await peer.switchTo(project, 'main');
    await peer.switchTo(project, 'experiment');
  }
  const switched = await inTurns(peers, RUNS + 1, (peer, run) => {
    settle();
    return timed(() => peer.switchTo(projects.get(peer).project, run % 2 === 0 ? 'main' : 'experiment'));
  });
  return [
    rowOf('snapshot when nothing changed, 100,000 files', unchanged, {
      must: timesAs(unchanged, 'git status', 1.5),
      aim: timesAs(unchanged, 'git status', 1)
    }),
    rowOf('100,000 × 4 KiB files: first snapshot', added, {
      all: names,
      must: fasterThan(added, ['DVC'], 5),
      aim: timesAs(added, 'git', 1)
    }),
    rowOf('100,000 × 4 KiB files: switch, all differ', switched, {
      all: names,
      must: fasterThan(switched, ['DVC'], 5),
      aim: timesAs(switched, 'git', 1),
      note: 'both branches visited'
    })
  ];
}

async function nothingChanged(peers, projects, runs) {
  const ours = peers.find(peer => peer.name === 'Branchbook');
  const gitPeer = peers.find(peer => peer.name === 'git');
  const asks = [
    { name: 'Branchbook', ask: () => ours.add(projects.get(ours).project, [], 'nothing').catch(expectNothing) },
    { name: 'git status', ask: () => time('git', ['status', '--porcelain'], projects.get(gitPeer).project) }
  ];
  await repeat(1, async () => {
    for (const { ask } of asks) {
      await ask();
    }
  });
  return inTurns(asks, runs, ({ ask }) => timed(ask));
}

function expectNothing(error) {
  if (!error.message.includes('NOTHING_TO_SNAPSHOT')) {
    throw error;
  }
}
