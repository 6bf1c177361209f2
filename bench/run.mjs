// npm run bench: measure, print one table, write bench/RESULTS.md.
import { cpus, totalmem } from 'node:os';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { at, fail } from '../scripts/run.mjs';
import { setup } from '../scripts/setup.mjs';
import { coreRows } from './core.mjs';
import { labRows } from './lab.mjs';

const runs = 5;

function table(rows) {
  const cells = rows.map(([name, value, unit, limit, note]) => [
    name,
    `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`,
    limit === null ? '' : `≤ ${limit.toFixed(0)} ${unit}`,
    limit === null ? '' : value <= limit ? 'met' : 'missed',
    note
  ]);
  const all = [['what', 'median', 'must', '', 'compared with'], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map(row => row[column].length)));
  const line = row => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(all[0]), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join('\n');
}

try {
  await setup('example,test');
  const rows = [...(await coreRows(runs)), ...(await labRows(runs))];
  const text = table(rows);
  console.log(`\n${text}`);
  const version = (program, ...argv) => execFileSync(program, argv, { encoding: 'utf8' }).trim().split('\n')[0];
  writeFileSync(
    at('bench', 'RESULTS.md'),
    `# Figures\n\nMade by \`npm run bench\`: medians of ${runs} runs or more, everything in one run on one machine.\n\n` +
      `${new Date().toISOString().slice(0, 10)} · ${cpus().length} × ${cpus()[0].model} · ${(totalmem() / 1024 ** 3).toFixed(0)} GiB · ` +
      `Node ${process.versions.node} · ${version('git', '--version')}\n\n${text}\n`
  );
} catch (error) {
  fail(error);
}
