import { branchbook } from './branchbook.mjs';
import { cp, dd } from './copy.mjs';
import { dvc } from './dvc.mjs';
import { gitLfs } from './git-lfs.mjs';
import { git } from './git.mjs';
import { hfXet } from './hf-xet.mjs';
import { oxen } from './oxen.mjs';
import { restic } from './restic.mjs';

const all = [branchbook, cp, dd, git, gitLfs, dvc, oxen, restic, hfXet];

/**
 * Start those that are there and call `work` with `present(names)`, which picks them, and with what each of all is:
 * a version, or why it is not available.
 */
export async function withPeers(folder, missing, work) {
  const versions = {};
  const started = [];
  try {
    for (const peer of all) {
      try {
        await peer.start(folder);
        started.push(peer);
        versions[peer.name] = await peer.version();
      } catch (error) {
        versions[peer.name] = `not available: ${missing[peer.name] ?? String(error.message).trim().slice(0, 100)}`;
        peer.absent = true;
      }
    }
    const present = (...names) => names.map(name => all.find(peer => peer.name === name)).filter(peer => !peer.absent);
    return await work(present, describe(versions));
  } finally {
    for (const peer of started) {
      await peer.stop();
    }
  }
}

const describe = versions => all.map(({ name, usage }) => ({ name, version: versions[name], usage }));
