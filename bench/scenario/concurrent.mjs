// Fifty people who push to ten branches of one project at the same time.
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from '../built.mjs';
import { addProject, startHub } from '../hub.mjs';
import { inTemporaryFolder, memory, timed } from '../measure.mjs';
import { atMost, say } from '../row.mjs';

const CLIENTS = 50;
const BRANCHES = 10;
const SECONDS = 60;
/** What a hub says to who asks too often: to be asked again later. */
const TOO_MANY = 429;

/** A push that meets another's is made anew on what is there now. */
export async function concurrent({ scale, postgres }) {
  const light = await built('bench-light-push', `export * from './test/support/light-push';`);
  const rows = [];
  for (const [name, address] of [['PGlite'], ...(postgres ? [['PostgreSQL', postgres]] : [])]) {
    const found = await inTemporaryFolder(folder => crowd(light, folder, SECONDS * scale, address));
    rows.push(...rowsOf(`${CLIENTS} clients, ${BRANCHES} branches, ${SECONDS * scale} s, ${name}`, found));
  }
  return rows;
}

async function crowd(light, folder, seconds, postgres) {
  const hub = await startHub(folder, { postgres });
  try {
    await addProject(hub, 'busy');
    const client = { url: `${hub.url}/bench/busy.git`, token: hub.token };
    const seen = { times: [], pushed: new Map(), failures: 0, again: 0 };
    const end = performance.now() + seconds * 1000;
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, each) => {
        for (let number = 0; performance.now() < end; number++) {
          await pushOnce(light, client, `branch-${each % BRANCHES}`, `${each} ${number}`, seen);
        }
      })
    );
    return { ...seen, lost: await lost(light, client, seen.pushed), memory: memory(hub.pid).peak };
  } finally {
    await hub.stop();
  }
}

async function pushOnce({ tipOf, pushCommit }, client, branch, message, seen) {
  const { status, tip } = await tipOf(client, branch);
  let pushed = { status, ok: false };
  if (status === 200) {
    const time = await timed(async () => (pushed = await pushCommit(client, branch, tip, message)));
    if (pushed.ok) {
      seen.times.push(time);
      seen.pushed.set(branch, [...(seen.pushed.get(branch) ?? []), { commit: pushed.commit, on: tip }]);
    }
  }
  seen.failures += pushed.status >= 500 ? 1 : 0;
  seen.again += pushed.ok ? 0 : 1;
  if (pushed.status === TOO_MANY) {
    await sleep(1000);
  }
}

/** Acknowledged pushes that the branch, as it stands, does not have in its history. */
async function lost({ tipOf }, client, pushed) {
  let count = 0;
  for (const [branch, commits] of pushed) {
    const parents = new Map(commits.map(({ commit, on }) => [commit, on]));
    let kept = 0;
    for (let { tip } = await tipOf(client, branch); parents.has(tip); tip = parents.get(tip)) {
      kept += 1;
    }
    count += commits.length - kept;
  }
  return count;
}

const at95 = times => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)];

function rowsOf(what, { times, failures, again, lost, memory }) {
  return [
    { what: `${what}: lost updates`, value: lost, unit: 'updates', must: atMost(0), note: `${times.length} pushes` },
    { what: `${what}: answers of 5xx`, value: failures, unit: 'answers', must: atMost(0) },
    {
      what: `${what}: update of a ref, 95 %`,
      value: at95(times),
      unit: 'ms',
      must: atMost(2000),
      note: `${again} were made again on what others had pushed; the hub took at most ${say(memory, 'MiB')}`
    }
  ];
}
