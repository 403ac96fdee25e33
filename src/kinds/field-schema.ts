// The JSON Schema of one field's value, as people write it in a contract file. Pure.
import type { Unit } from '../types.ts';
import type { KindField } from './kind.ts';

export type JsonSchema = { readonly [key: string]: unknown };

const texts: Readonly<Record<Unit, string>> = {
  none: '-?[0-9]+',
  count: '-?[0-9]+',
  token: '-?[0-9]+|-?[0-9]+(\\.[0-9]+)? [A-Za-z][A-Za-z0-9]*',
  bps: '-?[0-9]+( bps)?|-?[0-9]+(\\.[0-9]{1,2})? ?%',
  percent: '-?[0-9]+ ?%?',
  percentOrBps: '[0-9]+( bps)?|[0-9]+ ?%',
  seconds: '[0-9]+|[0-9]+(\\.[0-9]+)? (seconds?|minutes?|hours?|days?|weeks?)',
  fixed18: '-?[0-9]+(\\.[0-9]{1,18})?( ?%)?',
};

const samples: Readonly<Record<Unit, readonly unknown[]>> = {
  none: [1],
  count: [3],
  token: ['150 AGIALPHA'],
  bps: ['60%', 6000],
  percent: ['5%'],
  percentOrBps: ['20%'],
  seconds: ['7 days', '12 hours'],
  fixed18: [0.9, 2],
};

/** An account: a name of the address book or an address, which YAML makes a number of unless it is quoted. */
export const account: JsonSchema = {
  type: 'string',
  pattern: '^(0x[0-9a-fA-F]{40}|(?!0[xX])[A-Za-z0-9][A-Za-z0-9_-]{0,63})$',
  patternErrorMessage: 'A name from the address book, or a quoted address of 40 hex digits.',
  examples: ['treasury-safe'],
};

/** Without its description. */
export function fieldSchema(field: KindField): JsonSchema {
  if (field.shape === 'aggregate') return { type: 'boolean' };
  if (field.shape === 'members') return { type: 'array', items: account, uniqueItems: true };
  if (field.shape === 'keyedMembers') {
    return {
      type: 'object',
      propertyNames: { pattern: '^([A-Za-z_][A-Za-z0-9_]*|0x[0-9a-fA-F]{64})$' },
      additionalProperties: { type: 'array', items: account, uniqueItems: true },
    };
  }
  if (field.shape === 'entries')
    return { type: 'object', propertyNames: { pattern: account['pattern'] }, additionalProperties: scalarSchema({ ...field, type: field.valueType }, false) };
  if (field.shape === 'value') return scalarSchema(field, true);
  const value = scalarSchema(field, true);
  const wanted =
    field.unset === undefined
      ? value
      : { ...value, pattern: `^unset$|${String(value['pattern'])}`, examples: [...((value['examples'] as unknown[]) ?? []), 'unset'] };
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries([...field.keys.keys()].map((key) => [key, wanted])) };
}

function scalarSchema(field: KindField, ranged: boolean): JsonSchema {
  if (field.type === 'bool') return { type: 'boolean' };
  if (field.type === 'address') return account;
  if (/^u?int/.test(field.type)) return numberSchema(field, ranged);
  const digits = /^bytes([0-9]+)$/.exec(field.type)?.[1];
  if (digits !== undefined) return { type: 'string', pattern: `^0x[0-9a-fA-F]{${Number(digits) * 2}}$` };
  return field.type === 'bytes' ? { type: 'string', pattern: '^0x([0-9a-fA-F]{2})*$' } : { type: 'string' };
}

function numberSchema(field: KindField, ranged: boolean): JsonSchema {
  const kind = field.unit === 'fixed18' ? 'number' : 'integer';
  const single: JsonSchema = {
    type: ranged ? [kind, 'string', 'object'] : [kind, 'string'],
    ...limits(field),
    pattern: `^(${texts[field.unit]})$`,
    patternErrorMessage: `Write it as ${samples[field.unit].map(String).join(' or ')}.`,
    examples: samples[field.unit],
  };
  if (!ranged) return single;
  const bound = { type: [kind, 'string'], pattern: single['pattern'] };
  return {
    ...single,
    additionalProperties: false,
    required: ['within'],
    properties: {
      within: {
        type: 'array',
        items: bound,
        minItems: 2,
        maxItems: 2,
        description: 'Lowest and highest value: outside it, the plan moves the value to the nearest of the two.',
      },
    },
  };
}

/** Bounds of plain numbers, where a number of JSON is exact. A quoted or suffixed text is left to `mooring validate`. */
function limits(field: KindField): JsonSchema {
  const low = field.min ?? (field.type.startsWith('uint') ? 0n : undefined);
  const smallest = field.zeroMeans === 'keep' && (low ?? 0n) <= 0n && field.type.startsWith('uint') ? 1n : low;
  const minimum = asNumber(field, smallest);
  const maximum = asNumber(field, field.max ?? widest(field.type));
  return { ...(minimum === null ? {} : { minimum }), ...(maximum === null ? {} : { maximum }) };
}

function widest(type: string): bigint | undefined {
  const bits = /^uint([0-9]+)$/.exec(type)?.[1];
  return bits !== undefined && Number(bits) <= 48 ? (1n << BigInt(bits)) - 1n : undefined;
}

function asNumber(field: Pick<KindField, 'unit'>, value: bigint | undefined): number | null {
  if (value === undefined) return null;
  if (field.unit === 'fixed18') return Number(value) / 1e18;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : null;
}
