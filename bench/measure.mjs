// Shared by the benchmarks: run programs, take turns, take medians.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at } from '../scripts/run.mjs';
import { environment } from './tools.mjs';

export const KiB = 1024;
export const MiB = 1024 ** 2;
export const GiB = 1024 ** 3;

export const program = at('branchbook', '_core', 'branchbook.cjs');

/** A run this long, in milliseconds, is repeated at least `FEW_RUNS` times; shorter ones as often as was asked for. */
const LONG_RUN = 20_000;
const FEW_RUNS = 3;

export const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** What a program printed. Throws when it fails. */
export function output(command, argv, cwd, { stdio = 'pipe' } = {}) {
  const result = spawnSync(command, argv, { cwd, encoding: 'utf8', env: environment(), maxBuffer: GiB, stdio });
  if (result.status !== 0) {
    throw new Error(`${command} ${argv.join(' ').slice(0, 200)}: ${result.stderr || result.error}`);
  }
  return result.stdout ?? '';
}

/** Wall time of a program, milliseconds. Throws when it fails. */
export function time(command, argv, cwd) {
  const start = performance.now();
  output(command, argv, cwd);
  return performance.now() - start;
}

/** Wall time of some work, milliseconds. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * The disk has nothing left to write or to discard, so that one measurement does not pay for the one before: a file system
 * gives back what was deleted some time after `sync`. At most 10 s.
 */
export function settle() {
  output('sync', []);
  const counters = '/proc/diskstats';
  for (let quiet = 0, looks = 0, last = ''; existsSync(counters) && quiet < 3 && looks < 100; looks++) {
    const now = readFileSync(counters, 'utf8');
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}

export const git = (cwd, ...argv) => time('git', argv, cwd);
export const branchbook = (cwd, ...argv) => time(process.execPath, [program, ...argv], cwd);

/** Median of so many runs. */
export async function repeat(runs, work) {
  const values = [];
  for (let run = 0; run < runs; run++) {
    values.push(await work(run));
  }
  return median(values);
}

/**
 * Milliseconds that `work` says each peer took: a median, and of how many runs. Peers take turns, so that a busy moment
 * of the machine is not one peer's bad luck.
 */
export async function inTurns(peers, runs, work) {
  const values = peers.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, peer] of peers.entries()) {
      const enough = run >= FEW_RUNS && median(values[index]) > LONG_RUN;
      if (!enough) {
        values[index].push(await work(peer, run));
      }
    }
  }
  return Object.fromEntries(
    peers.map((peer, index) => [peer.name, { median: median(values[index]), runs: values[index].length }])
  );
}

/** A folder that is removed when `work` is done. */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'branchbook-bench-'));
  try {
    return await work(folder);
  } finally {
    remove(folder);
  }
}

export const remove = path => rmSync(path, { recursive: true, force: true, maxRetries: 5 });

/** Bytes of all files at or below a path; none when there is nothing. */
export function bytesBelow(path, skip = () => false) {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat || skip(path)) {
    return 0;
  }
  if (!stat.isDirectory()) {
    return stat.size;
  }
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name), skip), 0);
}

export function syncFile(path) {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}

/** Resident memory of a process and its peak, MiB. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = field => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}
