/** T3: `kill -9` at random moments, on the real disk, also of collections and maintenance. What was acknowledged can be read, and nothing needs a repair. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { git } from '../operation/fixture';
import { bundle, bundleStoreWorker } from '../support/store-worker';
import { temporaryDirectory } from '../support/temporary-directory';
import { count, isNightly, patience, seeds, times } from './support/budget';
import { createWanderer } from './support/wanderer';
import { findLosses, killOnce } from './support/processes';
import { createRandom } from './support/random';

const MEBIBYTE = 1024 * 1024;
const LARGEST = (isNightly ? 64 : 2) * MEBIBYTE;
/** A new project after so many kills, so that checking all of it stays affordable. */
const KILLS = isNightly ? 20 : 10;

const done = { kills: 0, 'acknowledged snapshots': 0 };
afterAll(() => count('T3', { ...done, violations: 0 }));

it('a killed process leaves everything that it acknowledged', { timeout: patience }, async () => {
  const programs = { worker: await bundle('test/torture/support/worker.ts'), store: await bundleStoreWorker() };
  for (const seed of seeds(times(50, 2000) / KILLS)) {
    const random = createRandom(seed);
    const root = await createWanderer(temporaryDirectory());
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const said = await killOnce(programs, root, { seed: seed * 100 + kill, random, largest: LARGEST });
      expect(said, `seed ${seed}: the process did something before it was killed`).not.toEqual([]);
      acknowledged.push(...said.filter(line => line !== 'switch' && line !== 'upkeep'));
      done.kills += 1;
    }
    expect(await findLosses(root, acknowledged), `seed ${seed}`).toEqual([]);
    done['acknowledged snapshots'] += acknowledged.length;
    writeFileSync(join(root, 'after'), 'git goes on');
    git(root, 'add', 'after');
  }
});
