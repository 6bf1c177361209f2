// One permission, decided from facts in the database: 10,000 members, 1,000 projects, 10,000 grants.
import { join } from 'node:path';
import { built } from '../built.mjs';
import { median, timed } from '../measure.mjs';
import { atMost } from '../row.mjs';

const MEMBERS = 10_000;
const PROJECTS = 1000;
const CHECKS = 500;

/** Some are members, some have a grant, every tenth asked for is a stranger. */
export async function permission({ folder, scale, newDatabase }) {
  const tools = await builtDirectory();
  const members = Math.round(MEMBERS * scale);
  const projects = Math.round(PROJECTS * scale);
  const addresses = {
    PGlite: { kind: 'embedded', folder: join(folder, 'database') },
    PostgreSQL: { kind: 'postgres', url: await newDatabase() }
  };
  const rows = [];
  for (const [name, address] of Object.entries(addresses)) {
    const database = await tools.openDatabase(address);
    try {
      const directory = new tools.SqlDirectory(database.db, tools.clock);
      await directory.create(team(members, projects), []);
      const times = await checks(tools, directory, members, projects);
      rows.push({
        what: `permission check, ${name}: ${members} members × ${projects} projects`,
        value: median(times),
        unit: 'ms',
        must: atMost(1),
        note: `median of ${CHECKS} decisions about different people and projects, facts read anew each time; 95 % within ${at95(times).toFixed(2)} ms`
      });
    } finally {
      await database.close();
    }
  }
  return rows;
}

async function checks({ decide }, directory, members, projects) {
  const one = async index => {
    const project = `p${(index * 613) % projects}`;
    const who = { user: `u${(index * 7919) % Math.round(members * 1.1)}`, groups: ['g1', 'g2'] };
    const facts = await directory.facts('team', who, [project]);
    const { allowed } = decide(facts, 'edit', { kind: 'asset', project, path: 'data/raw/a.csv' }, Date.now());
    return allowed;
  };
  for (let index = 0; index < 200; index++) {
    await one(index);
  }
  const times = [];
  for (let index = 0; index < CHECKS; index++) {
    times.push(await timed(() => one(index)));
  }
  return times;
}

const at95 = times => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)];

function team(members, projects) {
  const cells = right => ({ code: right, data: right, models: right, compute: right });
  const policy = { private: cells('manage'), team: cells('manage'), everyone: cells('none') };
  const by = { created: 0, by: 'u0' };
  const list = (length, make) => Array.from({ length }, (_, index) => make(index));
  return {
    revision: 1,
    record: {
      name: 'team',
      kind: 'team',
      title: '',
      label: 'unclassified',
      policy,
      quota: { bytes: null, projects: null },
      created: 0,
      git: null
    },
    members: list(members, index => ({
      principal: { kind: 'user', name: `u${index}` },
      role: index % 3 ? 'viewer' : 'editor',
      cleared: false,
      added: 0,
      by: 'u0'
    })),
    grants: list(members, index => ({
      id: `grant${index}`,
      principal:
        index % 10 ? { kind: 'user', name: `u${(index * 31) % members}` } : { kind: 'group', name: `g${index % 500}` },
      right: 'edit',
      object: { kind: 'asset', project: `p${index % projects}`, path: 'data/raw' },
      expires: null,
      ...by
    })),
    projects: list(projects, index => ({
      id: `id${index}`,
      namespace: 'team',
      name: `p${index}`,
      description: '',
      label: 'unclassified',
      branchRules: [],
      ...by,
      git: null,
      bytes: 0
    })),
    links: [],
    endpoints: [],
    requests: []
  };
}

/** The hub's own code, built: it is no public API. */
const builtDirectory = () =>
  built(
    'bench-directory',
    `export { openDatabase } from './src/node/postgres/database';
     export { SqlDirectory } from './src/node/postgres/sql-directory';
     export { clock } from './src/node/process/time';
     export { decide } from './src/core/access/decide';`
  );
