// Twenty versions of one file with small edits: what keeping all of them takes.
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GiB, MiB, remove } from '../measure.mjs';
import { overwrite, randomStream, writeRandomFile } from '../data.mjs';
import { rowOf, say } from '../row.mjs';
import { newProject, removeProject } from './project.mjs';

const VERSIONS = 20;
/** For a quick look, which has smaller files too: an edit is a large part of them, so that its ratios say little. */
const FEW_VERSIONS = 6;
const BASE = GiB / 8;
const names = ['Branchbook', 'DVC', 'Oxen', 'restic'];

/** A limit of 15 % of what DVC stores holds where rows are what is edited, and rows do not shift bytes by themselves. */
const kinds = {
  csv: { title: 'CSV', file: 'orders.csv', limited: true },
  'parquet-cdc': {
    title: 'Parquet as our magics write it (content-defined pages)',
    file: 'orders.parquet',
    limited: true
  },
  parquet: { title: 'Parquet as pyarrow writes it', file: 'orders.parquet', limited: false },
  random: { title: 'random bytes', file: 'bytes.bin', limited: true }
};

export async function versions({ folder, scale, present, orders }) {
  const rows = [];
  const count = scale < 1 ? FEW_VERSIONS : VERSIONS;
  for (const [kind, { title, file, limited }] of Object.entries(kinds)) {
    const write = kind === 'random' ? bytesWriter(BASE * scale) : await tableWriter(orders, kind, folder, BASE * scale);
    const { stored, collected } = await storeAll(present(...names), folder, file, count, write);
    const { DVC, restic } = stored;
    rows.push(
      rowOf(`${count} versions stored: ${title}`, stored, {
        unit: 'bytes',
        all: names,
        must: limited ? { limit: DVC ? DVC.median * 0.15 : null, says: '≤ 15 % of DVC' } : null,
        aim: { limit: restic ? restic.median : null, says: '≤ restic' },
        note: `base of ${Math.round((BASE * scale) / MiB)} MiB; after \`gc\`: ${say(collected, 'bytes')}; git-lfs keeps whole copies as DVC does`
      })
    );
  }
  return rows;
}

/** Every version goes to every peer; what they keep is weighed at the end, and ours once more when it is tidied up. */
async function storeAll(peers, folder, file, count, write) {
  const source = join(folder, file);
  const projects = new Map();
  for (const peer of peers) {
    const project = await newProject(peer, folder);
    mkdirSync(join(project, 'data'));
    projects.set(peer, project);
  }
  for (let number = 0; number < count; number++) {
    await write(number, source);
    for (const [peer, project] of projects) {
      const path = join('data', file);
      copyFileSync(source, join(project, path));
      await peer.add(project, [path], `version-${number}`);
    }
  }
  const stored = [...projects].map(([peer, project]) => [peer.name, { median: peer.bytesStored(project), runs: 5 }]);
  const ours = peers.find(peer => peer.collect);
  await ours.collect(projects.get(ours));
  const collected = ours.bytesStored(projects.get(ours));
  [...projects.values()].forEach(removeProject);
  remove(source);
  return { stored: Object.fromEntries(stored), collected };
}

async function tableWriter(orders, kind, folder, bytes) {
  await orders.call('begin', kind, bytes, folder);
  return (number, path) => orders.call('version', number, path);
}

/** Appended, inserted and replaced pieces of 100 KB in turn. */
function bytesWriter(bytes) {
  const piece = 100_000;
  return (number, path) => {
    if (number === 0) {
      return writeRandomFile(path, bytes, 'versions');
    }
    const fresh = randomStream(`version ${number}`)(piece);
    const middle = Math.floor((statSync(path).size * (number % 7)) / 7);
    if (number % 3 === 0) {
      appendFileSync(path, fresh);
    } else if (number % 3 === 1) {
      const old = readFileSync(path);
      writeFileSync(path, Buffer.concat([old.subarray(0, middle), fresh, old.subarray(middle)]));
    } else {
      overwrite(path, middle, piece, `version ${number}`);
    }
  };
}
