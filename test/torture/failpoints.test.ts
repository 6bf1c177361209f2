/**
 * T4, after etcd's failpoints: a process is killed before or after every durable step that has a name, on the real disk.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failpoints } from '../../src/node/fault/failpoints';
import { bundle } from '../support/store-worker';
import { temporaryDirectory } from '../support/temporary-directory';
import { count, isNightly, patience } from './support/budget';
import { createRooted, exportTo } from './support/rooted';
import { createScene, expectIntact } from './support/scene';
import type { Scene } from './support/scene';
import { useCases } from './support/use-cases';

let child: string;
const scenes: Scene[] = [];
let killed = 0;
beforeAll(async () => {
  child = await bundle('test/torture/support/child.ts');
  for (const useCase of useCases) {
    scenes.push(await createScene(useCase));
  }
});
afterAll(() => count('T4', { failpoints: failpoints.length, 'killed processes': killed, violations: 0 }));

async function kill(scene: Scene, point: string, when: 'before' | 'after'): Promise<void> {
  const folder = temporaryDirectory();
  await exportTo(scene.start, folder);
  const result = spawnSync(process.execPath, [child, folder, scene.useCase.name, point, when], { encoding: 'utf8' });
  expect({ signal: result.signal, stderr: result.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  killed += 1;
  await expectIntact(scene, createRooted(folder), 'died');
}

/** In `npm test` each in one use case, before and after in turn; at night in every use case that comes by. */
describe.each(failpoints.map((point, index) => ({ ...point, index })))(
  'killed at $name',
  ({ name, matches, index }) => {
    it('leaves the old or the new state', { timeout: patience }, async () => {
      const reached = scenes.filter(scene => scene.operations.some(matches));
      expect(reached.length, 'use cases that get there').toBeGreaterThan(0);
      for (const scene of isNightly ? reached : reached.slice(0, 1)) {
        for (const when of isNightly ? (['before', 'after'] as const) : ([index % 2 ? 'before' : 'after'] as const)) {
          await kill(scene, name, when);
        }
      }
    });
  }
);
