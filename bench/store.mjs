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

export async function measure({ runs, scale, only }) {
  const missing = await installTools();
  return inTemporaryFolder(folder =>
    withPeers(folder, missing, async (present, peers) => {
      const orders = startPython(at('.venv', 'bin', 'python'), 'orders.py');
      const peaks = {};
      const failed = [];
      try {
        const rows = [];
        for (const [name, scenario] of Object.entries(scenarios).filter(([key]) => !only || only.includes(key))) {
          const place = join(folder, name);
          mkdirSync(place);
          await step(`Measuring: ${titles[name]}`, async () => {
            rows.push(...(await scenario({ folder: place, runs, scale, present, orders })));
            peaks[titles[name]] = await restartAndTellPeak(present, folder);
          }).catch(error => {
            // Told, and no reason to lose what the others took half an hour to measure.
            console.error(error);
            process.exitCode = 1;
            failed.push(`Not measured: ${titles[name]} (${error.message}).`);
          });
          remove(place);
        }
        if (Object.keys(peaks).length > 0) {
          rows.push(memoryRow(peaks));
        }
        return { rows, text: [table(rows), ...failed, ...leftOut(only), list(peers)].join('\n\n') };
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

function memoryRow(peaks) {
  const [title, value] = Object.entries(peaks).sort((a, b) => b[1] - a[1])[0];
  return {
    what: 'peak memory, any of these',
    value,
    unit: 'MiB',
    must: atMost(300),
    aim: atMost(150),
    note: `the core's resident memory; the most was in: ${title}. Each: ${Object.entries(peaks)
      .map(([name, peak]) => `${name} ${peak.toFixed(0)} MiB`)
      .join(' · ')}`
  };
}

function leftOut(only) {
  const names = Object.keys(scenarios).filter(name => only && !only.includes(name));
  return names.length > 0 ? [`Left out of this run: ${names.map(name => titles[name]).join(', ')}.`] : [];
}

const list = peers =>
  ['How each is used:', '']
    .concat(peers.map(({ name, version, usage }) => `- ${name}, ${version}${usage ? `: ${usage}` : ''}`))
    .join('\n');
