/** scikit-learn's estimators, and objects like them, from what their pickle says. */
import type { ModelTensor } from '../../model/content';
import { elementsOf } from '../model/describe';
import type { ModelFile, Setting } from '../model/describe';
import { arrayOf, scalarOf } from './numpy';
import { attributesOf, classOf, isCall, isDict, isList, isNode, pathOf, textEntries } from './value';
import type { PickleCall, PickleValue } from './value';

const MAX_DEPTH = 6;
const MAX_STEPS = 20_000;
const LISTED = 10;
/** Libraries whose objects are models, whatever their state says. */
const LIBRARIES = ['sklearn', 'xgboost', 'lightgbm', 'catboost', 'imblearn', 'statsmodels'];
/** Attributes that hold what a model learned by fitting weights. */
const WEIGHTS = /^(coef_|intercept_|coefs_|intercepts_|dual_coef_|coef_sparse_)$/;

type Described = Pick<ModelFile, 'framework' | 'estimator' | 'parameters' | 'settings' | 'features' | 'tensors'>;

/** Describe the first estimator in what a pickle holds; what it holds otherwise when there is none. */
export function describeObject(root: PickleValue): Described {
  const estimator = findEstimator(root);
  if (!estimator) {
    return describeOther(root);
  }
  const walk: Walk = { settings: [], tensors: [], features: [], steps: 0 };
  collect(estimator, '', 0, walk);
  const weights = walk.tensors.filter(tensor => tensor.weight);
  return {
    framework: frameworkOf(estimator),
    estimator: nameOf(estimator),
    parameters: weights.length > 0 ? weights.reduce((sum, tensor) => sum + elementsOf(tensor), 0) : null,
    settings: Object.fromEntries(walk.settings),
    features: walk.features[0] ?? null,
    tensors: walk.tensors.map(({ name, type, shape }) => ({ name, type, shape }))
  };
}

function isEstimator(value: PickleValue): value is PickleCall {
  const module = classOf(value)?.module ?? '';
  return (
    isCall(value) &&
    (attributesOf(value).has('_sklearn_version') ||
      (value.state !== undefined && LIBRARIES.includes(module.split('.')[0]!)))
  );
}

/** Breadth first, so that a pipeline is found before its steps. */
function findEstimator(root: PickleValue): PickleCall | null {
  const seen = new Set<PickleValue>();
  let level: PickleValue[] = [root];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const found = level.find(isEstimator);
    if (found) {
      return found;
    }
    const next = level.flatMap(childrenOf).filter(value => isNode(value) && !seen.has(value));
    next.forEach(value => seen.add(value));
    level = [...new Set(next)].slice(0, MAX_STEPS);
  }
  return null;
}

function childrenOf(value: PickleValue): readonly PickleValue[] {
  if (isList(value)) {
    return value.items.slice(0, 1000);
  }
  if (isDict(value)) {
    return value.entries.slice(0, 1000).map(entry => entry[1]);
  }
  return isCall(value)
    ? [...attributesOf(value).values(), ...value.items.slice(0, 1000), ...value.entries.map(entry => entry[1])]
    : [];
}

function frameworkOf(estimator: PickleCall): string | null {
  const version = attributesOf(estimator).get('_sklearn_version');
  const library = classOf(estimator)?.module.split('.')[0] ?? null;
  if (typeof version === 'string' && (library === 'sklearn' || library === null)) {
    return `scikit-learn ${version}`;
  }
  return library === 'sklearn' ? 'scikit-learn' : library;
}

/** `RandomForestClassifier`; `Pipeline(StandardScaler, LogisticRegression)`. */
function nameOf(value: PickleValue): string {
  const name = classOf(value)?.name ?? 'object';
  const steps = stepsOf(value).map(([, step]) => nameOf(step));
  return steps.length > 0 ? `${name}(${steps.join(', ')})` : name;
}

/** The named parts of a pipeline, a union or a column transformer. */
function stepsOf(value: PickleValue): readonly (readonly [string, PickleValue])[] {
  const attributes = attributesOf(value);
  const lists = ['steps', 'transformer_list', 'transformers', 'estimators'].map(name => attributes.get(name));
  const list = lists.find(isList);
  return (list?.items ?? []).slice(0, 50).flatMap(item => {
    const [name, step] = isList(item) ? item.items : [];
    return typeof name === 'string' && isEstimator(step ?? null) ? [[name, step!] as const] : [];
  });
}

type Walk = {
  readonly settings: [string, Setting][];
  readonly tensors: (ModelTensor & { readonly weight: boolean })[];
  readonly features: (readonly string[])[];
  steps: number;
};

/** Settings have the names of `get_params`: `clf__C`. */
function collect(value: PickleCall, prefix: string, depth: number, walk: Walk): void {
  if (depth > MAX_DEPTH || walk.steps++ > MAX_STEPS) {
    return;
  }
  const inside = new Set(stepsOf(value).map(([, step]) => step));
  for (const [name, attribute] of attributesOf(value)) {
    if (name.startsWith('_')) {
      continue;
    }
    if (name === 'feature_names_in_') {
      walk.features.push(arrayOf(attribute)?.values?.map(String) ?? []);
    } else if (/[^_]_$/.test(name)) {
      collectLearned(name, attribute, prefix, walk);
    } else if (isEstimator(attribute) && !inside.has(attribute)) {
      walk.settings.push([`${prefix}${name}`, classOf(attribute)!.name]);
      collect(attribute, `${prefix}${name}__`, depth + 1, walk);
    } else {
      collectSetting(`${prefix}${name}`, attribute, walk);
    }
  }
  for (const [name, step] of stepsOf(value)) {
    collect(step as PickleCall, `${prefix}${name}__`, depth + 1, walk);
  }
}

/** What fitting found: arrays are tensors, and short lists of numbers, words and single numbers are shown. */
function collectLearned(name: string, value: PickleValue, prefix: string, walk: Walk): void {
  const arrays = isList(value) ? value.items.slice(0, 1000).map(arrayOf) : [arrayOf(value)];
  arrays.forEach((array, index) => {
    if (array && array.type !== 'object') {
      const full = `${prefix}${name}${isList(value) ? `.${index}` : ''}`;
      walk.tensors.push({ name: full, type: array.type, shape: array.shape, weight: WEIGHTS.test(name) });
    }
  });
  if (WEIGHTS.test(name) && typeof scalarOf(value) === 'number') {
    walk.tensors.push({ name: `${prefix}${name}`, type: 'float64', shape: [], weight: true });
  }
  if (arrays.every(array => !array) || name === 'classes_' || name === 'best_params_') {
    collectSetting(`${prefix}${name}`, value, walk);
  }
}

function collectSetting(name: string, value: PickleValue, walk: Walk): void {
  const setting = settingOf(value);
  if (setting !== undefined) {
    walk.settings.push([name, setting]);
  } else if (isDict(value)) {
    textEntries(value).forEach(([key, below]) => {
      const plain = settingOf(below);
      if (plain !== undefined) {
        walk.settings.push([`${name}.${key}`, plain]);
      }
    });
  }
}

/** Plain values, lists of a few of them, and names of functions and classes; undefined for all else. */
function settingOf(value: PickleValue): Setting | undefined {
  if (!isNode(value)) {
    return value;
  }
  const scalar = scalarOf(value);
  if (scalar !== undefined && !isNode(scalar)) {
    return scalar;
  }
  if (value.kind === 'global') {
    return pathOf(value);
  }
  const items = isList(value) ? value.items : arrayOf(value)?.values;
  if (!items || items.length > LISTED || items.some(item => settingOf(item) === undefined)) {
    return undefined;
  }
  return items.map(item => String(settingOf(item))).join(', ');
}

/** Not a model that we know: its class, and its plain attributes or entries. */
function describeOther(root: PickleValue): Described {
  const type = classOf(root);
  const entries = isDict(root) ? textEntries(root) : [...attributesOf(root)];
  const settings = entries.flatMap(([name, value]): [string, Setting][] => {
    const setting = settingOf(value);
    return setting === undefined ? [] : [[name, setting]];
  });
  const arrays = entries.flatMap(([name, value]) => {
    const array = arrayOf(value);
    return array ? [{ name, type: array.type, shape: array.shape }] : [];
  });
  const array = arrayOf(root);
  return {
    framework: type && !/^(builtins|copyreg|collections)$/.test(type.module) ? type.module.split('.')[0]! : null,
    estimator: array ? null : (type?.name ?? null),
    parameters: null,
    settings: Object.fromEntries(settings),
    features: null,
    tensors: array ? [{ name: '', type: array.type, shape: array.shape }] : arrays
  };
}
