// Rows that differ between two tables of 10 million rows and 10 columns: 0.1 % changed, 0.1 % added, 0.1 % removed.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../../scripts/run.mjs';
import { branchbook, git, inTurns, memory, output, program, settle } from '../measure.mjs';
import { atMost, fasterThan, rowOf, timesAs } from '../row.mjs';
import { environment, python } from '../tools.mjs';

const ROWS = 10_000_000;
const handWritten = at('bench', 'scenario', 'hand-written-diff.mjs');
const inPython = at('bench', 'python', 'table_diffs.py');

/** `missing`: tools that could not be installed, by name, with the reason. */
export async function tableDiff(folder, { runs, scale, missing }) {
  const rows = Math.round((ROWS * scale) / 1000) * 1000;
  const [before, after] = [join(folder, 'before.parquet'), join(folder, 'after.parquet')];
  output(process.execPath, [handWritten, 'generate', before, after, String(rows)]);
  const project = newProject(join(folder, 'project'), before, after);
  const expected = { added: rows / 1000, removed: rows / 1000, changed: rows / 1000 };
  const peers = [
    peer(
      'Branchbook',
      process.execPath,
      [program, '-C', project, 'diff', 'data/t.parquet', '--key', 'id', '--json'],
      text => {
        return JSON.parse(text).files[0].content.counts;
      }
    ),
    peer('hand-written SQL', process.execPath, [handWritten, 'diff', before, after]),
    ...(missing.datacompy
      ? []
      : ['datacompy', 'pandas merge'].map(name => peer(name, python, [inPython, name, before, after])))
  ];
  const peaks = Object.fromEntries(peers.map(({ name }) => [name, 0]));
  const figures = await inTurns(peers, runs, async ({ name, command, argv, counts }) => {
    settle();
    const { milliseconds, text, peak } = await measured(command, argv);
    check(name, counts(text), expected);
    peaks[name] = Math.max(peaks[name], peak);
    return milliseconds;
  });
  const all = ['Branchbook', 'hand-written SQL', 'datacompy', 'pandas merge'];
  const what = `row diff by key of two tables of ${rows.toLocaleString('en')} rows, 10 columns`;
  return [
    rowOf(what, figures, {
      all,
      must: timesAs(figures, 'hand-written SQL', 1.5),
      aim: fasterThan(figures, ['datacompy', 'pandas merge'], 5),
      note: 'whole programs, from their start to the counts, changed cells and first rows; counts checked'
    }),
    {
      what: 'the same: peak memory',
      value: peaks.Branchbook,
      unit: 'MiB',
      must: atMost(2048),
      others: peers
        .slice(1)
        .map(({ name }) => `${name} ${Math.round(peaks[name])} MiB`)
        .join(' · ')
    }
  ];
}

const peer = (name, command, argv, counts = JSON.parse) => ({ name, command, argv, counts });

function newProject(folder, before, after) {
  const table = join(folder, 'data', 't.parquet');
  mkdirSync(join(folder, 'data'), { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  branchbook(folder, 'init');
  copyFileSync(before, table);
  branchbook(folder, 'snapshot', '-m', 'before');
  copyFileSync(after, table);
  return folder;
}

/** A program's time, milliseconds, what it printed, and its peak of resident memory, MiB. */
function measured(command, argv) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, argv, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    let [text, peak] = ['', 0];
    const look = setInterval(() => {
      try {
        peak = memory(child.pid).peak;
      } catch {
        // It is gone; `close` follows.
      }
    }, 20);
    child.stdout.on('data', piece => (text += piece));
    child.once('error', reject);
    child.once('close', code => {
      clearInterval(look);
      const milliseconds = performance.now() - start;
      return code === 0
        ? resolve({ milliseconds, text, peak })
        : reject(new Error(`${command} ${argv[0]} ended with ${code}`));
    });
  });
}

function check(name, counts, expected) {
  for (const [kind, count] of Object.entries(expected)) {
    if (counts[kind] !== count) {
      throw new Error(`${name} found ${counts[kind]} ${kind} rows instead of ${count}`);
    }
  }
}
