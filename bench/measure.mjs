// Shared by the benchmarks: run programs, take medians, talk to a core.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at } from '../scripts/run.mjs';

export const program = at('branchbook', '_core', 'branchbook.cjs');

export const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Wall time of a program, milliseconds. Throws when it fails. */
export function time(command, argv, cwd) {
  const start = performance.now();
  const result = spawnSync(command, argv, { cwd, encoding: 'utf8' });
  if (result.status !== 0) {
    throw new Error(`${command} ${argv.join(' ')}: ${result.stderr || result.error}`);
  }
  return performance.now() - start;
}

export const git = (cwd, ...argv) => time('git', ['-c', 'core.fsync=none', ...argv], cwd);
export const branchbook = (cwd, ...argv) => time(process.execPath, [program, ...argv], cwd);

/** A folder that is removed when `work` is done. */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'branchbook-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resident memory of a process and its peak, MiB. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = field => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

/** A running personal core, as JupyterLab and the magics use it. */
export async function startCore(folder) {
  const socket = join(folder, 'core.sock');
  const start = performance.now();
  const child = spawn(process.execPath, [program, 'serve', '--socket', socket], {
    stdio: 'ignore',
    env: { ...process.env, JUPYTER_RUNTIME_DIR: folder }
  });
  while (!existsSync(socket) || (await call(socket, 'GET', '/v1/health').catch(() => null)) === null) {
    await new Promise(next => setTimeout(next, 5));
  }
  return {
    pid: child.pid,
    startMilliseconds: performance.now() - start,
    operation: async (verb, project, args) => {
      const lines = await call(socket, 'POST', `/v1/operation/${verb}`, { project, args });
      const last = JSON.parse(lines.trim().split('\n').at(-1));
      if (last.error) {
        throw new Error(`${verb}: ${last.error.code} ${last.error.message}`);
      }
      return last.result;
    },
    stop: () => child.kill()
  };
}

function call(socketPath, method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {};
    const sent = request({ socketPath, method, path, headers }, response => {
      let text = '';
      response.on('data', piece => (text += piece));
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}
