// New data to a hub and from it, beside git-lfs on the same hub, and beside a plain server of files.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { at } from '../../scripts/run.mjs';
import { writeRandomFile } from '../data.mjs';
import { addProject, startHub } from '../hub.mjs';
import { branchbook, git, GiB, inTurns, MiB, remove, settle, timed } from '../measure.mjs';
import { AT_ONCE, store } from '../plain-server.mjs';
import { rowOf } from '../row.mjs';
import { environment } from '../tools.mjs';
import { newSharedProject } from './project.mjs';

const SIZE = GiB;
/** Parts of what the others move in the same time. */
const [OF_LFS, OF_PLAIN] = [0.7, 0.6];

export async function throughput({ folder, scale, runs }) {
  const hub = await startHub(folder);
  const plain = await startPlain(folder);
  try {
    const bytes = Math.round(SIZE * scale);
    const hasLfs = spawnSync('git-lfs', ['version'], { env: environment() }).status === 0;
    const peers = [ours(folder, hub), ...(hasLfs ? [lfs(folder, hub)] : []), plain];
    const pulls = new Map(peers.map(peer => [peer, []]));
    const pushed = await inTurns(peers, runs, async (peer, run) => {
      await peer.prepare(`p${run}`, bytes, run);
      settle();
      const time = await timed(() => peer.push(`p${run}`));
      await peer.forget(`p${run}`);
      settle();
      pulls.get(peer).push(await timed(() => peer.pull()));
      peer.clear();
      return time;
    });
    const pulled = await inTurns(peers, runs, (peer, run) => pulls.get(peer)[run]);
    const size = `${Math.round(bytes / MiB)} MiB of new data`;
    return [row(`push of ${size} to a hub`, pushed, bytes), row(`pull of ${size} from a hub`, pulled, bytes)];
  } finally {
    await plain.stop();
    await hub.stop();
  }
}

function row(what, figures, bytes) {
  const limits = [
    figures['git-lfs'] && figures['git-lfs'].median / OF_LFS,
    figures['plain HTTP'].median / OF_PLAIN
  ].filter(Boolean);
  const must = {
    limit: Math.min(...limits),
    says: `≥ ${OF_LFS * 100} % of git-lfs and ≥ ${OF_PLAIN * 100} % of plain HTTP`
  };
  const note = `${(bytes / MiB / (figures.Branchbook.median / 1000)).toFixed(0)} MiB/s`;
  return rowOf(what, figures, { all: ['git-lfs', 'plain HTTP'], must, note });
}

// Of each: `prepare` makes new data, `forget` leaves the client without it, which `pull` then brings.

/** Every version of every asset into the store, as git-lfs fetches: files are not written. */
function ours(folder, { url }) {
  const [project, clone] = [join(folder, 'ours'), join(folder, 'ours-clone')];
  return {
    name: 'Branchbook',
    prepare: (_name, bytes, seed) => {
      newSharedProject(folder, 'ours');
      writeRandomFile(join(project, 'model.bin'), bytes, `ours ${seed}`);
      branchbook(project, 'snapshot', '-m', 'Whole');
    },
    push: name => branchbook(project, 'push', '--to', `${url}/bench/${name}`),
    forget: name => branchbook(folder, 'clone', '--lazy', `${url}/bench/${name}`, clone),
    pull: () => branchbook(clone, 'pull', '--assets', 'all'),
    clear: () => [project, clone].forEach(remove)
  };
}

function lfs(folder, hub) {
  const [project, origin] = [join(folder, 'lfs'), join(folder, 'lfs-origin.git')];
  return {
    name: 'git-lfs',
    prepare: async (name, bytes, seed) => {
      await addProject(hub, `lfs-${name}`);
      const url = new URL(`${hub.url}/bench/lfs-${name}.git/info/lfs`);
      Object.assign(url, { username: 'ada', password: hub.token });
      mkdirSync(project);
      git(folder, 'init', '-q', '--bare', origin);
      git(project, 'init', '-q');
      git(project, 'lfs', 'install', '--local');
      git(project, 'config', 'lfs.url', url.href);
      git(project, 'lfs', 'track', '*.bin');
      git(project, 'remote', 'add', 'origin', origin);
      writeRandomFile(join(project, 'model.bin'), bytes, `lfs ${seed}`);
      git(project, 'add', '.');
      git(project, 'commit', '-qm', 'Whole');
    },
    push: () => git(project, 'lfs', 'push', '--all', 'origin'),
    forget: () => remove(join(project, '.git', 'lfs', 'objects')),
    pull: () => git(project, 'lfs', 'fetch', '--all', 'origin'),
    clear: () => [project, origin].forEach(remove)
  };
}

/** A plain server of files, and a client that keeps what it gets with the same care. */
async function startPlain(folder) {
  const [there, here] = [join(folder, 'plain'), join(folder, 'plain-here')];
  const server = spawn(process.execPath, [at('bench', 'plain-server.mjs'), there], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  const ended = once(server, 'exit');
  const [port] = await once(server.stdout, 'data');
  const ask = (method, send) =>
    new Promise((resolve, reject) => {
      const sent = request({ port: Number(port), host: '127.0.0.1', method }, resolve).once('error', reject);
      send(sent);
    });
  return {
    name: 'plain HTTP',
    prepare: (_name, bytes, seed) => writeRandomFile(here, bytes, `plain ${seed}`),
    push: async () => {
      const answer = await ask('PUT', sent => createReadStream(here, { highWaterMark: AT_ONCE }).pipe(sent));
      await once(answer.resume(), 'end');
    },
    forget: () => remove(here),
    pull: async () => store(here, await ask('GET', sent => sent.end())),
    clear: () => [there, here].forEach(remove),
    stop: async () => {
      server.kill();
      await ended;
    }
  };
}
