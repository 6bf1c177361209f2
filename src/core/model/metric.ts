/** Which values of a metric are good, and whether one is better than another. */
import type { MetricDirection } from './compare';

const HIGHER =
  'accuracy acc auc auroc roc_auc auprc pr_auc ap map f1 f2 fbeta precision recall sensitivity specificity tpr tnr ' +
  'ppv npv r2 r score bleu rouge meteor iou miou dice jaccard ndcg mrr kappa mcc gini lift silhouette throughput ' +
  'explained variance hits hit psnr ssim coverage correlation pearson spearman reward return balanced';
const LOWER =
  'loss error errors err rmse mae mse mape smape rmsle msle medae logloss nll perplexity ppl brier crossentropy ' +
  'entropy deviance hinge fpr fnr fdr wer cer ter fid aic bic cost regret time seconds duration latency ms ' +
  'runtime elapsed bytes memory params parameters ece';
const known = new Map<string, MetricDirection>([
  ...HIGHER.split(' ').map(word => [word, 'higher'] as const),
  ...LOWER.split(' ').map(word => [word, 'lower'] as const)
]);
/** Words that decide over all others: `mean_squared_log_error` is an error whatever it is the error of. */
const DECISIVE = new Set(['loss', 'error', 'errors', 'err', 'time', 'seconds', 'latency', 'duration']);
/** Numbers that only say where something stands. */
const NEUTRAL = new Set([
  'step',
  'steps',
  'epoch',
  'epochs',
  'iteration',
  'iterations',
  'seed',
  'support',
  'n',
  'count'
]);

/** By the words of the last part of its dotted name; null when they say nothing, or contradict each other. */
export function metricDirection(name: string): MetricDirection {
  const words = wordsOf(
    name
      .split('.')
      .filter(part => !/^\d+$/.test(part))
      .at(-1) ?? name
  );
  if (words.length === 0 || NEUTRAL.has(words.at(-1)!)) {
    return null;
  }
  // scikit-learn's scorers: `neg_log_loss` is the loss turned over.
  if (words[0] === 'neg') {
    return 'higher';
  }
  if (words.some(word => DECISIVE.has(word))) {
    return words.includes('to') ? null : 'lower';
  }
  const found = new Set([words.join('_'), words.join(''), ...words].flatMap(word => known.get(word) ?? []));
  return found.size === 1 ? [...found][0]! : null;
}

/** `logLoss@5` has the words log, loss and 5. */
function wordsOf(part: string): readonly string[] {
  return part
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/**
 * What a project says of its metrics: names, or patterns with `*`, to `higher` or `lower` (or null: neither is good). The
 * whole name counts, or its last part; later ones win. null when the value says nothing of the kind.
 */
export function readDirections(value: unknown): ReadonlyMap<string, MetricDirection> {
  const found = new Map<string, MetricDirection>();
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  for (const [name, word] of entries) {
    const match = typeof word === 'string' ? /^(higher|lower)(-is-better)?$/.exec(word) : null;
    if (match || word === null) {
      found.set(name, (match?.[1] ?? null) as MetricDirection);
    }
  }
  return found;
}

/** What the project says, else what the name says. */
export function directionOf(name: string, said: ReadonlyMap<string, MetricDirection>): MetricDirection {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const fitting = [...said].filter(([pattern]) => matches(pattern, name) || matches(pattern, last));
  return fitting.length > 0 ? fitting.at(-1)![1] : metricDirection(name);
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) {
    return pattern === name;
  }
  const [first, end] = [parts[0]!, parts.at(-1)!];
  if (!name.startsWith(first) || !name.endsWith(end) || name.length < first.length + end.length) {
    return false;
  }
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - end.length) {
      return false;
    }
    at = found + part.length;
  }
  return true;
}

export type MetricChange = {
  readonly verdict: 'better' | 'worse' | 'same' | 'different';
  readonly delta: number;
  /** Of the baseline's absolute value; null when that is 0. */
  readonly percent: number | null;
};

/** null unless both are numbers. `different` when nobody knows which is good. */
export function metricChange(
  direction: MetricDirection | undefined,
  from: number | string | null | undefined,
  to: number | string | null | undefined
): MetricChange | null {
  if (typeof from !== 'number' || typeof to !== 'number') {
    return null;
  }
  const delta = to - from;
  const good = direction === 'higher' ? delta > 0 : delta < 0;
  return {
    verdict: delta === 0 ? 'same' : !direction ? 'different' : good ? 'better' : 'worse',
    delta,
    percent: from === 0 ? null : (100 * delta) / Math.abs(from)
  };
}
