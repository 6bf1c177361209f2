/** How far apart two distributions are: plain mathematics over counts. Formulas and thresholds are in docs/diff.md. */
import type { DriftLevel, DriftMeasure } from '../model/diff';

export type Counts = readonly number[];

/** Shares below this count as this, so that an empty bin does not make the PSI infinite. */
const FLOOR = 1e-4;
/** With more values on the smaller side than these, p-values are small for any difference that exists at all. */
const SMALL = 1000;
const SIGNIFICANT = 0.05;

/** Warn and fail from these values on. Jensen–Shannon: of the distance, the square root of the divergence. */
export const thresholds = {
  psi: [0.1, 0.2],
  'jensen-shannon': [0.1, 0.2],
  'kolmogorov-smirnov': [0.1, 0.2]
} as const;

export function levelOf(value: number, [warn, fail]: readonly [number, number]): DriftLevel {
  return value >= fail ? 'fail' : value >= warn ? 'warn' : 'none';
}

export function worst(levels: readonly DriftLevel[]): DriftLevel {
  return levels.includes('fail') ? 'fail' : levels.includes('warn') ? 'warn' : 'none';
}

function sum(counts: Counts): number {
  return counts.reduce((total, count) => total + count, 0);
}

function shares(counts: Counts): readonly number[] {
  const total = sum(counts);
  return counts.map(count => count / total);
}

/** Population stability index. `bins`: what the counts are of, for people. */
export function psi(from: Counts, to: Counts, bins: string): DriftMeasure {
  const [p, q] = [shares(from), shares(to)].map(list => list.map(share => Math.max(share, FLOOR)));
  const value = sum(p!.map((share, index) => (q![index]! - share) * Math.log(q![index]! / share)));
  return {
    name: 'psi',
    value,
    level: levelOf(value, thresholds.psi),
    formula: `PSI = Σ (q − p) · ln(q / p), natural logarithm, over ${bins}; shares below ${FLOOR} count as ${FLOOR}.`
  };
}

/** Jensen–Shannon divergence, 0 to 1. */
export function jensenShannon(from: Counts, to: Counts, bins: string): DriftMeasure {
  const [p, q] = [shares(from), shares(to)];
  const half = (share: number, other: number): number =>
    share === 0 ? 0 : (share * Math.log2(share / ((share + other) / 2))) / 2;
  const value = Math.max(0, sum(p!.map((share, index) => half(share, q![index]!) + half(q![index]!, share))));
  return {
    name: 'jensen-shannon',
    value,
    level: levelOf(Math.sqrt(value), thresholds['jensen-shannon']),
    formula:
      `JSD = ½ Σ p · log2(p / m) + ½ Σ q · log2(q / m), m = (p + q) / 2, base 2 (0 to 1), over ${bins}. ` +
      'The level is that of the distance √JSD.'
  };
}

/** `distance`: the largest difference of the two empirical distribution functions. `how`: exactly or at which points. */
export function kolmogorovSmirnov(distance: number, from: number, to: number, how: string): DriftMeasure {
  const pValue = kolmogorov(Math.sqrt((from * to) / (from + to)) * distance);
  const byDistance = levelOf(distance, thresholds['kolmogorov-smirnov']);
  const byChance = Math.min(from, to) <= SMALL && pValue >= SIGNIFICANT;
  return {
    name: 'kolmogorov-smirnov',
    value: distance,
    pValue,
    level: byChance ? 'none' : byDistance,
    formula:
      `D = max |F₁ − F₂|, ${how}. p = 2 Σ (−1)^(k−1) exp(−2k²λ²), λ = D · √(n₁n₂ / (n₁ + n₂)) (asymptotic). ` +
      `With at most ${SMALL} values on a side, only p < ${SIGNIFICANT} counts.`
  };
}

/** The survival function of Kolmogorov's distribution. */
export function kolmogorov(lambda: number): number {
  if (lambda < 0.2) {
    return 1;
  }
  let value = 0;
  for (let k = 1; k <= 200; k += 1) {
    const term = 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
    value += term;
    if (Math.abs(term) < 1e-17) {
      break;
    }
  }
  return Math.min(1, Math.max(0, value));
}

/** Pearson's test of homogeneity of two rows of counts. */
export function chiSquared(from: Counts, to: Counts, bins: string): DriftMeasure {
  const [n, m] = [sum(from), sum(to)];
  const used = from.map((count, index) => [count, to[index]!] as const).filter(([a, b]) => a + b > 0);
  const value = sum(
    used.map(([a, b]) => {
      const [expectedA, expectedB] = [((a + b) * n) / (n + m), ((a + b) * m) / (n + m)];
      return (a - expectedA) ** 2 / expectedA + (b - expectedB) ** 2 / expectedB;
    })
  );
  const freedom = used.length - 1;
  const pValue = freedom === 0 ? 1 : upperGamma(freedom / 2, value / 2);
  const significant = Math.min(n, m) <= SMALL && pValue < SIGNIFICANT;
  return {
    name: 'chi-squared',
    value,
    pValue,
    level: significant ? 'warn' : 'none',
    formula:
      `χ² = Σ (observed − expected)² / expected with ${freedom} degrees of freedom, over ${bins}. ` +
      `p < ${SIGNIFICANT} warns with at most ${SMALL} values on a side; beyond that p says nothing about the size.`
  };
}

/** Regularised upper incomplete gamma function Q(a, x): by its series below a + 1, by its continued fraction above. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) {
    return 1;
  }
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  return x < a + 1 ? 1 - scale * gammaSeries(a, x) : scale * gammaFraction(a, x);
}

const PRECISION = 1e-15;
const MAX_TERMS = 100_000;

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let total = term;
  for (let n = 1; n < MAX_TERMS && term > total * PRECISION; n += 1) {
    term *= x / (a + n);
    total += term;
  }
  return total;
}

/** Lentz's method. */
function gammaFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MAX_TERMS; n += 1) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b || tiny);
    c = b + factor / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) {
      break;
    }
  }
  return value;
}

/** Lanczos's approximation. */
function logGamma(x: number): number {
  const coefficients = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.001208650973866179,
    -0.000005395239384953
  ];
  const series = coefficients.reduce((total, value, index) => total + value / (x + 1 + index), 1.000000000190015);
  const t = x + 5.5;
  return (x + 0.5) * Math.log(t) - t + Math.log((2.5066282746310007 * series) / x);
}
