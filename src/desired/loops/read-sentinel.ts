// loops/sentinel.yaml: what the sentinel watches for, what it asks for then, and whom it tells. Knows no event and no chain.
import type { Kinds } from '../../kinds/kind.ts';
import type { SentinelSettings } from '../../loop-types.ts';
import type { ContractState, Source } from '../../types.ts';
import { readDecimal } from '../read-decimal.ts';
import { type Fields, readBoolean, readDocument, readMap, readWhole } from '../read-node.ts';
import { locate, type Reading, type YamlNode } from '../yaml-tree.ts';
import type { ReadLoop } from './load-loop.ts';
import { readChannels } from './read-channels.ts';
import { defaultActions, readActions } from './read-sentinel-actions.ts';

export type SentinelContext = { contracts: readonly ContractState[]; kinds: Kinds };

/** The reference's defaults; what is stopped is found by the contracts' kinds. */
export function defaultSentinel(context: SentinelContext): SentinelSettings {
  return {
    roiFloor: 1.2,
    roiGracePeriod: 3,
    budgetCap: 100_000,
    budgetSoftRatio: 0.8,
    failureStreak: { threshold: 5, successReset: true },
    successThreshold: 0.6,
    monitorIntervalSeconds: 1,
    alertChannels: [{ name: 'log', type: 'log' }],
    actions: defaultActions(context),
  };
}

const numbers = ['roiFloor', 'roiGracePeriod', 'budgetCap', 'budgetSoftRatio', 'failureStreak', 'successThreshold', 'monitorIntervalSeconds'] as const;
const many = { min: 1n, max: 1_000_000n };

/** SIDE EFFECTS: adds to the reading's findings. */
export function readSentinel(reading: Reading, context: SentinelContext): ReadLoop<SentinelSettings> {
  const defaults = defaultSentinel(context);
  const fields = readDocument(reading, 'Sentinel', {
    what: 'the sentinel',
    required: [],
    optional: [...numbers, 'alertChannels', 'channels', 'actions'],
  });
  if (fields === null) return { settings: defaults, sources: new Map() };
  const get = getter(fields);
  const streak = get('failureStreak', (node) => readMap(reading, node, { what: 'a failure streak', required: [], optional: ['threshold', 'successReset'] }));
  const ofStreak = getter(streak ?? new Map());
  const settings: SentinelSettings = {
    roiFloor: get('roiFloor', (node) => readDecimal(reading, node, { min: 0, max: 1e6 })) ?? defaults.roiFloor,
    roiGracePeriod: Number(get('roiGracePeriod', (node) => readWhole(reading, node, many)) ?? defaults.roiGracePeriod),
    // Zero would look like the strictest cap; in the reference it is none at all.
    budgetCap: get('budgetCap', (node) => readDecimal(reading, node, { above: 0, max: 1e30 })) ?? defaults.budgetCap,
    budgetSoftRatio: get('budgetSoftRatio', (node) => readDecimal(reading, node, { above: 0, max: 1 })) ?? defaults.budgetSoftRatio,
    failureStreak: {
      threshold: Number(ofStreak('threshold', (node) => readWhole(reading, node, many)) ?? defaults.failureStreak.threshold),
      successReset: ofStreak('successReset', (node) => readBoolean(reading, node)) ?? defaults.failureStreak.successReset,
    },
    successThreshold: get('successThreshold', (node) => readDecimal(reading, node, { min: -1e6, max: 1e6 })) ?? defaults.successThreshold,
    monitorIntervalSeconds: get('monitorIntervalSeconds', (node) => readDecimal(reading, node, { min: 0.01, max: 3_600 })) ?? defaults.monitorIntervalSeconds,
    alertChannels: readChannels(reading, fields, defaults.alertChannels),
    actions: readActions(reading, fields.get('actions')?.value, { ...context, defaults: defaults.actions }),
  };
  return { settings, sources: sourcesOf(reading, fields, streak ?? new Map()) };
}

function getter(fields: Fields): <T>(key: string, read: (node: YamlNode) => T | null) => T | undefined {
  return (key, read) => {
    const node = fields.get(key)?.value;
    return node === undefined ? undefined : (read(node) ?? undefined);
  };
}

function sourcesOf(reading: Reading, fields: Fields, streak: Fields): Map<string, Source> {
  const places = (entries: Fields, prefix: string) => [...entries].map(([key, entry]) => [`${prefix}${key}`, locate(reading.file, entry.value.start)] as const);
  const actions = fields.get('actions')?.value;
  const reasons = actions?.type === 'map' ? actions.entries.map((entry) => [`actions.${entry.key}`, locate(reading.file, entry.keyAt.start)] as const) : [];
  const own = places(new Map([...fields].filter(([key]) => !['apiVersion', 'kind', 'failureStreak', 'actions'].includes(key))), '');
  return new Map([...own, ...places(streak, 'failureStreak.'), ...reasons]);
}
