// `guards` of loops/thermostat.yaml, each of which can be switched off by itself, and what must fit together in the file.
import type { ThermostatGuards, ThermostatSettings } from '../../loop-types.ts';
import { type DecimalBounds, readDecimal } from '../read-decimal.ts';
import { type Fields, readBoolean, readWhole } from '../read-node.ts';
import { type Reading, report, type YamlNode } from '../yaml-tree.ts';

const month = 31 * 86_400;

/** Numbers that `off` may stand in place of, by their name in the file. */
const numbers = {
  periodSeconds: { key: 'period', bounds: { min: 1, max: month } },
  maxAheadSeconds: { key: 'maxAhead', bounds: { min: 0, max: month } },
  plausible: { key: 'plausible', bounds: { above: 0, max: 1e9 } },
  maxGapSeconds: { key: 'maxGap', bounds: { min: 1, max: 10 * month } },
  response: { key: 'response', bounds: { min: 0, max: 1 } },
} as const satisfies Readonly<Record<string, { key: keyof ThermostatGuards; bounds: DecimalBounds }>>;

const flags = ['order', 'fresh', 'bounds', 'halve', 'pause', 'freeze'] as const satisfies readonly (keyof ThermostatGuards)[];
const ageBounds: DecimalBounds = { min: 1, max: month };

export const guardKeys: readonly string[] = [...Object.keys(numbers), ...flags, 'minReadings', 'steps', 'escalate'];

type Written = { guards: Fields /** `maxAgeSeconds` of Prometheus. */; maxAge: YamlNode | undefined };

/** SIDE EFFECTS: adds to the reading's findings. */
export function readGuards(reading: Reading, { guards, maxAge }: Written, defaults: ThermostatGuards): ThermostatGuards {
  const number = (name: keyof typeof numbers): number | null => {
    const { key, bounds } = numbers[name];
    return orOff(guards.get(name)?.value, defaults[key], (node) => readDecimal(reading, node, bounds));
  };
  const flag = (key: (typeof flags)[number]): boolean => orElse(guards.get(key)?.value, defaults[key], (node) => readBoolean(reading, node));
  const whole = (most: bigint) => (node: YamlNode) => {
    const value = readWhole(reading, node, { min: 1n, max: most });
    return value === null ? null : Number(value);
  };
  return {
    period: number('periodSeconds'),
    minReadings: orElse(guards.get('minReadings')?.value, defaults.minReadings, whole(1_000n)),
    maxAge: orOff(maxAge, defaults.maxAge, (node) => readDecimal(reading, node, ageBounds)),
    maxAhead: number('maxAheadSeconds'),
    order: flag('order'),
    plausible: number('plausible'),
    maxGap: number('maxGapSeconds'),
    fresh: flag('fresh'),
    bounds: flag('bounds'),
    steps: orElse(guards.get('steps')?.value, defaults.steps, whole(100n)),
    halve: flag('halve'),
    response: number('response'),
    pause: flag('pause'),
    freeze: flag('freeze'),
    escalate: orOff(guards.get('escalate')?.value, defaults.escalate, whole(1_000n)),
  };
}

function orElse<T>(node: YamlNode | undefined, preset: T, read: (node: YamlNode) => T | null): T {
  return node === undefined ? preset : (read(node) ?? preset);
}

/** Null for a guard that is switched off. */
function orOff(node: YamlNode | undefined, preset: number | null, read: (node: YamlNode) => number | null): number | null {
  return node?.type === 'text' && node.style === 'plain' && node.text === 'off' ? null : orElse(node, preset, read);
}

type Whole = { fields: Fields; guards: Fields; settings: ThermostatSettings };

/** Settings that make no sense beside each other. SIDE EFFECTS: adds to the reading's findings. */
export function checkTogether(reading: Reading, { fields, guards, settings }: Whole): void {
  const { intervalSeconds, guards: set } = settings;
  checkOrder(reading, fields, { low: ['minWideningAlpha', settings.minWideningAlpha], high: ['maxWideningAlpha', settings.maxWideningAlpha] });
  checkOrder(reading, fields, { low: ['minThompsonPrior', settings.minThompsonPrior], high: ['maxThompsonPrior', settings.maxThompsonPrior] });
  const place = (...keys: readonly string[]): YamlNode =>
    keys.map((key) => fields.get(key)?.value ?? guards.get(key)?.value).find((node) => node !== undefined) ?? reading.file.root;
  if (set.period !== null && intervalSeconds * set.minReadings > set.period)
    report(reading, {
      code: 'VALUE_TOO_LARGE',
      at: place('intervalSeconds', 'minReadings', 'periodSeconds'),
      message: `a period of ${set.period} s never has ${set.minReadings} readings, one every ${intervalSeconds} s`,
      fix: 'lower intervalSeconds or minReadings, or raise periodSeconds',
    });
  if (set.maxGap !== null && set.maxGap <= (set.period ?? intervalSeconds))
    report(reading, {
      code: 'VALUE_TOO_SMALL',
      at: place('maxGapSeconds', 'periodSeconds', 'intervalSeconds'),
      message: `each sample comes later than ${set.maxGap} s after the one before, so the window would never fill`,
      fix: 'raise maxGapSeconds above periodSeconds and intervalSeconds',
    });
}

type Bound = readonly [key: string, value: number];

function checkOrder(reading: Reading, fields: Fields, { low, high }: { low: Bound; high: Bound }): void {
  if (low[1] < high[1]) return;
  const at = (fields.get(high[0]) ?? fields.get(low[0]))?.value ?? reading.file.root;
  report(reading, { code: 'RANGE_INVERTED', at, message: `${low[0]} is ${low[1]}, and ${high[0]} is ${high[1]}`, fix: `write a ${high[0]} above ${low[0]}` });
}
