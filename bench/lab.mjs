// JupyterLab's figures, in a real browser.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { at, step } from '../scripts/run.mjs';
import { branchbook, git, inTemporaryFolder } from './measure.mjs';
import { table } from './report.mjs';
import { atMost } from './row.mjs';
import { labPanel } from './scenario/lab-panel.mjs';
import { labStart } from './scenario/lab-start.mjs';
import { labSwitch } from './scenario/lab-switch.mjs';

const scenarios = { labStart, labSwitch, labPanel };

/** A project with one asset, so that there is something to show. */
function makeProject(folder) {
  mkdirSync(join(folder, 'data'), { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  branchbook(folder, 'init');
  writeFileSync(join(folder, 'data', 'some.csv'), 'a,b\n1,2\n');
  branchbook(folder, 'snapshot', '-m', 'first');
  return folder;
}

function bundleSize() {
  const folder = at('branchbook', 'labextension', 'static');
  const bytes = readdirSync(folder)
    .filter(name => name.endsWith('.js'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  return {
    what: 'extension JavaScript, gzipped',
    value: bytes,
    unit: 'bytes',
    must: atMost(600 * 1024),
    note: 'all chunks'
  };
}

export async function measure({ only, ...options }) {
  const rows = [bundleSize()];
  for (const [name, scenario] of Object.entries(scenarios).filter(([key]) => !only || only.includes(key))) {
    await inTemporaryFolder(folder =>
      step(`Measuring: ${name}`, async () => {
        const project = makeProject(join(folder, 'project'));
        rows.push(...(await scenario({ folder, project, ...options })));
      })
    );
  }
  return { rows, text: table(rows) };
}
