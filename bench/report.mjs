// The table, on the screen and in RESULTS.md. A part that was not measured this time keeps its last figures there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { at } from '../scripts/run.mjs';
import { GiB } from './measure.mjs';
import { say } from './row.mjs';

const headings = ['what', 'Branchbook', 'must', '', 'aim', '', 'the others', 'notes'];

function verdict(bound, { value, unit }) {
  if (!bound) {
    return ['', ''];
  }
  const { limit, says } = bound;
  if (limit === null) {
    return [says, 'not known'];
  }
  const text = says ? `${says}: ${say(limit, unit)}` : `≤ ${say(limit, unit)}`;
  return [text, value <= limit ? 'met' : `missed, ${(value / limit).toFixed(2)} × of it`];
}

export function table(rows) {
  const cells = rows.map(row => [
    row.what,
    say(row.value, row.unit),
    ...verdict(row.must, row),
    ...verdict(row.aim, row),
    row.others ?? '',
    row.note ?? ''
  ]);
  const line = row => `| ${row.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...cells.map(line)].join('\n');
}

/** For the screen: the same, one row a paragraph, since the table is wider than most terminals. */
export function paragraphs(rows) {
  return rows
    .map(row => {
      const [must, met] = verdict(row.must, row);
      const [aim, reached] = verdict(row.aim, row);
      const lines = [
        `${row.what}: ${say(row.value, row.unit)}`,
        must && `    must  ${must}: ${met}`,
        aim && `    aim   ${aim}: ${reached}`,
        row.others && `    ${row.others}`,
        row.note && `    ${row.note}`
      ];
      return lines.filter(Boolean).join('\n');
    })
    .join('\n');
}

const version = (program, ...argv) => execFileSync(program, argv, { encoding: 'utf8' }).trim().split('\n')[0];

export function machine() {
  const memory = `${(totalmem() / GiB).toFixed(0)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date} · ${cpus().length} × ${cpus()[0].model} · ${memory} · Node ${process.versions.node} · ${version('git', '--version')}`;
}

const introduction = `# Figures

Made by \`npm run bench\`: medians, everything that one row names measured in the same run, on the same files, in turns.
Five runs each where the command says nothing else, three where one takes more than 20 s (the row says so). Caches are warm, and the disk is idle before each
measurement. Times are wall times.
`;

const file = at('bench', 'RESULTS.md');

/** Put the text of one section into RESULTS.md. `titles` is the order of all. */
export function writeResults({ title, command, text }, titles) {
  const kept = readParts();
  kept[title] = `## ${title}\n\n${made(command)}\n\n${text.trim()}\n`;
  writeParts(kept, titles);
}

/**
 * Put one part of a section there, whose other parts stay as they were measured at another time. `order` lists the
 * titles of its parts.
 */
export function writePart({ title, part, command, text }, order, titles) {
  const kept = readParts();
  const inside = kept[title] ? split(kept[title], '### ') : {};
  inside[part] = `### ${part}\n\n${made(command)}\n\n${text.trim()}\n`;
  const known = order.filter(name => inside[name]).map(name => inside[name]);
  kept[title] = [`## ${title}\n`, ...known].join('\n');
  writeParts(kept, titles);
}

const made = command => `Again with \`${command}\`. ${machine()}.`;
const readParts = () => (existsSync(file) ? split(readFileSync(file, 'utf8'), '## ') : {});

function writeParts(kept, titles) {
  const known = titles.filter(name => kept[name]).map(name => kept[name]);
  writeFileSync(file, [introduction, ...known].join('\n'));
}

/** What stands below headings of one level, by their words. */
function split(text, heading) {
  const pieces = text.split(new RegExp(`^${heading}`, 'm')).slice(1);
  return Object.fromEntries(pieces.map(piece => [piece.split('\n')[0], `${heading}${piece.trim()}\n`]));
}
