// A running personal core, as JupyterLab and the magics use it: started once, asked through its socket.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { program } from './measure.mjs';
import { environment } from './tools.mjs';

/** `folder` holds the socket. */
export async function startCore(folder) {
  const socket = join(folder, 'core.sock');
  const start = performance.now();
  const child = spawn(process.execPath, [program, 'serve', '--socket', socket], {
    stdio: 'ignore',
    env: { ...environment(), JUPYTER_RUNTIME_DIR: folder }
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
    /** End it, by default as a user would. Resolves when it is gone. */
    stop: (signal = 'SIGTERM') =>
      new Promise(gone => {
        child.once('exit', gone);
        child.kill(signal);
      })
  };
}

function call(socketPath, method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {};
    // A connection of its own: one that is kept is closed while we wait for another program without looking at it.
    const sent = request({ socketPath, method, path, headers, agent: false }, response => {
      let text = '';
      response.on('data', piece => (text += piece));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}
