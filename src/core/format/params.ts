/** Parameters: `params.yaml` or `params.json` in the root (as DVC has them), and such files below `params/`. */

export type ParamValue = string | number | boolean | null;
/** Dotted names in the order of the file. */
export type Params = ReadonlyMap<string, ParamValue>;

const MAX_NAMES = 1000;
const MAX_DEPTH = 50;
const MAX_TEXT = 500;

export function isParamsFile(path: string): boolean {
  return /^params(\/.*[^/])?\.(json|ya?ml)$/i.test(path);
}

/** Lists are one value, written as JSON. Empty for a file that does not parse. */
export function parseParams(path: string, text: string, parseYaml: (text: string) => unknown): Params {
  const found = new Map<string, ParamValue>();
  try {
    flatten('', /\.json$/i.test(path) ? (JSON.parse(text) as unknown) : parseYaml(text), 0, found);
  } catch {
    found.clear();
  }
  return found;
}

function flatten(name: string, value: unknown, depth: number, found: Map<string, ParamValue>): void {
  if (found.size >= MAX_NAMES || depth > MAX_DEPTH) {
    return;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(name ? `${name}.${key}` : key, inner, depth + 1, found);
    }
  } else if (name) {
    found.set(name, plain(value));
  }
}

function plain(value: unknown): ParamValue {
  if (value === null || value === undefined || typeof value === 'boolean') {
    return value ?? null;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : String(value);
  }
  const text = typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
