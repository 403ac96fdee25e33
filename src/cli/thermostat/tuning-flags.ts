// The reference's tuning flags: the same names, the same defaults, each checked before anything is decided with it.
import { MooringError } from '../../errors.ts';
import { type Tuning, tuningDefaults } from '../../loops/thermostat/settings.ts';
import { type OptionSpec, type Options, text } from '../command.ts';

/** Flags that were given. */
export type TuningFlags = Readonly<Partial<Tuning>>;

type Rule = { what: string; whole?: true; min: number; max: number };

/** What each flag takes: an inclusive range. */
const rules: Readonly<Record<keyof Tuning, Rule>> = {
  targetRoi: { what: 'ROI to aim at', min: 1e-6, max: 1e6 },
  lowerMargin: { what: 'how far below the target is a dip, as a share of it', min: 0, max: 1 },
  upperMargin: { what: 'how far above the target is a surge, as a share of it', min: 0, max: 1e6 },
  window: { what: 'samples whose mean is compared', whole: true, min: 1, max: 1e6 },
  wideningStep: { what: 'step of wideningAlpha', min: 0, max: 1e6 },
  minWideningAlpha: { what: 'lowest wideningAlpha', min: 0, max: 1e6 },
  maxWideningAlpha: { what: 'highest wideningAlpha', min: 0, max: 1e6 },
  thompsonStep: { what: 'step of thompsonPrior', min: 0, max: 1e6 },
  minThompsonPrior: { what: 'lowest thompsonPrior', min: 0, max: 1e6 },
  maxThompsonPrior: { what: 'highest thompsonPrior', min: 0, max: 1e6 },
  cooldown: { what: 'samples after a change before the next', whole: true, min: 0, max: 1e6 },
};

export const tuningKeys = Object.keys(rules) as (keyof Tuning)[];

/** `--widening-step` of `wideningStep`. */
export function flagOf(key: keyof Tuning): string {
  return `--${kebab(key)}`;
}

export const tuningOptions: Readonly<Record<string, OptionSpec>> = Object.fromEntries(
  tuningKeys.map((key) => [
    kebab(key),
    { type: 'string', value: rules[key].whole === true ? 'COUNT' : 'NUMBER', description: `${rules[key].what} (default: ${tuningDefaults[key]})` } as const,
  ]),
);

/** The flags that were given. Throws USAGE. */
export function tuningFlags(options: Options): TuningFlags {
  return Object.fromEntries(
    tuningKeys.flatMap((key) => {
      const given = text(options, kebab(key));
      return given === undefined ? [] : [[key, numberOf(flagOf(key), given, rules[key])]];
    }),
  );
}

/** A number of the command line. Throws USAGE. */
export function numberOf(flag: string, given: string, { whole, min, max }: Pick<Rule, 'whole' | 'min' | 'max'>): number {
  const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
  if (value >= min && value <= max && (whole !== true || Number.isInteger(value))) return value;
  throw new MooringError('USAGE', `${flag} ${given} is not ${whole === true ? 'a whole number' : 'a number'} from ${min} to ${max}`, {
    fix: `write it as in ${flag} ${whole === true ? Math.max(min, 4) : 0.5}`,
  });
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
