// The core's figures that everyday work feels: start, memory, status, and switching in a project of code and notebooks.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startCore } from './core-process.mjs';
import { writeCode, writeRandomFile } from './data.mjs';
import {
  branchbook,
  GiB,
  git,
  inTemporaryFolder,
  memory,
  remove,
  repeat,
  settle,
  syncFile,
  timed
} from './measure.mjs';
import { table } from './report.mjs';
import { atMost } from './row.mjs';

function newProject(folder) {
  mkdirSync(folder);
  git(folder, 'init', '-q', '-b', 'main');
  branchbook(folder, 'init');
  return folder;
}

/** Milliseconds of a copy of a file that is flushed. */
async function copyAndSync(from, to) {
  remove(to);
  settle();
  return timed(() => {
    copyFileSync(from, to);
    syncFile(to);
  });
}

const against = (value, other, name) => `${(value / other).toPrecision(2)} × ${name} (${other.toFixed(0)} ms)`;

/** One 1 GiB asset that differs between two branches. */
async function bigAsset(folder, { runs, scale }) {
  const project = newProject(join(folder, 'big'));
  const asset = join(project, 'data', 'big.bin');
  const core = await startCore(folder);
  try {
    await core.operation('status', project, {});
    const idle = memory(core.pid).now;
    writeRandomFile(asset, GiB * scale, 'main');
    const copy = await repeat(runs, () => copyAndSync(asset, join(folder, 'copy')));
    remove(join(folder, 'copy'));
    settle();
    const first = await core.operation('snapshot', project, { message: 'first' });
    const peak = memory(core.pid).peak;
    await core.operation('branch', project, { action: 'create', name: 'experiment', switch: true });
    writeRandomFile(asset, GiB * scale, 'experiment');
    await core.operation('snapshot', project, { message: 'second' });
    const switched = await repeat(runs * 2, run =>
      timed(() => core.operation('switch', project, { branch: run % 2 === 0 ? 'main' : 'experiment' }))
    );
    const row = (what, value, unit, must = null, note = '') => ({ what, value, unit, must, note });
    return [
      row('core: start until it answers', core.startMilliseconds, 'ms'),
      row('core: resident memory, idle', idle, 'MiB', atMost(120)),
      row(
        'snapshot of 1 GiB new data',
        first.milliseconds,
        'ms',
        null,
        against(first.milliseconds, copy, 'cp + fsync')
      ),
      row('core: peak memory during that', peak, 'MiB', atMost(300)),
      row(
        'switch, all of one 1 GiB file differs, both visited',
        switched,
        'ms',
        atMost(50),
        against(switched, copy, 'cp + fsync')
      )
    ];
  } finally {
    await core.stop();
  }
}

/** 9,000 modules and 1,000 notebooks, of which 100 differ between two branches. */
async function manyFiles(folder, { runs, scale }) {
  const count = 10_000 * scale;
  const project = newProject(join(folder, 'many'));
  writeCode(project, count);
  const core = await startCore(folder);
  const inCore = (verb, args) => timed(() => core.operation(verb, project, args));
  try {
    const first = await inCore('snapshot', { message: 'first' });
    await core.operation('branch', project, { action: 'create', name: 'experiment', switch: true });
    writeCode(project, count, { every: 100, text: 'changed' });
    await core.operation('snapshot', project, { message: 'second' });
    const target = run => (run % 2 === 0 ? 'main' : 'experiment');
    const gitSwitch = await repeat(runs * 2, run => git(project, 'switch', '-q', target(run)));
    const ours = await repeat(runs * 2, run => inCore('switch', { branch: target(run) }));
    const gitStatus = await repeat(runs, () => git(project, 'status', '--porcelain'));
    const status = await repeat(runs, () => inCore('status', {}));
    const row = (what, value, must, note) => ({ what, value, unit: 'ms', must, note });
    return [
      row('first snapshot of 10,000 files of code and notebooks', first, null, 'one run'),
      row(
        'switch, 100 of 10,000 files differ',
        ours,
        atMost(2 * gitSwitch, '≤ 2 × git switch'),
        against(ours, gitSwitch, 'git switch')
      ),
      row(
        'status, 10,000 files, clean',
        status,
        atMost(2 * gitStatus, '≤ 2 × git status'),
        against(status, gitStatus, 'git status')
      )
    ];
  } finally {
    await core.stop();
  }
}

export async function measure(options) {
  const rows = await inTemporaryFolder(async folder => [
    ...(await bigAsset(folder, options)),
    ...(await manyFiles(folder, options))
  ]);
  return { rows, text: table(rows) };
}
