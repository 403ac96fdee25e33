// Random numbers of a Beta distribution, for Thompson sampling. Pure; chance comes as an argument.
import type { Random } from './random.ts';

/**
 * One sample of Beta(alpha, beta), both above 0: a number in [0, 1]. As two gammas X / (X + Y), kept as logarithms, so that
 * parameters far below 1, whose gammas are too small for a double, give no 0 / 0.
 */
export function sampleBeta(alpha: number, beta: number, random: Random): number {
  if (!(alpha > 0 && beta > 0 && Number.isFinite(alpha) && Number.isFinite(beta))) throw new RangeError(`Beta(${alpha}, ${beta}) is no distribution`);
  const x = logGamma(alpha, random);
  const y = logGamma(beta, random);
  return 1 / (1 + Math.exp(y - x));
}

/** The logarithm of a Gamma(shape, 1) sample: Marsaglia and Tsang's method, and Gamma(a) = Gamma(a + 1) · U^(1/a) below 1. */
function logGamma(shape: number, random: Random): number {
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(positive(random)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(positive(random)) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return Math.log(d) + Math.log(v);
  }
}

/** Box and Muller's. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(positive(random))) * Math.cos(2 * Math.PI * random());
}

/** In (0, 1]. */
function positive(random: Random): number {
  return 1 - random();
}
