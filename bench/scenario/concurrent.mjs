// Fifty people who push to ten branches of one project at the same time.
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from '../built.mjs';
import { addProject, startHub } from '../hub.mjs';
import { inTemporaryFolder, memory } from '../measure.mjs';
import { atMost } from '../row.mjs';

const CLIENTS = 50;
const BRANCHES = 10;
const SECONDS = 60;
/** Milliseconds between the pushes of one client who works in between. */
const PACE = 5_000;
/** What a hub says to who asks too often: to be asked again later. */
const TOO_MANY = 429;

/**
 * As much as there can be (each client asks and pushes again as soon as it is answered), and as people work. A push that
 * meets another's is made anew on what is there now.
 */
export async function concurrent({ scale, newDatabase }) {
  const light = await built('bench-light-push', `export * from './test/support/light-push';`);
  const seconds = SECONDS * scale;
  const rows = [];
  for (const name of ['PGlite', 'PostgreSQL']) {
    const crowd = pace =>
      inTemporaryFolder(async folder => {
        const postgres = name === 'PostgreSQL' ? await newDatabase() : undefined;
        return pushTogether(light, folder, { seconds, pace, postgres });
      });
    const what = `${CLIENTS} clients, ${BRANCHES} branches, ${seconds} s, ${name}`;
    rows.push(...rowsOf(what, await crowd(0)));
    rows.push(...rowsOf(`${what}, a push every ${PACE / 1000} s each`, await crowd(PACE)));
  }
  return rows;
}

const branchOf = number => `branch-${number % BRANCHES}`;
const branches = () => new Map(Array.from({ length: BRANCHES }, (_, number) => [branchOf(number), []]));

async function pushTogether(light, folder, { seconds, pace, postgres }) {
  const hub = await startHub(folder, { postgres });
  try {
    await addProject(hub, 'busy');
    const client = { url: `${hub.url}/bench/busy.git`, token: hub.token };
    const seen = { times: [], whole: [], pushed: branches(), failures: 0, stale: 0, tooMany: 0 };
    const start = performance.now();
    const end = start + seconds * 1000;
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, each) => {
        let next = start + (pace * each) / CLIENTS;
        for (let number = 0; next < end && performance.now() < end; number++) {
          await sleep(Math.max(0, next - performance.now()));
          await pushUntilTaken(light, client, branchOf(each), `${each} ${number}`, seen);
          next += pace;
        }
      })
    );
    const took = (performance.now() - start) / 1000;
    return { ...seen, took, lost: await lost(light, client, seen.pushed), memory: memory(hub.pid).peak };
  } finally {
    await hub.stop();
  }
}

async function pushUntilTaken({ tipOf, pushCommit }, client, branch, message, seen) {
  const start = performance.now();
  for (let taken = false; !taken;) {
    const { status, tip } = await tipOf(client, branch);
    const sent = performance.now();
    const pushed = status === 200 ? await pushCommit(client, branch, tip, message) : { status, ok: false };
    taken = pushed.ok;
    if (taken) {
      seen.times.push(performance.now() - sent);
      seen.whole.push(performance.now() - start);
      seen.pushed.get(branch).push({ commit: pushed.commit, on: tip });
    } else if (pushed.status === TOO_MANY) {
      seen.tooMany += 1;
      await sleep(1000);
    } else if (pushed.status >= 500) {
      seen.failures += 1;
      return;
    } else {
      seen.stale += 1;
    }
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

function rowsOf(what, { times, whole, failures, stale, tooMany, lost, memory, took }) {
  const taken = `${times.length} pushes, ${(times.length / took).toFixed(1)} a second`;
  const again = `${stale} made again on what others had pushed, ${tooMany} told to come later`;
  return [
    { what: `${what}: lost updates`, value: lost, unit: 'updates', must: atMost(0), note: `${taken}; ${again}` },
    { what: `${what}: answers of 5xx`, value: failures, unit: 'answers', must: atMost(0) },
    {
      what: `${what}: update of a ref, from the request with the pack to its answer, 95 %`,
      value: at95(times),
      unit: 'ms',
      must: atMost(250)
    },
    {
      what: `${what}: the same with the question before it, and all that were made again, 95 %`,
      value: at95(whole),
      unit: 'ms'
    },
    { what: `${what}: most memory of the hub`, value: memory, unit: 'MiB', must: atMost(400) }
  ];
}
