/** Gradient boosting libraries: XGBoost (JSON and UBJSON) and LightGBM (text). */
import type { IByteSource } from '../byte-source';
import { decodeText, malformed } from '../cursor';
import { flattenSettings, inner, isRecord, modelFile, tryJson } from './describe';
import type { ModelFile, Setting } from './describe';
import { readUbjson } from './ubjson';

const MAX_JSON_BYTES = 128 * 1024 * 1024;
const HEAD_BYTES = 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/** null when the JSON is something else. FORMAT_INVALID when it is too large. */
export async function readXgboostJson(source: IByteSource): Promise<ModelFile | null> {
  if (source.size > MAX_JSON_BYTES) {
    throw malformed('XGBoost model', 'it is JSON of more than 128 MiB');
  }
  return describeXgboost('xgboost-json', tryJson(decodeText(await source.read(0, source.size))));
}

/** FORMAT_INVALID. */
export async function readXgboostUbj(source: IByteSource): Promise<ModelFile> {
  const model = describeXgboost('xgboost-ubj', await readUbjson(source));
  if (!model) {
    throw malformed('XGBoost model', 'it has no learner');
  }
  return model;
}

function describeXgboost(format: string, model: unknown): ModelFile | null {
  const learner = inner(model, 'learner');
  if (!isRecord(learner)) {
    return null;
  }
  const version = inner(model, 'version');
  const booster = inner(learner, 'gradient_booster');
  const names = inner(learner, 'feature_names');
  const gbtree = inner(booster, 'model') ?? inner(booster, 'gbtree', 'model');
  return modelFile(format, {
    framework: Array.isArray(version) ? `xgboost ${version.join('.')}` : 'xgboost',
    estimator: textOf(inner(booster, 'name')),
    settings: flattenSettings({
      objective: inner(learner, 'objective', 'name'),
      trees: numberOf(inner(gbtree, 'gbtree_model_param', 'num_trees')),
      base_score: inner(learner, 'learner_model_param', 'base_score'),
      num_class: numberOf(inner(learner, 'learner_model_param', 'num_class')),
      num_feature: numberOf(inner(learner, 'learner_model_param', 'num_feature')),
      attributes: inner(learner, 'attributes')
    }),
    features: Array.isArray(names) && names.length > 0 ? names.map(String) : null
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** XGBoost writes numbers as text. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

/** null when the text is something else. */
export async function readLightgbm(source: IByteSource): Promise<ModelFile | null> {
  const head = decodeText(await source.read(0, HEAD_BYTES));
  if (!/^tree\r?\nversion=/.test(head)) {
    return null;
  }
  const tail = decodeText(await source.read(Math.max(0, source.size - TAIL_BYTES), source.size));
  const header = new Map(
    (head.split(/\r?\n\r?\n/, 1)[0] ?? '').split(/\r?\n/).flatMap(line => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    })
  );
  const parameters = [...tail.matchAll(/^\[([^:\]\n]+): ([^\]\n]*)\]\r?$/gm)].map(
    ([, name, value]): [string, Setting] => [name!, numberOf(value!) as Setting]
  );
  const counted = (header.get('tree_sizes') ?? '').split(' ').filter(Boolean).length;
  const features = header.get('feature_names')?.split(' ');
  return modelFile('lightgbm', {
    framework: 'lightgbm',
    estimator: Object.fromEntries(parameters)['boosting']?.toString() ?? null,
    settings: {
      ...(header.has('objective') && { objective: header.get('objective')! }),
      ...(counted > 0 && { trees: counted }),
      ...(header.has('num_class') && { num_class: Number(header.get('num_class')) }),
      ...Object.fromEntries(parameters)
    },
    features: features ?? null
  });
}
