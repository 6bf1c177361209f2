// A hub of our own for a measurement, as people run it: another process, its data in a temporary folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { branchbook, program } from './measure.mjs';
import { environment } from './tools.mjs';

const PASSWORD = 'correct horse battery staple';

/**
 * Gives its `url`, the `token` of its administrator, whose client is signed in, and `stop`. `postgres`: an address instead
 * of the embedded database. `wire`: everything goes through it and is counted.
 */
export async function startHub(folder, { postgres, wire } = {}) {
  const port = await freePort();
  wire?.leadTo(port);
  const address = wire ? ['--url', wire.url] : [];
  const argv = [program, 'hub', '--data', join(folder, 'hub'), '--listen', `127.0.0.1:${port}`, ...address];
  const env = { ...environment(), ...(postgres && { BRANCHBOOK_HUB_DATABASE: postgres }) };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(resolve => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const { url, invitation } = await firstWords(child, ended);
    const token = await firstToken(url, invitation);
    process.env.BRANCHBOOK_TOKEN = token;
    branchbook(folder, 'login', url);
    branchbook(folder, 'namespace', 'create', `${url}/bench`);
    return { url, token, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What it prints, until it says how the first person comes in. */
async function firstWords(child, ended) {
  let text = '';
  const told = new Promise(resolve => {
    const listen = piece => {
      text += piece;
      const invitation = /^ {2}(http\S+\/account\/invitation\/\S+)$/m.exec(text)?.[1];
      if (invitation) {
        resolve({ url: /serves (\S+)/.exec(text)[1], invitation });
      }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
  });
  const failed = ended.then(() => {
    throw new Error(`The hub ended: ${text}`);
  });
  return Promise.race([told, failed]);
}

async function freePort() {
  const server = createServer();
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise(done => server.close(done));
  return port;
}

/** What a person does in the browser: accept the invitation, make a token. */
async function firstToken(url, invitation) {
  const cookies = new Map();
  const ask = async (address, fields) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = fields && new URLSearchParams(fields);
    const answer = await fetch(address, {
      method: fields ? 'POST' : 'GET',
      headers: { cookie },
      body,
      redirect: 'manual'
    });
    for (const each of answer.headers.getSetCookie()) {
      const [name, value] = each.split(';')[0].split('=');
      cookies.set(name, value);
    }
    return answer.text();
  };
  const form = text => /name="form" value="([^"]+)"/.exec(text)[1];
  const invited = form(await ask(invitation));
  await ask(invitation, { form: invited, user: 'ada', display: 'Ada', password: PASSWORD });
  const account = form(await ask(`${url}/account`));
  const made = await ask(`${url}/account/tokens`, { form: account, name: 'bench', days: '2', atMost: 'manage' });
  return /<pre>([^<]+)<\/pre>/.exec(made)[1];
}

/** A new project of the namespace, without history. */
export async function addProject({ url, token }, name) {
  const answer = await fetch(`${url}/api/v1/namespaces/bench/changes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'add-project', name })
  });
  if (!answer.ok) {
    throw new Error(`The hub made no project: ${await answer.text()}`);
  }
}

/** A wire that counts the bytes that pass, both ways; `leadTo` says at which port of this machine it ends. */
export async function openWire() {
  const shared = new SharedArrayBuffer(8);
  const worker = new Worker(new URL('./wire.mjs', import.meta.url), { workerData: shared });
  const [port] = await once(worker, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo: to => worker.postMessage(to),
    /** Bytes since it was asked last. */
    counted: () => Number(Atomics.exchange(new BigInt64Array(shared), 0, 0n)),
    close: () => worker.terminate()
  };
}
