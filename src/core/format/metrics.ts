/** Metrics files: small JSON, YAML or CSV under `metrics/`, read as names and values. */

export type MetricValue = number | string;
/** Dotted names in the order of the file. */
export type Metrics = ReadonlyMap<string, MetricValue>;

const FOLDER = 'metrics/';
/** A metrics file that is longer holds something else. */
export const METRICS_MAX_BYTES = 1024 * 1024;
const MAX_NAMES = 1000;

export function isMetricsFile(path: string): boolean {
  return path.startsWith(FOLDER) && /\.(json|ya?ml|csv)$/i.test(path);
}

/** The metrics a file holds; empty for one that does not parse: a comparison shows what there is. */
export function parseMetrics(path: string, text: string, parseYaml: (text: string) => unknown): Metrics {
  const found = new Map<string, MetricValue>();
  try {
    if (/\.csv$/i.test(path)) {
      parseCsvRow(text, found);
    } else {
      flatten('', /\.json$/i.test(path) ? parseJson(text) : parseYaml(text), found);
    }
  } catch {
    found.clear();
  }
  return found;
}

/** JSON as Python writes it: NaN and Infinity may stand where JSON has no word for them. */
function parseJson(text: string): unknown {
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

/** A table of one row: the header names the values. More rows are a data set, not a metric. */
function parseCsvRow(text: string, found: Map<string, MetricValue>): void {
  const rows = parseCsv(text);
  const [header, row] = rows;
  if (rows.length !== 2 || header!.length !== row!.length) {
    return;
  }
  header!.forEach((name, index) => {
    const value = row![index]!;
    if (name !== '' && value !== '') {
      found.set(name, value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value);
    }
  });
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
