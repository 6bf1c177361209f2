// npm run bench -- [store] [core] [lab] [story] [--runs N] [--scale 0.1] [--only SCENARIO]: measure, print, write
// bench/RESULTS.md.
import { parseArgs } from 'node:util';
import { fail } from '../scripts/run.mjs';
import { setup } from '../scripts/setup.mjs';
import { coreSection } from './core.mjs';
import { labSection } from './lab.mjs';
import { remove } from './measure.mjs';
import { paragraphs, writeResults } from './report.mjs';
import { storeSection } from './store.mjs';
import { storySection } from './story.mjs';
import { home } from './tools.mjs';

/** Each has a title, and `run({ runs, scale })` that gives its rows and its text for RESULTS.md. */
const sections = { store: storeSection, core: coreSection, lab: labSection, story: storySection };
/** The story takes long and measures little: it is told when asked for. */
const byDefault = ['store', 'core', 'lab'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string' }
  }
});
const options = { runs: Number(values.runs), scale: Number(values.scale), only: values.only };
const chosen = positionals.length > 0 ? positionals : byDefault;

try {
  if (chosen.some(name => !sections[name]) || !(options.runs >= 1) || !(options.scale > 0)) {
    throw new Error('Usage: npm run bench -- [store] [core] [lab] [story] [--runs N] [--scale 0.1]');
  }
  await setup('example,test');
  const done = [];
  for (const name of chosen) {
    const start = performance.now();
    const { title, run } = sections[name];
    console.log(`\n# ${title}`);
    const { rows, text } = await run(options);
    console.log(`\n${paragraphs(rows)}\n\n${title}: ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
    done.push({ title, command: `npm run bench -- ${name}`, text });
  }
  const whole = options.scale === 1 && options.runs >= 5 && !options.only;
  if (whole) {
    writeResults(
      done,
      Object.values(sections).map(section => section.title)
    );
  }
  console.log(whole ? '\nWritten to bench/RESULTS.md.' : '\nbench/RESULTS.md stays as it was: this was only a look.');
} catch (error) {
  fail(error);
} finally {
  remove(home);
}
