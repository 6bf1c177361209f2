// The core's figures: switch, status, snapshot, memory. Each is measured beside git or cp in the same run.
import { copyFileSync, fsyncSync, openSync, closeSync, mkdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createCipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { branchbook, git, inTemporaryFolder, median, memory, startCore } from './measure.mjs';

const GiB = 1024 ** 3;

/** Incompressible bytes, quickly: an AES-CTR key stream. */
function writeRandomFile(path, bytes) {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(1 << 20);
  const file = openSync(path, 'w');
  for (let done = 0; done < bytes; done += zeros.length) {
    writeSync(file, cipher.update(zeros));
  }
  closeSync(file);
}

function newProject(folder) {
  mkdirSync(folder);
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'Bench');
  git(folder, 'config', 'user.email', 'bench@example.org');
  branchbook(folder, 'init');
  return folder;
}

async function repeat(runs, work) {
  const values = [];
  for (let run = 0; run < runs; run++) {
    values.push(await work(run));
  }
  return median(values);
}

function copyAndSync(from, to) {
  const start = performance.now();
  copyFileSync(from, to);
  const file = openSync(to, 'r+');
  fsyncSync(file);
  closeSync(file);
  const elapsed = performance.now() - start;
  rmSync(to);
  return elapsed;
}

/** One 1 GiB asset that differs between two branches. */
async function bigAsset(folder, runs) {
  const project = newProject(join(folder, 'big'));
  const asset = join(project, 'data', 'big.bin');
  mkdirSync(join(project, 'data'));
  const core = await startCore(folder);
  const rows = [];
  try {
    await core.operation('status', project, {});
    rows.push(['core: start until it answers', core.startMilliseconds, 'ms', null, '']);
    rows.push(['core: resident memory, idle', memory(core.pid).now, 'MiB', 120, '']);
    writeRandomFile(asset, GiB);
    const copy = await repeat(runs, () => copyAndSync(asset, join(folder, 'copy')));
    const first = await core.operation('snapshot', project, { message: 'first' });
    rows.push([
      'snapshot of 1 GiB new data',
      first.milliseconds,
      'ms',
      null,
      `${(first.milliseconds / copy).toFixed(2)} × cp + fsync`
    ]);
    rows.push(['core: peak memory during that', memory(core.pid).peak, 'MiB', 300, '']);
    await core.operation('branch', project, { action: 'create', name: 'experiment', switch: true });
    writeRandomFile(asset, GiB);
    await core.operation('snapshot', project, { message: 'second' });
    const switches = await repeat(runs * 2, async run => {
      const start = performance.now();
      await core.operation('switch', project, { branch: run % 2 === 0 ? 'main' : 'experiment' });
      return performance.now() - start;
    });
    rows.push([
      'switch, one 1 GiB file differs, both visited',
      switches,
      'ms',
      50,
      `${(switches / copy).toFixed(3)} × cp + fsync`
    ]);
  } finally {
    core.stop();
  }
  return rows;
}

/** 10,000 small files, 100 of which differ between two branches. */
async function manyFiles(folder, runs) {
  const project = newProject(join(folder, 'many'));
  for (let index = 0; index < 10_000; index++) {
    const parent = join(project, `package-${Math.floor(index / 100)}`);
    mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `module-${index}.py`), `value = ${index}\n`.repeat(20));
  }
  const core = await startCore(folder);
  try {
    await core.operation('snapshot', project, { message: 'first' });
    await core.operation('branch', project, { action: 'create', name: 'experiment', switch: true });
    for (let index = 0; index < 10_000; index += 100) {
      writeFileSync(
        join(project, `package-${Math.floor(index / 100)}`, `module-${index}.py`),
        `changed = ${index}\n`.repeat(20)
      );
    }
    await core.operation('snapshot', project, { message: 'second' });
    const target = run => (run % 2 === 0 ? 'main' : 'experiment');
    const gitSwitch = await repeat(runs * 2, run => git(project, 'switch', '-q', target(run)));
    await core.operation('switch', project, { branch: 'experiment' });
    const ours = await repeat(runs * 2, async run => {
      const start = performance.now();
      await core.operation('switch', project, { branch: target(run) });
      return performance.now() - start;
    });
    const gitStatus = await repeat(runs, () => git(project, 'status', '--porcelain'));
    const status = await repeat(runs, async () => {
      const start = performance.now();
      await core.operation('status', project, {});
      return performance.now() - start;
    });
    return [
      [
        'switch, 100 of 10,000 files differ',
        ours,
        'ms',
        2 * gitSwitch,
        `${(ours / gitSwitch).toFixed(2)} × git switch (${gitSwitch.toFixed(0)} ms)`
      ],
      [
        'status, 10,000 files, clean',
        status,
        'ms',
        2 * gitStatus,
        `${(status / gitStatus).toFixed(2)} × git status (${gitStatus.toFixed(0)} ms)`
      ]
    ];
  } finally {
    core.stop();
  }
}

export const coreRows = runs =>
  inTemporaryFolder(async folder => [...(await bigAsset(folder, runs)), ...(await manyFiles(folder, runs))]);
