// `actions` of loops/sentinel.yaml: the flags that each reason sets. Only what reduces risk, whatever the chain says, may be named.
import { fieldAt, nearestName, riskOf } from '../../kinds/fields.ts';
import type { Kind, KindField } from '../../kinds/kind.ts';
import type { FieldAction, SentinelReason, SentinelSettings } from '../../loop-types.ts';
import { expectMap, readBoolean, readMap } from '../read-node.ts';
import { quoteShort, type Reading, report, type YamlEntry, type YamlNode } from '../yaml-tree.ts';
import type { SentinelContext } from './read-sentinel.ts';

type Actions = SentinelSettings['actions'];

const reasons = ['roi_floor', 'budget_soft', 'budget_stop', 'failure_streak'] as const satisfies readonly SentinelReason[];

/** The engines' expansions for three of the reasons, and the arenas besides when the budget is spent. */
export function defaultActions(context: SentinelContext): Actions {
  const engines = flagsOf(context, 'EngineTargets', 'expansionsPaused');
  const arenas = flagsOf(context, 'SelfPlayArena', 'paused');
  return { roi_floor: engines, budget_soft: engines, budget_stop: [...engines, ...arenas], failure_streak: [] };
}

function flagsOf({ contracts, kinds }: SentinelContext, kind: string, field: string): FieldAction[] {
  return contracts.filter((contract) => kinds.get(contract.kind)?.lineage.includes(kind)).map(({ name }) => ({ contract: name, field, value: true }));
}

/** SIDE EFFECTS: adds to the reading's findings. */
export function readActions(reading: Reading, node: YamlNode | undefined, context: SentinelContext & { defaults: Actions }): Actions {
  const fields = node === undefined ? null : readMap(reading, node, { what: 'the actions', required: [], optional: reasons });
  const of = (reason: SentinelReason): readonly FieldAction[] => {
    const written = fields?.get(reason)?.value;
    if (written !== undefined) return readReason(reading, written, context);
    if (context.defaults[reason].length === 0 && reason !== 'failure_streak') reportNothing(reading, node, reason);
    return context.defaults[reason];
  };
  return { roi_floor: of('roi_floor'), budget_soft: of('budget_soft'), budget_stop: of('budget_stop'), failure_streak: of('failure_streak') };
}

function reportNothing(reading: Reading, node: YamlNode | undefined, reason: SentinelReason): void {
  report(reading, {
    code: 'ACTION_MISSING',
    severity: 'warning',
    at: node ?? reading.file.root,
    message: `no contract of kind EngineTargets is declared, so ${reason} stops nothing`,
    fix: `name what it stops under actions, as in \`${reason}: { arena.paused: true }\`, or write \`${reason}: {}\` for its alert alone`,
  });
}

function readReason(reading: Reading, node: YamlNode, context: SentinelContext): FieldAction[] {
  const map = expectMap(reading, node, 'fields and their values');
  return map?.entries.flatMap((entry) => readAction(reading, entry, context) ?? []) ?? [];
}

function readAction(reading: Reading, entry: YamlEntry, context: SentinelContext): FieldAction | null {
  const found = findField(reading, entry, context);
  if (found === null) return null;
  const { contract, path, field } = found;
  if (field.type !== 'bool' || !['value', 'aggregate'].includes(field.shape)) {
    const message = `\`${entry.key}\` is no flag: whether a value of it reduces risk depends on what is live`;
    report(reading, { code: 'ACTION_NOT_REDUCING', at: entry.keyAt, message, fix: 'name a flag, such as `arena.paused: true`' });
    return null;
  }
  const value = readBoolean(reading, entry.value);
  if (value === null) return null;
  const risk = riskOf(field, 'set', null, { type: 'scalar', value });
  if (risk === 'reduce') return { contract, field: path, value };
  const opposite = riskOf(field, 'set', null, { type: 'scalar', value: !value }) === 'reduce';
  report(reading, {
    code: 'ACTION_NOT_REDUCING',
    at: entry.value,
    message: `\`${entry.key}: ${value}\` ${risk === 'increase' ? 'raises risk' : 'has no clear direction'}, and a loop may only reduce it`,
    fix: opposite ? `write \`${entry.key}: ${!value}\`, or delete the line` : 'delete the line',
  });
  return null;
}

type Found = { contract: string; path: string; field: KindField };

function findField(reading: Reading, entry: YamlEntry, { contracts, kinds }: SentinelContext): Found | null {
  const dot = entry.key.indexOf('.');
  const [name, path] = dot < 0 ? [entry.key, ''] : [entry.key.slice(0, dot), entry.key.slice(dot + 1)];
  const contract = contracts.find((candidate) => candidate.name === name);
  const kind = contract === undefined ? undefined : kinds.get(contract.kind);
  if (contract === undefined || kind === undefined) {
    const names = contracts.map((candidate) => candidate.name);
    reportUnknown(reading, entry, { code: 'CONTRACT_UNKNOWN', message: `no contract ${quoteShort(name)} is declared`, near: nearestName(name, names), path });
    return null;
  }
  const field = fieldAt(kind, path)?.field;
  const refused = field === undefined ? unknownField(kind, path) : refusedField(field, contract.observe.has(path));
  if (field !== undefined && refused === null) return { contract: name, path, field };
  if (refused !== null) report(reading, { ...refused, at: entry.keyAt });
  return null;
}

type Unknown = { code: 'CONTRACT_UNKNOWN'; message: string; near: string | null; path: string };

function reportUnknown(reading: Reading, entry: YamlEntry, { code, message, near, path }: Unknown): void {
  report(reading, {
    code,
    at: entry.keyAt,
    message,
    fix: near === null ? 'write `contract.field: true`' : `write \`${near}.${path === '' ? 'paused' : path}\``,
  });
}

function unknownField(kind: Kind, path: string) {
  const near = nearestName(path, kind.fields.keys());
  const fix = near === null ? 'name one of its flags, such as `paused`' : `write \`${near}\``;
  return { code: 'FIELD_UNKNOWN', message: `${kind.name} has no field ${quoteShort(path)}`, fix } as const;
}

function refusedField(field: KindField, observed: boolean) {
  if (!field.writable) return { code: 'FIELD_READ_ONLY', message: `\`${field.name}\` has no setter`, fix: 'name a field that can be written' } as const;
  if (!observed) return null;
  const message = `\`${field.name}\` is only observed, so nothing may write it`;
  return { code: 'SPEC_OBSERVE_CONFLICT', message, fix: 'take it out of `observe`, or out of the actions' } as const;
}
