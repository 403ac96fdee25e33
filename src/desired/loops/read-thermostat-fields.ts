// `fields` of loops/thermostat.yaml: further fields that the thermostat may move, each with its step, bounds and direction in
// the field's own unit. What policy lets it touch is policy's.
import { fieldAt, nearestName } from '../../kinds/fields.ts';
import type { KindField, Kinds } from '../../kinds/kind.ts';
import type { ThermostatKnob } from '../../loop-types.ts';
import type { ContractState } from '../../types.ts';
import { readQuantity } from '../quantity.ts';
import { expectMap, readChoice, readMap, readText } from '../read-node.ts';
import { quoteShort, type Reading, report, type YamlEntry, type YamlNode } from '../yaml-tree.ts';

export type KnobContext = { contracts: readonly ContractState[]; kinds: Kinds; tokens: ReadonlyMap<string, number>; engine: string | null };

const directions = ['raise', 'lower'] as const;
/** These have settings of their own. */
const reference = ['wideningAlpha', 'thompsonPrior'];
/** What the loop aims at is not what it moves. */
const targets = ['targetRoi', 'lowerMargin', 'upperMargin'];

/** SIDE EFFECTS: adds to the reading's findings. */
export function readKnobs(reading: Reading, node: YamlNode | undefined, context: KnobContext): ThermostatKnob[] {
  const map = node === undefined ? null : expectMap(reading, node, 'fields by `contract.field`');
  return map === null ? [] : map.entries.flatMap((entry) => readKnob(reading, entry, context) ?? []);
}

function readKnob(reading: Reading, entry: YamlEntry, context: KnobContext): ThermostatKnob | null {
  const found = findField(reading, entry, context);
  const parts = readMap(reading, entry.value, { what: 'a field', required: ['step', 'min', 'max', 'dip'], optional: ['dailyCap'] });
  if (found === null || parts === null) return null;
  const decimals = decimalsOf(found.field, context.tokens);
  const number = (key: string): number | null => {
    const value = parts.get(key)?.value;
    return value === undefined ? null : readNumber(reading, value, { field: found.field, tokens: context.tokens, decimals });
  };
  const dipNode = parts.get('dip')?.value;
  const [step, min, max, dailyCap] = [number('step'), number('min'), number('max'), number('dailyCap')];
  const dip = dipNode === undefined ? null : readChoice(reading, dipNode, directions);
  if (step === null || min === null || max === null || dip === null) return null;
  const knob = { contract: found.contract, field: found.field.name, decimals, step, min, max, dip, dailyCap };
  return checkKnob(reading, { at: entry.value, parts, knob }) ? knob : null;
}

type Checked = { at: YamlNode; parts: NonNullable<ReturnType<typeof readMap>>; knob: ThermostatKnob };

/** Doubles hold no more of a number exactly. */
const largest = 1e12;

function checkKnob(reading: Reading, { at, parts, knob: { step, min, max } }: Checked): boolean {
  const large = (['step', 'min', 'max'] as const).find((key) => Math.abs({ step, min, max }[key]) >= largest);
  if (large !== undefined) {
    report(reading, {
      code: 'VALUE_TOO_LARGE',
      at: parts.get(large)?.value ?? at,
      message: `the thermostat moves no number as large as ${largest}`,
      fix: 'leave the field out',
    });
    return false;
  }
  if (min >= max)
    report(reading, { code: 'RANGE_INVERTED', at: parts.get('max')?.value ?? at, message: `min is ${min}, and max is ${max}`, fix: 'write a max above min' });
  if (step <= 0)
    report(reading, { code: 'VALUE_TOO_SMALL', at: parts.get('step')?.value ?? at, message: 'a step of 0 moves nothing', fix: 'write a step above 0' });
  return min < max && step > 0;
}

/** A number that is one value, and that nobody's rights hang on. */
function findField(reading: Reading, { key, keyAt: at }: YamlEntry, { contracts, kinds, engine }: KnobContext): { contract: string; field: KindField } | null {
  const [owner = '', ...rest] = key.split('.');
  const contract = contracts.find(({ name }) => name === owner);
  const kind = kinds.get(contract?.kind ?? '');
  if (contract === undefined || kind === undefined) {
    const near = nearestName(
      owner,
      contracts.map(({ name }) => name),
    );
    report(reading, {
      code: 'CONTRACT_UNKNOWN',
      at,
      message: `no contract ${quoteShort(owner)} is declared`,
      fix: near === null ? 'write `contract.field`' : `write \`${near}.${rest.join('.')}\``,
    });
    return null;
  }
  const path = rest.join('.');
  const field = fieldAt(kind, path)?.field;
  const refuse = (message: string, fix: string): null => {
    report(reading, { code: 'FIELD_UNKNOWN', at, message, fix });
    return null;
  };
  if (field === undefined) {
    const near = nearestName(path, kind.fields.keys());
    return refuse(
      `${owner} is a ${kind.name}, which has no field ${quoteShort(path)}`,
      near === null ? `use a field of ${kind.name}` : `write \`${owner}.${near}\``,
    );
  }
  if (owner === engine && reference.includes(path)) return refuse(`\`${path}\` has settings of its own in this file`, 'delete it here');
  if (owner === engine && targets.includes(path)) return refuse(`\`${path}\` is what the thermostat aims at, not what it moves`, 'delete it');
  if (field.shape !== 'value' || !/^u?int/.test(field.type) || field.role !== undefined)
    return refuse(`\`${key}\` is no number that could be moved step by step`, 'use a field that is one number');
  if (contract.observe.has(path)) return refuse(`\`${key}\` is only observed, so nothing may move it`, `take it out of \`observe\` in contracts/${owner}.yaml`);
  return { contract: owner, field };
}

function decimalsOf({ unit }: KindField, tokens: ReadonlyMap<string, number>): number {
  if (unit === 'fixed18') return 18;
  // In whole tokens, as the first one counts them: that is how amounts are shown, too.
  if (unit === 'token') return tokens.values().next().value ?? 0;
  return unit === 'bps' || unit === 'percentOrBps' ? 2 : 0;
}

type Number18 = { field: KindField; tokens: ReadonlyMap<string, number>; decimals: number };

/** In the unit of the field, as it is written in the contract's file. */
function readNumber(reading: Reading, node: YamlNode, { field, tokens, decimals }: Number18): number | null {
  const text = readText(reading, node, 'a number', 200);
  if (text === null) return null;
  const value = readQuantity(text, { unit: field.unit, type: field.shape === 'value' ? field.type : 'uint256', tokens });
  if (typeof value === 'bigint') return Number(`${value}e-${decimals}`);
  report(reading, { ...value, at: node });
  return null;
}
