// Options that every watch has, and what they come to.
import { type OptionSpec, type Options, text } from '../command.ts';
import { numberOf } from '../thermostat/tuning-flags.ts';

/** Options of every watch. */
export const watchOptions: Readonly<Record<string, OptionSpec>> = {
  interval: { type: 'string', value: 'SECONDS', description: 'between two turns (default: as the loop’s file declares)' },
  iterations: { type: 'string', value: 'COUNT', description: 'turns after which it ends (default: 0, which is until it is told to stop)' },
};

/** `--iterations`; undefined for no end. Throws USAGE. */
export function countOf(options: Options): number | undefined {
  const given = text(options, 'iterations');
  const count = given === undefined ? 0 : numberOf('--iterations', given, { whole: true, min: 0, max: 1e9 });
  return count === 0 ? undefined : count;
}

/** `--interval` in milliseconds, or that many declared seconds. Throws USAGE. */
export function intervalOf(options: Options, declaredSeconds: number): number {
  const given = text(options, 'interval');
  return 1000 * (given !== undefined ? numberOf('--interval', given, { min: 0.01, max: 86_400 }) : declaredSeconds);
}
