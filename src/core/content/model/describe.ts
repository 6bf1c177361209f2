/** What the readers of model files have in common. */
import type { ModelContent, ModelTensor } from '../../model/content';

/** What a file says of itself; the snapshot adds metrics and data. */
export type ModelFile = Omit<ModelContent, 'kind' | 'metrics' | 'trainedOn'>;

export type Setting = string | number | boolean | null;

const MAX_TENSORS = 1000;
const MAX_SETTINGS = 500;
const MAX_FEATURES = 10_000;
const MAX_TEXT = 500;

const NOTHING_KNOWN: Omit<ModelFile, 'format'> = {
  framework: null,
  estimator: null,
  parameters: null,
  settings: {},
  features: null,
  tensors: [],
  tensorCount: 0,
  notices: []
};

/** A model file with the lists cut to what people look at. */
export function modelFile(format: string, known: Partial<ModelFile>): ModelFile {
  const all = { ...NOTHING_KNOWN, ...known };
  const settings = Object.entries(all.settings).slice(0, MAX_SETTINGS);
  return {
    ...all,
    format,
    estimator: all.estimator && cut(all.estimator),
    settings: Object.fromEntries(settings.map(([name, value]) => [cut(name), cutSetting(value)])),
    features: all.features && all.features.slice(0, MAX_FEATURES).map(cut),
    tensors: all.tensors.slice(0, MAX_TENSORS).map(tensor => ({ ...tensor, name: cut(tensor.name) })),
    tensorCount: all.tensorCount || all.tensors.length
  };
}

/** Elements of a tensor; a scalar has one. */
export function elementsOf({ shape }: Pick<ModelTensor, 'shape'>): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Elements of all tensors. */
export function countElements(tensors: readonly ModelTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + elementsOf(tensor), 0);
}

export function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/** Numbers that JSON cannot carry become words. */
function cutSetting(value: Setting): Setting {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return String(value);
  }
  return typeof value === 'string' ? cut(value) : value;
}

export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The inner value at a path of names; undefined when something on the way is missing. */
export function inner(value: unknown, ...names: readonly string[]): unknown {
  let at = value;
  for (const name of names) {
    at = isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

/** Leaves of nested records as dotted names; lists of up to ten plain values as text. Bounded in depth and number. */
export function flattenSettings(value: unknown): Readonly<Record<string, Setting>> {
  const found: [string, Setting][] = [];
  const visit = (name: string, at: unknown, depth: number): void => {
    if (found.length >= MAX_SETTINGS || at === undefined) {
      return;
    }
    if (at === null || typeof at === 'number' || typeof at === 'boolean' || typeof at === 'string') {
      found.push([name, at]);
    } else if (Array.isArray(at)) {
      if (at.length <= 10 && at.every(item => typeof item !== 'object' || item === null)) {
        found.push([name, at.map(String).join(', ')]);
      }
    } else if (depth < 8) {
      Object.entries(at).forEach(([key, below]) => visit(name ? `${name}.${key}` : key, below, depth + 1));
    }
  };
  visit('', value, 0);
  return Object.fromEntries(found);
}

/** JSON of a part that must be JSON; undefined when it is not. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
