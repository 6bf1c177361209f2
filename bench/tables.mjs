// Large tables: first screen, statistics, pages of rows; and which rows differ (`--only look` or `diff`).
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../scripts/run.mjs';
import { startCore } from './core-process.mjs';
import { branchbook, git, inTemporaryFolder, memory, output, remove, repeat, timed } from './measure.mjs';
import { table } from './report.mjs';
import { atMost, say } from './row.mjs';
import { tableDiff } from './scenario/table-diff.mjs';
import { installTools } from './tools.mjs';

const ROWS = 10_000_000;
const PATH = 'data/table.parquet';

function newProject(folder, rows) {
  mkdirSync(join(folder, 'data'), { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  output(at('.venv', 'bin', 'python'), [at('bench', 'python', 'write_table.py'), join(folder, PATH), String(rows)]);
  branchbook(folder, 'init');
  branchbook(folder, 'snapshot', '-m', 'a table');
}

/** Ten columns; `show` as the panel asks for it. */
async function look(folder, { runs, scale }) {
  const project = join(folder, 'project');
  const rows = Math.round(ROWS * scale);
  newProject(project, rows);
  const core = await startCore(folder);
  const show = args => core.operation('show', project, { address: `${PATH}@main`, content: true, ...args });
  try {
    const page = { offset: 0, limit: 500 };
    const offset = run => Math.floor((rows - 500) * ((0.37 + run * 0.61803) % 1));
    await show({ page });
    const first = await repeat(runs * 2, () => timed(() => show({ page })));
    const anywhere = await repeat(runs * 4, run => timed(() => show({ page: { offset: offset(run), limit: 500 } })));
    const cold = await repeat(Math.min(runs, 3), () => {
      remove(join(project, '.git', 'branchbook', 'tables'));
      return timed(() => show({ statistics: true }));
    });
    const again = await repeat(runs * 2, () => timed(() => show({ statistics: true })));
    const sort = [{ column: 'price', descending: true }];
    const sorted = await timed(() => show({ page: { ...page, sort } }));
    const far = run => ({ offset: offset(run), limit: 500, sort });
    const jumps = await repeat(runs, run => timed(() => show({ page: far(run) })));
    const near = await repeat(runs, run =>
      timed(() => show({ page: { ...far(0), offset: far(0).offset - (run % 5) } }))
    );
    const peak = memory(core.pid).peak;
    const size = statSync(join(project, PATH)).size;
    const row = (what, value, unit, must = null, note = '') => ({ what, value, unit, must, note });
    const shape = `10 columns × ${rows / 1e6} M rows, ${say(size, 'bytes')}`;
    return [
      row('first screen: schema and 500 rows, warm', first, 'ms', atMost(300), shape),
      row('page of 500 rows anywhere', anywhere, 'ms', atMost(150)),
      row('statistics of every column', cold, 'ms', atMost(3000)),
      row('the same again, on any branch', again, 'ms', atMost(50)),
      row('sorted by a column: first page', sorted, 'ms'),
      row('sorted: a page far from the last one', jumps, 'ms'),
      row('sorted: a page near the last one', near, 'ms', atMost(150)),
      row('core: peak memory during all that', peak, 'MiB', atMost(2048))
    ];
  } finally {
    await core.stop();
  }
}

export async function measure(options) {
  const missing = await installTools();
  const rows = [];
  for (const [name, scenario] of Object.entries({ look, diff: tableDiff })) {
    if (!options.only || options.only.includes(name)) {
      rows.push(...(await inTemporaryFolder(folder => scenario(folder, { missing, ...options }))));
    }
  }
  return { rows, text: table(rows) };
}
