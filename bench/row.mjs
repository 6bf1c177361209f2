// One line of the table: what was measured, what it must be and should be, what the others need.
import { GiB, KiB, MiB } from './measure.mjs';

const digits = value => value.toFixed(value < 10 && !Number.isInteger(value) ? 1 : 0);

/** A figure in words. Units: 'ms', 'bytes', 'MiB', 'KiB'. */
export function say(value, unit) {
  if (unit === 'ms') {
    return value < 10_000 ? `${digits(value)} ms` : `${(value / 1000).toFixed(1)} s`;
  }
  if (unit === 'bytes') {
    const [size, name] = value >= GiB ? [GiB, 'GiB'] : value >= MiB ? [MiB, 'MiB'] : [KiB, 'KiB'];
    return `${(value / size).toFixed(value >= GiB ? 2 : 1)} ${name}`;
  }
  return `${digits(value)} ${unit}`;
}

/** At most so much. `says` is how the limit is meant, when it is a ratio. */
export const atMost = (limit, says) => ({ limit, says });

/** `factor` times as fast as the fastest of these peers; no limit when none is there. */
export function fasterThan(figures, names, factor = 1) {
  const known = names.filter(name => figures[name]);
  const says = `${factor === 1 ? '' : `${factor} × `}faster than ${names.join(', ')}`;
  return known.length === 0
    ? { limit: null, says }
    : { limit: Math.min(...known.map(name => figures[name].median)) / factor, says };
}

/** At most `factor` times what one other needs. */
export function timesAs(figures, name, factor) {
  const says = `≤ ${factor} × ${name}`;
  return { limit: figures[name] ? figures[name].median * factor : null, says };
}

/**
 * A row about figures that peers took turns for. `figures` is what inTurns returned; `all` are the peers the row names,
 * also those that are not available.
 */
export function rowOf(what, figures, { unit = 'ms', all = Object.keys(figures), must = null, aim = null, note = '' }) {
  const others = all
    .filter(name => name !== 'Branchbook')
    .map(name => `${name} ${figures[name] ? withRuns(figures[name], unit) : 'not available'}`);
  return { what, value: figures.Branchbook.median, unit, must, aim, others: others.join(' · '), note };
}

const withRuns = ({ median, runs }, unit) => say(median, unit) + (runs < 5 ? ` (${runs} ${plural(runs)})` : '');
const plural = runs => (runs === 1 ? 'run' : 'runs');
