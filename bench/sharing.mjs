// Sharing (`--only permission`). With BENCH_POSTGRES=postgres://… also on that server, in an empty database.
import { inTemporaryFolder } from './measure.mjs';
import { table } from './report.mjs';
import { permission } from './scenario/permission.mjs';

const scenarios = { permission };

export async function measure({ scale, only = Object.keys(scenarios) }) {
  const rows = [];
  for (const name of Object.keys(scenarios).filter(one => only.includes(one))) {
    const found = await inTemporaryFolder(folder =>
      scenarios[name]({ folder, scale, postgres: process.env.BENCH_POSTGRES })
    );
    rows.push(...found);
  }
  return { rows, text: table(rows) };
}
