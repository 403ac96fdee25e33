// loops/thermostat.yaml: how far and how fast the thermostat may move what, where it reads ROI, and its guards. Knows no
// sample and no chain; target and margins are none of its business.
import { nearestName } from '../../kinds/fields.ts';
import type { Kinds } from '../../kinds/kind.ts';
import type { ThermostatField, ThermostatSettings, ThermostatTuning } from '../../loop-types.ts';
import type { ContractState, Source } from '../../types.ts';
import { type DecimalBounds, readDecimal } from '../read-decimal.ts';
import { type Fields, readDocument, readMap, readText, readWhole } from '../read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlEntry, type YamlNode } from '../yaml-tree.ts';
import type { ReadLoop } from './load-loop.ts';
import { readKnobs } from './read-thermostat-fields.ts';
import { checkTogether, guardKeys, readGuards } from './read-thermostat-guards.ts';
import { readMetrics } from './read-thermostat-metrics.ts';

export type ThermostatContext = { contracts: readonly ContractState[]; kinds: Kinds; tokens: ReadonlyMap<string, number>; defaults: ThermostatSettings };

/** What each field may be set to, by its kind. */
const alpha = { min: 0.01, max: 10 };
const prior = { min: 0.01, max: 1_000 };
const capOf = { wideningAlpha: { min: 1e-6, max: 10 }, thompsonPrior: { min: 1e-6, max: 1_000 } } as const satisfies Record<ThermostatField, DecimalBounds>;
const fields = Object.keys(capOf) as ThermostatField[];

const decimals = {
  wideningStep: { above: 0, max: 10 },
  minWideningAlpha: alpha,
  maxWideningAlpha: alpha,
  thompsonStep: { above: 0, max: 1_000 },
  minThompsonPrior: prior,
  maxThompsonPrior: prior,
} as const satisfies Partial<Record<keyof ThermostatTuning, DecimalBounds>>;

const counts = { roiWindow: { min: 1n, max: 10_000n }, cooldownSteps: { min: 0n, max: 10_000n } } as const;
const interval: DecimalBounds = { min: 1, max: 86_400 };

/** Keys that people will try, and what to do instead. */
const elsewhere = ['targetRoi', 'lowerMargin', 'upperMargin'] as const;
const otherNames = { window: 'roiWindow', cooldown: 'cooldownSteps' } as const;

const shape = {
  what: 'the thermostat',
  required: [],
  optional: [
    'engine',
    ...Object.keys(counts),
    ...Object.keys(decimals),
    'dailyCaps',
    'fields',
    'intervalSeconds',
    'prometheus',
    'guards',
    ...elsewhere,
    ...Object.keys(otherNames),
  ],
};

/** SIDE EFFECTS: adds to the reading's findings. */
export function readThermostat(reading: Reading, context: ThermostatContext): ReadLoop<ThermostatSettings> {
  const { defaults } = context;
  const found = readDocument(reading, 'Thermostat', shape);
  if (found === null) return { settings: defaults, sources: new Map() };
  refuseOthers(reading, found, context);
  const part = (key: string, what: string, keys: readonly string[]): Fields => {
    const node = found.get(key)?.value;
    return (node === undefined ? null : readMap(reading, node, { what, required: [], optional: keys })) ?? new Map();
  };
  const caps = part('dailyCaps', 'the daily caps', fields);
  const metrics = part('prometheus', 'Prometheus', ['url', 'query', 'timeoutSeconds', 'maxAgeSeconds']);
  const guards = part('guards', 'the guards', guardKeys);
  const engine = readEngine(reading, found.get('engine')?.value, context);
  const settings: ThermostatSettings = {
    ...readTuning(reading, found, defaults),
    engine,
    fields: readKnobs(reading, found.get('fields')?.value, { ...context, engine }),
    dailyCaps: readCaps(reading, caps),
    intervalSeconds: decimalAt(reading, found, 'intervalSeconds', interval) ?? defaults.intervalSeconds,
    prometheus: readMetrics(reading, metrics, defaults.prometheus),
    guards: readGuards(reading, { guards, maxAge: metrics.get('maxAgeSeconds')?.value }, defaults.guards),
  };
  checkTogether(reading, { fields: found, guards, settings });
  return { settings, sources: sourcesOf(reading, found, { dailyCaps: caps, prometheus: metrics, guards }) };
}

/** The contracts that the thermostat could move. */
export function enginesIn({ contracts, kinds }: Pick<ThermostatContext, 'contracts' | 'kinds'>): ContractState[] {
  return contracts.filter((contract) => kinds.get(contract.kind)?.lineage.includes('EngineTargets'));
}

function refuseOthers(reading: Reading, found: Fields, context: ThermostatContext): void {
  const engine = enginesIn(context)[0]?.name ?? 'engine-targets';
  for (const key of elsewhere) {
    const entry = found.get(key);
    if (entry === undefined) continue;
    const message = `\`${key}\` has its one home on chain, in EngineTargets, which the orchestrator reads too`;
    report(reading, { code: 'SETTING_ELSEWHERE', at: entry.keyAt, message, fix: `delete the line, and write it under spec in contracts/${engine}.yaml` });
  }
  for (const [key, name] of Object.entries(otherNames)) {
    const entry = found.get(key);
    if (entry !== undefined) report(reading, { code: 'KEY_UNKNOWN', at: entry.keyAt, message: `the thermostat has no key "${key}"`, fix: `write \`${name}\`` });
  }
}

function decimalAt(reading: Reading, found: Fields, key: string, bounds: DecimalBounds): number | null {
  const node = found.get(key)?.value;
  return node === undefined ? null : readDecimal(reading, node, bounds);
}

function readTuning(reading: Reading, found: Fields, defaults: ThermostatTuning): ThermostatTuning {
  const decimal = (key: keyof typeof decimals): number => decimalAt(reading, found, key, decimals[key]) ?? defaults[key];
  const count = (key: keyof typeof counts): number => {
    const node = found.get(key)?.value;
    return Number((node === undefined ? null : readWhole(reading, node, counts[key])) ?? defaults[key]);
  };
  return {
    roiWindow: count('roiWindow'),
    wideningStep: decimal('wideningStep'),
    minWideningAlpha: decimal('minWideningAlpha'),
    maxWideningAlpha: decimal('maxWideningAlpha'),
    thompsonStep: decimal('thompsonStep'),
    minThompsonPrior: decimal('minThompsonPrior'),
    maxThompsonPrior: decimal('maxThompsonPrior'),
    cooldownSteps: count('cooldownSteps'),
  };
}

function readCaps(reading: Reading, caps: Fields): ThermostatSettings['dailyCaps'] {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const cap = decimalAt(reading, caps, field, capOf[field]);
      return cap === null ? [] : [[field, cap]];
    }),
  );
}

/** The contract that is named, or the only one there is. */
function readEngine(reading: Reading, node: YamlNode | undefined, context: ThermostatContext): string | null {
  const engines = enginesIn(context);
  const at = node ?? reading.file.root;
  const named = node === undefined ? null : readText(reading, node, "a contract's name", 100);
  const engine = node === undefined ? engines[0] : engines.find(({ name }) => name === named);
  if (engine === undefined && named !== null) reportNoEngine(reading, at, { named, names: engines.map(({ name }) => name) });
  if (engine === undefined && node === undefined) reportNone(reading, at);
  if (node === undefined && engines.length > 1) {
    const names = engines.map(({ name }) => name).join(', ');
    report(reading, { code: 'KEY_MISSING', at, message: `several contracts are of kind EngineTargets: ${names}`, fix: `add \`engine: ${engine?.name}\`` });
  }
  for (const field of fields.filter((name) => engine?.observe.has(name)))
    report(reading, {
      code: 'SPEC_OBSERVE_CONFLICT',
      at,
      message: `\`${engine?.name}.${field}\` is only observed, so nothing may move it`,
      fix: `take it out of \`observe\` in contracts/${engine?.name}.yaml`,
    });
  return engine?.name ?? null;
}

function reportNone(reading: Reading, at: YamlNode): void {
  const message = 'no contract of kind EngineTargets is declared, so the thermostat has nothing to move';
  report(reading, { code: 'ENGINE_MISSING', severity: 'warning', at, message, fix: 'import the contract, or delete this file' });
}

function reportNoEngine(reading: Reading, at: YamlNode, { named, names }: { named: string; names: readonly string[] }): void {
  const near = nearestName(named, names) ?? names[0];
  const fix = near === undefined ? 'declare a contract of kind EngineTargets' : `write \`${near}\``;
  report(reading, { code: 'CONTRACT_UNKNOWN', at, message: `no contract ${quoteShort(named)} of kind EngineTargets is declared`, fix });
}

type Parts = Readonly<Record<'dailyCaps' | 'prometheus' | 'guards', Fields>>;

function sourcesOf(reading: Reading, found: Fields, parts: Parts): Map<string, Source> {
  const place = (path: string, entry: YamlEntry) => [path, locate(reading.file, entry.value.start)] as const;
  const own = [...found].filter(([key]) => !['apiVersion', 'kind', ...Object.keys(parts)].includes(key));
  const inner = Object.entries(parts).flatMap(([part, entries]) => [...entries].map(([key, entry]) => place(`${part}.${key}`, entry)));
  return new Map([...own.map(([key, entry]) => place(key, entry)), ...inner]);
}
