// The store and the switch beside everything else that keeps versions of large files: one scenario after another.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { at, step } from '../scripts/run.mjs';
import { inTemporaryFolder, remove } from './measure.mjs';
import { withPeers } from './peer/index.mjs';
import { startPython } from './python-process.mjs';
import { table } from './report.mjs';
import { atMost } from './row.mjs';
import { edit } from './scenario/edit.mjs';
import { firstSnapshot } from './scenario/first-snapshot.mjs';
import { model } from './scenario/model.mjs';
import { randomRead } from './scenario/random-read.mjs';
import { smallFiles } from './scenario/small-files.mjs';
import { switchBig } from './scenario/switch-big.mjs';
import { versions } from './scenario/versions.mjs';
import { installTools } from './tools.mjs';

const scenarios = { firstSnapshot, edit, smallFiles, versions, switchBig, randomRead, model };
const titles = {
  firstSnapshot: 'first snapshot of 1 GiB',
  edit: 'a 1 MiB edit in 1 GiB',
  smallFiles: '100,000 small files',
  versions: '20 versions',
  switchBig: 'switch, 1 GiB differs',
  randomRead: 'random reads',
  model: 'a fine-tuned model'
};

const order = [...Object.values(titles), 'How each is used'];

/** Each scenario is kept as soon as it was measured: all of them together take hours. */
export async function measure({ runs, scale, only, keep }) {
  const missing = await installTools();
  return inTemporaryFolder(folder =>
    withPeers(folder, missing, async (present, peers) => {
      const orders = startPython(at('.venv', 'bin', 'python'), 'orders.py');
      try {
        const all = [];
        for (const [name, scenario] of Object.entries(scenarios).filter(([key]) => !only || only.includes(key))) {
          const place = join(folder, name);
          mkdirSync(place);
          await step(`Measuring: ${titles[name]}`, async () => {
            const rows = await scenario({ folder: place, runs, scale, present, orders });
            rows.push(memoryRow(await restartAndTellPeak(present, folder)));
            keep({ name, title: titles[name] }, table(rows), order);
            all.push(...rows);
          }).catch(error => {
            // Told, and no reason to lose what the others took half an hour to measure.
            console.error(error);
            process.exitCode = 1;
          });
          remove(place);
        }
        keep({ name: Object.keys(scenarios).join(','), title: order.at(-1) }, list(peers), order);
        return { rows: all };
      } finally {
        orders.stop();
      }
    })
  );
}

/** Each scenario has a fresh core, so that its peak memory is its own. */
async function restartAndTellPeak(present, folder) {
  const [branchbook] = present('Branchbook');
  const peak = branchbook.peak();
  await branchbook.stop();
  await branchbook.start(folder);
  return peak;
}

const memoryRow = value => ({
  what: 'peak memory during that',
  value,
  unit: 'MiB',
  must: atMost(300),
  aim: atMost(150),
  note: "the core's resident memory"
});

const list = peers =>
  peers.map(({ name, version, usage }) => `- ${name}, ${version}${usage ? `: ${usage}` : ''}`).join('\n');
