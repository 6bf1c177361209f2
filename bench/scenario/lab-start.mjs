// What the extension adds to JupyterLab's start.
import { join } from 'node:path';
import { timed } from '../measure.mjs';
import { open, withJupyter, withPage } from '../jupyter.mjs';
import { atMost } from '../row.mjs';

/** Starts of a browser page vary more than what is measured: many pairs, of which the middle half is averaged. */
const PAIRS_A_RUN = 6;
/** Pages that fill the caches of browser and servers. */
const WARM_UP = 2;

/** Mean of the middle half. */
function interquartileMean(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const middle = sorted.slice(cut, sorted.length - cut);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

export async function labStart({ folder, project, runs }) {
  const differences = await withJupyter({ project, folder: join(folder, 'with') }, first =>
    withJupyter({ project, folder: join(folder, 'without'), disabled: ['branchbook'] }, second =>
      withPage(page => pairs(page, first, second, runs * PAIRS_A_RUN))
    )
  );
  return [
    {
      what: 'JupyterLab start, with − without the extension',
      value: interquartileMean(differences),
      unit: 'ms',
      must: atMost(100),
      aim: atMost(60),
      note: `mean of the middle half of ${differences.length} paired differences`
    }
  ];
}

/** With and without in turns, and who is first in turns too. */
async function pairs(page, first, second, count) {
  const differences = [];
  for (let index = -WARM_UP; index < count; index++) {
    const order = index % 2 === 0 ? [first, second] : [second, first];
    const times = new Map();
    for (const base of order) {
      times.set(base, await timed(() => open(page, base)));
    }
    if (index >= 0) {
      differences.push(times.get(first) - times.get(second));
    }
  }
  return differences;
}
