/** Metrics files: small JSON, YAML or CSV under `metrics/`, read as names and values. */

export type MetricValue = number | string;
/** Dotted names in the order of the file. */
export type Metrics = ReadonlyMap<string, MetricValue>;

const FOLDER = 'metrics/';
/** Which values of metrics are good, as the project says. */
export const DIRECTIONS_FILE = 'metrics/directions.json';
/** A metrics file that is longer holds something else. */
export const METRICS_MAX_BYTES = 1024 * 1024;
const MAX_NAMES = 1000;
/** Rows of a series that are kept: the last ones. */
const MAX_SERIES = 10_000;
/** Columns that count the rows of a series: they say where a value was measured, and measure nothing. */
const COUNTERS = new Set(['step', 'epoch', 'iteration', 'iter', 'batch', 'global_step']);

export function isMetricsFile(path: string): boolean {
  return path.startsWith(FOLDER) && path !== DIRECTIONS_FILE && /\.(json|ya?ml|csv)$/i.test(path);
}

/** The metrics a file holds; empty for one that does not parse: a comparison shows what there is. */
export function parseMetrics(path: string, text: string, parseYaml: (text: string) => unknown): Metrics {
  const found = new Map<string, MetricValue>();
  try {
    if (/\.csv$/i.test(path)) {
      parseCsvRow(text, found);
    } else {
      flatten('', /\.json$/i.test(path) ? parseLooseJson(text) : parseYaml(text), found);
    }
  } catch {
    found.clear();
  }
  return found;
}

/** JSON as Python writes it: NaN and Infinity may stand where JSON has no word for them. */
export function parseLooseJson(text: string): unknown {
  const strict = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, word =>
    word[0] === '"' ? word : `"${word}"`
  );
  return JSON.parse(strict) as unknown;
}

function flatten(name: string, value: unknown, found: Map<string, MetricValue>): void {
  if (found.size >= MAX_NAMES) {
    return;
  }
  if (typeof value === 'number') {
    found.set(name || 'value', Number.isFinite(value) ? value : String(value));
  } else if (typeof value === 'string' || typeof value === 'boolean') {
    found.set(name || 'value', String(value));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(name ? `${name}.${key}` : key, inner, found);
    }
  }
}

/** The header names the values; of several rows, measured one after the other, the last one counts. */
function parseCsvRow(text: string, found: Map<string, MetricValue>): void {
  const [header = [], ...rows] = parseCsv(text);
  const row = rows.at(-1);
  if (!row || rows.some(({ length }) => length !== header.length)) {
    return;
  }
  const isMetric = (name: string): boolean => name !== '' && (rows.length < 2 || !isCounter(name));
  header.slice(0, MAX_NAMES).forEach((name, index) => {
    const value = row[index]!;
    if (isMetric(name) && value !== '') {
      found.set(name, numberIn(value) ?? value);
    }
  });
}

const isCounter = (name: string): boolean => COUNTERS.has(name.toLowerCase());

function numberIn(text: string): number | null {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

/** All values of each column of numbers of a CSV file with several rows; empty for every other file. */
export function parseSeries(path: string, text: string): ReadonlyMap<string, readonly (number | null)[]> {
  const [header = [], ...rows] = /\.csv$/i.test(path) ? parseCsv(text) : [];
  const series = new Map<string, readonly (number | null)[]>();
  if (rows.length < 2 || rows.some(({ length }) => length !== header.length)) {
    return series;
  }
  header.slice(0, MAX_NAMES).forEach((name, index) => {
    const values = rows.slice(-MAX_SERIES).map(row => numberIn(row[index]!));
    if (name !== '' && !isCounter(name) && values.some(value => value !== null)) {
      series.set(name, values);
    }
  });
  return series;
}

/** Rows of fields, RFC 4180. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (match[0] === '' && row.length === 0) {
      break;
    }
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
