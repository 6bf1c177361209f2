// Sharing (`--only permission,push-edit,…`): a hub on this machine, with its embedded database and with PostgreSQL.
import { step } from '../scripts/run.mjs';
import { built } from './built.mjs';
import { inTemporaryFolder } from './measure.mjs';
import { table } from './report.mjs';
import { concurrent } from './scenario/concurrent.mjs';
import { lazyClone } from './scenario/lazy-clone.mjs';
import { permission } from './scenario/permission.mjs';
import { pushEdit } from './scenario/push-edit.mjs';
import { throughput } from './scenario/throughput.mjs';

const scenarios = { permission, 'push-edit': pushEdit, 'lazy-clone': lazyClone, throughput, concurrent };
const titles = {
  permission: 'permission checks',
  'push-edit': 'a push of a 1 MiB edit',
  'lazy-clone': 'a lazy clone of 10 GiB',
  throughput: 'push and pull of 1 GiB',
  concurrent: 'a crowd that pushes'
};

export async function measure({ runs, scale, only = Object.keys(scenarios), keep }) {
  const { startPostgres } = await built('bench-postgres', `export * from './test/support/servers/postgres';`);
  const postgres = await startPostgres({ durable: true });
  let databases = 0;
  /** The address of a new one, empty. */
  const newDatabase = () => postgres.createDatabase(`bench${(databases += 1)}`);
  try {
    const all = [];
    for (const name of Object.keys(scenarios).filter(one => only.includes(one))) {
      const rows = await step(`Measuring: ${titles[name]}`, () =>
        inTemporaryFolder(folder => scenarios[name]({ folder, runs, scale, newDatabase }))
      );
      keep({ name, title: titles[name] }, table(rows), Object.values(titles));
      all.push(...rows);
    }
    return { rows: all };
  } finally {
    await postgres.stop();
  }
}
