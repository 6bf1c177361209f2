// A large project, cloned from a hub without its assets.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../data.mjs';
import { openWire, startHub } from '../hub.mjs';
import { branchbook, GiB, median, MiB, remove, settle } from '../measure.mjs';
import { atMost } from '../row.mjs';
import { newSharedProject } from './project.mjs';

const ASSETS = 10;
const ASSET = GiB;
/** Bytes after which an asset repeats itself: its manifest is as long as that of any other, and little has to be stored. */
const PERIOD = 64 * MiB;

export async function lazyClone({ folder, scale, runs }) {
  const wire = await openWire();
  const hub = await startHub(folder, { wire });
  try {
    publish(folder, hub, scale);
    const [times, bytes] = [[], []];
    for (let run = 0; run < runs; run++) {
      settle();
      wire.counted();
      times.push(branchbook(folder, 'clone', '--lazy', `${hub.url}/bench/iris`, join(folder, `clone-${run}`)));
      bytes.push(wire.counted());
      remove(join(folder, `clone-${run}`));
    }
    const what = `lazy clone, ${ASSETS} assets of ${Math.round((ASSET * scale) / MiB)} MiB`;
    return [
      { what, value: median(times), unit: 'ms', must: atMost(2000), note: 'from a hub on this machine' },
      { what: `${what}: on the wire`, value: median(bytes), unit: 'bytes', must: atMost(5 * MiB) }
    ];
  } finally {
    await hub.stop();
    await wire.close();
  }
}

function publish(folder, { url }, scale) {
  const project = newSharedProject(folder, 'iris');
  for (let asset = 0; asset < ASSETS; asset++) {
    writeRepeating(join(project, `part-${asset}.bin`), Math.round(ASSET * scale), asset);
  }
  branchbook(project, 'snapshot', '-m', 'All');
  branchbook(project, 'push', '--to', `${url}/bench/iris`);
  remove(project);
}

function writeRepeating(path, bytes, seed) {
  const period = randomStream(seed)(Math.min(PERIOD, bytes));
  const file = openSync(path, 'w');
  for (let done = 0; done < bytes; done += period.length) {
    writeSync(file, period, 0, Math.min(period.length, bytes - done));
  }
  closeSync(file);
}
