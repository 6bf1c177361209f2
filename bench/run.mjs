// npm run bench -- [store] [core] [tables] [sharing] [lab] [story] [--runs N] [--scale 0.1] [--only SCENARIO,…]: measure,
// print, write bench/RESULTS.md.
import { parseArgs } from 'node:util';
import { fail } from '../scripts/run.mjs';
import { setup } from '../scripts/setup.mjs';
import { remove } from './measure.mjs';
import { paragraphs, writePart, writeResults } from './report.mjs';
import { home } from './tools.mjs';

/**
 * The sections, in the order of RESULTS.md. Each module has `measure({ runs, scale, only, keep })`, which gives its
 * rows and its text for the page, or no text when it told `keep` of each part as soon as it was measured. Imported when the set-up has installed what they import.
 */
const titles = {
  store: 'The store and the switch',
  core: 'The core',
  tables: 'Tables',
  sharing: 'Sharing',
  lab: 'JupyterLab',
  story: "A new user's story"
};
/** The story takes long and measures little: it is told when asked for. */
const byDefault = ['store', 'core', 'tables', 'sharing', 'lab'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string' }
  }
});
const options = { runs: Number(values.runs), scale: Number(values.scale), only: values.only?.split(',') };
const chosen = positionals.length > 0 ? positionals : byDefault;

try {
  if (chosen.some(name => !titles[name]) || !(options.runs >= 1) || !(options.scale > 0)) {
    throw new Error('Usage: npm run bench -- [store] [core] [tables] [sharing] [lab] [story] [--runs N] [--scale 0.1]');
  }
  await setup('example,test');
  const whole = options.scale === 1 && options.runs >= 3;
  const runs = options.runs === 5 ? '' : ` --runs ${options.runs}`;
  const only = values.only ? ` --only ${values.only}` : '';
  for (const name of chosen) {
    const start = performance.now();
    const title = titles[name];
    console.log(`\n# ${title}${options.scale === 1 ? '' : `, at ${options.scale} of the sizes that its rows name`}`);
    const { measure } = await import(`./${name}.mjs`);
    const keep = (part, text, order) => {
      if (whole) {
        const command = `npm run bench -- ${name} --only ${part.name}${runs}`;
        writePart({ title, part: part.title, command, text }, order, Object.values(titles));
      }
    };
    const { rows, text } = await measure({ ...options, keep });
    console.log(`\n${paragraphs(rows)}\n\n${title}: ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
    if (whole && text) {
      // After each part, so that a later one that fails does not take it along.
      writeResults({ title, command: `npm run bench -- ${name}${only}${runs}`, text }, Object.values(titles));
    }
  }
  console.log(whole ? '\nWritten to bench/RESULTS.md.' : '\nbench/RESULTS.md stays as it was: this was only a look.');
} catch (error) {
  fail(error);
} finally {
  remove(home);
}
