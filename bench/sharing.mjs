// Sharing (`--only permission,push-edit,…`). With BENCH_POSTGRES=postgres://… the permission and the crowd also on that server,
// in an empty database.
import { inTemporaryFolder } from './measure.mjs';
import { table } from './report.mjs';
import { concurrent } from './scenario/concurrent.mjs';
import { lazyClone } from './scenario/lazy-clone.mjs';
import { permission } from './scenario/permission.mjs';
import { pushEdit } from './scenario/push-edit.mjs';
import { throughput } from './scenario/throughput.mjs';

const scenarios = { permission, 'push-edit': pushEdit, 'lazy-clone': lazyClone, throughput, concurrent };

export async function measure({ runs, scale, only = Object.keys(scenarios) }) {
  const rows = [];
  for (const name of Object.keys(scenarios).filter(one => only.includes(one))) {
    const found = await inTemporaryFolder(folder =>
      scenarios[name]({ folder, runs, scale, postgres: process.env.BENCH_POSTGRES })
    );
    rows.push(...found);
  }
  return { rows, text: table(rows) };
}
