/** T10: JupyterLab saves a notebook in place: it truncates the file and writes it again. No snapshot may hold half of one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasCode } from '../../src/core/error';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { temporaryDirectory } from '../support/temporary-directory';
import { count, patience, times } from '../torture/support/budget';
import { createSandbox, expectHealthy, notebook } from './fixture';

const SAVES = times(200, 20_000);

/** Another process, as jupyter_server is: opens with truncation and writes in pieces, faster and slower. */
const writer = `
const { openSync, writeSync, closeSync, readFileSync } = require('node:fs');
const [target, folder, saves] = process.argv.slice(1);
const wait = milliseconds => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
for (let save = 0; save < Number(saves); save += 1) {
  const bytes = readFileSync(folder + '/' + save);
  const file = openSync(target, 'w');
  for (let at = 0; at < bytes.length; at += 8192) {
    writeSync(file, bytes, at, Math.min(8192, bytes.length - at));
    if (save % 3 === 0) wait(2);
  }
  closeSync(file);
  wait(save % 5 === 0 ? 120 : 10);
}`;

it(
  `every snapshot taken during ${SAVES} saves holds one complete save`,
  async () => {
    const sandbox = await createSandbox();
    const saves = temporaryDirectory();
    const complete = new Set<string>();
    for (let save = 0; save < SAVES; save += 1) {
      // Longer and shorter in turn, so that a torn file may end in the middle, or in what the last save left.
      const text = notebook(
        ...Array.from({ length: 5 + ((save * 7) % 40) }, (_, cell) => `${save}.${cell} `.repeat(200))
      );
      complete.add(text);
      writeFileSync(join(saves, String(save)), text);
    }
    const jupyter = spawn(process.execPath, ['-e', writer, join(sandbox.root, 'n.ipynb'), saves, String(SAVES)], {
      stdio: ['ignore', 'ignore', 'inherit']
    });
    const ended = once(jupyter, 'exit');
    let [taken, refused] = [0, 0];
    while (jupyter.exitCode === null) {
      try {
        await sandbox.run(snapshotOperation, {});
        taken += 1;
      } catch (error) {
        expect(hasCode(error, 'NOTEBOOK_TORN', 'FILE_CHANGED', 'NOTHING_TO_SNAPSHOT'), String(error)).toBe(true);
        refused += 1;
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    expect(await ended).toEqual([0, null]);
    const commits = sandbox.git('log', '--format=%H', '--', 'n.ipynb').trim().split('\n');
    for (const commit of commits) {
      expect(complete.has(sandbox.git('show', `${commit}:n.ipynb`)), commit).toBe(true);
    }
    expect(taken).toBeGreaterThan(3);
    expect(taken + refused).toBeGreaterThan(10);
    await expectHealthy(sandbox);
    count('T10', { saves: SAVES, snapshots: taken, 'refused in time': refused, violations: 0 });
  },
  patience
);
