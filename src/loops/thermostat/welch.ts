// Two sets of measurements compared: the difference of their means with a confidence interval, by Welch's t, which doesn't take
// both to vary alike. Pure.

export type Summary = { count: number; mean: number /** Of the sample, with n - 1. */; deviation: number };

export type Difference = {
  /** Of the means, new less old, and the ends of its confidence interval. */
  by: number;
  from: number;
  to: number;
  /** Degrees of freedom, by Welch and Satterthwaite; null where neither set varies. */
  degrees: number | null;
};

/** Of at least two finite values. Throws RangeError. */
export function summarise(values: readonly number[]): Summary {
  if (values.length < 2 || !values.every(Number.isFinite)) throw new RangeError('at least two finite values are needed');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** `level`: of confidence, as 0.95. */
export function compareMeans(old: Summary, fresh: Summary, level: number): Difference {
  const by = fresh.mean - old.mean;
  const [a, b] = [old.deviation ** 2 / old.count, fresh.deviation ** 2 / fresh.count];
  if (a + b === 0) return { by, from: by, to: by, degrees: null };
  const degrees = (a + b) ** 2 / (a ** 2 / (old.count - 1) + b ** 2 / (fresh.count - 1));
  const reach = quantile((1 + level) / 2, degrees) * Math.sqrt(a + b);
  return { by, from: by - reach, to: by + reach, degrees };
}

/** The t that a share `p` of at least one half doesn't exceed, for so many degrees of freedom, fractions included. */
export function quantile(p: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (share(high, degrees) < p && high < 1e12) high *= 2;
  for (let i = 0; i < 200 && low < high; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (share(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Student's distribution function, for t of at least zero. */
function share(t: number, degrees: number): number {
  return 1 - incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/** The regularised incomplete beta function, by its continued fraction where that converges fast. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const guard = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

/** Stirling's series, behind a shift that makes it exact to doubles. */
function logGamma(x: number): number {
  if (x < 12) return logGamma(x + 1) - Math.log(x);
  const z = 1 / (x * x);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1_260 - z * (1 / 1_680 - z / 1_188)))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}
