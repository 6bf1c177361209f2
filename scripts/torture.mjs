// npm run torture: the durability tests at their nightly size (test/torture/README.md). Prints one table of counts.
//   --only T2,T3   these designs           --scale 0.2   a part of the nightly size
//   --seed 1234    this seed only          --small       the size that npm test has
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { at, fail, run } from './run.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string' },
    small: { type: 'boolean', default: false }
  }
});

/** A test file names its designs in its first comment, as in "T2, after SQLite's …" or "T3: …". */
function designsOf(file) {
  const head = readFileSync(file, 'utf8').slice(0, 200);
  return head.startsWith('/**') ? [...head.matchAll(/\bT(\d+)(?=[:, ])/g)].map(match => `T${match[1]}`) : [];
}

function filesOf(wanted) {
  const names = readdirSync(at('test'), { recursive: true, encoding: 'utf8' }).sort();
  const tests = names.filter(name => name.endsWith('.test.ts')).map(name => join('test', name));
  return tests.filter(name => {
    const designs = designsOf(at(name));
    return wanted ? designs.some(design => wanted.includes(design)) : designs.length > 0;
  });
}

function environment(report) {
  return {
    ...(options.small ? {} : { BRANCHBOOK_TORTURE: 'nightly' }),
    BRANCHBOOK_TORTURE_SCALE: options.scale,
    ...(options.seed && { BRANCHBOOK_TORTURE_SEED: options.seed }),
    BRANCHBOOK_TORTURE_REPORT: report
  };
}

/** Counts of the same name are added up. */
function printTable(report) {
  const designs = new Map();
  for (const line of readFileSync(report, 'utf8').trim().split('\n')) {
    const { design, counts } = JSON.parse(line);
    const sums = designs.get(design) ?? {};
    for (const [what, number] of Object.entries(counts)) {
      sums[what] = (sums[what] ?? 0) + number;
    }
    designs.set(design, sums);
  }
  for (const [design, sums] of [...designs].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))) {
    const cells = Object.entries(sums).map(([what, number]) => `${number} ${what}`);
    console.log(`| ${design} | ${cells.join(', ')} |`);
  }
}

try {
  const folder = at('node_modules', '.branchbook', 'reports');
  const report = join(folder, 'torture.jsonl');
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  const files = filesOf(options.only?.split(','));
  const vitest = [at('node_modules/vitest/vitest.mjs'), 'run', '--config', 'vitest.config.mts', ...files];
  const failure = await run(process.execPath, vitest, { show: true, env: environment(report) }).then(
    () => null,
    error => error
  );
  printTable(report);
  process.exit(failure ? 1 : 0);
} catch (error) {
  fail(error);
}
