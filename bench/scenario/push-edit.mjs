// A small edit of a large asset, pushed to a hub: what goes over the wire.
import { join } from 'node:path';
import { overwrite, writeRandomFile } from '../data.mjs';
import { openWire, startHub } from '../hub.mjs';
import { branchbook, GiB, MiB, repeat } from '../measure.mjs';
import { atMost } from '../row.mjs';
import { newSharedProject } from './project.mjs';

const SIZE = GiB;

export async function pushEdit({ folder, scale, runs }) {
  const wire = await openWire();
  const hub = await startHub(folder, { wire });
  try {
    const project = newSharedProject(folder, 'iris');
    const file = join(project, 'model.bin');
    writeRandomFile(file, Math.round(SIZE * scale), 1);
    branchbook(project, 'snapshot', '-m', 'Whole');
    branchbook(project, 'push', '--to', `${hub.url}/bench/iris`);
    const bytes = await repeat(runs, run => {
      overwrite(file, Math.floor((SIZE * scale) / 2), MiB, run + 2);
      branchbook(project, 'snapshot', '-m', `Edit ${run}`);
      wire.counted();
      branchbook(project, 'push');
      return wire.counted();
    });
    return [
      {
        what: `push of a 1 MiB edit in ${Math.round((SIZE * scale) / MiB)} MiB, on the wire`,
        value: bytes,
        unit: 'bytes',
        must: atMost(3 * MiB),
        note: 'everything between `branchbook push` and the hub, both ways'
      }
    ];
  } finally {
    await hub.stop();
    await wire.close();
  }
}
