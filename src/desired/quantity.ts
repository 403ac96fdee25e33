// Numbers as people write them, exactly: digits and units to canonical integers. No YAML, no floating-point number.
import { type Code, MooringError } from '../errors.ts';
import { decimalText } from '../format.ts';
import type { Unit } from '../types.ts';
import { quoteShort } from './yaml-tree.ts';

/** What a number is for: its unit, its ABI type, and the environment's tokens (symbol to decimals). */
export type QuantityFor = { unit: Unit; type: string; tokens: ReadonlyMap<string, number> };

export type Fault = { code: Code; message: string; fix: string };

/** Longer than any number that fits 256 bits with 36 decimals. */
const longest = 160;

/**
 * Canonical integer of `text` in the smallest step of its unit (token → wei, bps and percentOrBps → bps, percent → whole
 * percent, seconds, fixed18 → 18 decimals). Throws MooringError NUMBER_* or TOKEN_UNKNOWN.
 */
export function parseQuantity(text: string, as: QuantityFor): bigint {
  const result = readQuantity(text, as);
  if (typeof result === 'bigint') return result;
  throw new MooringError(result.code, result.message, { fix: result.fix });
}

/** The same, with the fault as a value. */
export function readQuantity(text: string, as: QuantityFor): bigint | Fault {
  if (text.length > longest)
    return { code: 'NUMBER_TOO_WIDE', message: `a text of ${text.length} characters is no number that fits ${as.type}`, fix: 'write a shorter number' };
  const match = /^(-?)(\d+)(?:\.(\d+))?(?: ?(%)| ([A-Za-z][A-Za-z0-9]*))?$/.exec(text);
  if (match === null) return diagnose(text, as);
  const [, sign = '', whole = '', fraction = '', percent, word] = match;
  if (/^0\d/.test(whole))
    return {
      code: 'NUMBER_LEADING_ZERO',
      message: `${quoteShort(text)} has a leading zero, which some read as octal`,
      fix: `write ${text.replace(/^(-?)0+(?=\d)/, '$1')}`,
    };
  const suffix = percent ?? word ?? '';
  const looksRaw = as.unit === 'fixed18' && suffix === '' && fraction === '' && whole.length > 15;
  if (looksRaw)
    return {
      code: 'NUMBER_LOOKS_RAW',
      message: `${text} looks like an 18-decimal value in its integer form`,
      fix: `write ${decimalText(BigInt(whole), 18, 1)}, or ${whole}.0 if you mean so large a number`,
    };
  const scale = scaleOf(suffix, as, text);
  if (typeof scale !== 'bigint') return scale;
  return scaled({ text, negative: sign === '-', digits: BigInt(whole + fraction) * scale, decimals: fraction.length, plain: suffix === '' }, as);
}

type Scaled = { text: string; negative: boolean; digits: bigint; decimals: number; plain: boolean };

function scaled({ text, negative, digits, decimals, plain }: Scaled, as: QuantityFor): bigint | Fault {
  const divisor = 10n ** BigInt(decimals);
  if (digits % divisor !== 0n) return tooFine(text, as);
  const size = plain && as.unit === 'percentOrBps' ? fromEitherNotation(digits / divisor) : digits / divisor;
  if (as.unit === 'percentOrBps' && size % 100n !== 0n) return tooFine(text, as);
  return checkWidth({ text, value: negative ? -size : size, negative }, as.type);
}

/** The contract's own notation: up to 100 is percent, above is bps. Canonical is bps. */
function fromEitherNotation(raw: bigint): bigint {
  return raw <= 100n ? raw * 100n : raw;
}

function checkWidth({ text, value, negative }: { text: string; value: bigint; negative: boolean }, type: string): bigint | Fault {
  const match = /^(u?)int(\d*)$/.exec(type);
  if (match === null) return value;
  const bits = BigInt(match[2] === '' || match[2] === undefined ? 256 : match[2]);
  const unsigned = match[1] === 'u';
  if (unsigned && negative)
    return { code: 'NUMBER_NEGATIVE', message: `${quoteShort(text)} is negative, and ${type} has no negative numbers`, fix: 'write zero or a positive number' };
  const max = unsigned ? (1n << bits) - 1n : (1n << (bits - 1n)) - 1n;
  const min = unsigned ? 0n : -max - 1n;
  if (value > max || value < min)
    return {
      code: 'NUMBER_TOO_WIDE',
      message: `${quoteShort(text)} does not fit ${type}: it is beyond ${value > max ? max : min}`,
      fix: 'write a number that fits',
    };
  return value;
}

const times: ReadonlyMap<string, bigint> = new Map(
  (
    [
      ['second', 1n],
      ['minute', 60n],
      ['hour', 3_600n],
      ['day', 86_400n],
      ['week', 604_800n],
    ] as const
  ).flatMap(([name, size]) => [[name, size] as const, [`${name}s`, size] as const]),
);

const fixed18 = 10n ** 18n;

/** How many canonical steps one of the written unit is. */
function scaleOf(suffix: string, as: QuantityFor, text: string): bigint | Fault {
  const scale = suffix === '' ? (as.unit === 'fixed18' ? fixed18 : 1n) : unitScale(suffix, as);
  if (scale !== undefined) return scale;
  if (as.unit === 'token' && suffix !== '%') {
    const known = [...as.tokens.keys()];
    return {
      code: 'TOKEN_UNKNOWN',
      message: `${quoteShort(suffix)} is not a token of this environment`,
      fix: known.length === 0 ? 'add it under `tokens` in environment.yaml' : `write ${orList(known)}, or add it under \`tokens\` in environment.yaml`,
    };
  }
  return {
    code: 'NUMBER_UNIT',
    message: `${quoteShort(text)} is written in ${quoteShort(suffix)}, expected ${expectedForms[as.unit]}`,
    fix: `write it as ${expectedForms[as.unit]}`,
  };
}

function unitScale(suffix: string, as: QuantityFor): bigint | undefined {
  switch (as.unit) {
    case 'token': {
      const decimals = as.tokens.get(suffix);
      return decimals === undefined ? undefined : 10n ** BigInt(decimals);
    }
    case 'bps':
    case 'percentOrBps':
      return suffix === '%' ? 100n : suffix === 'bps' ? 1n : undefined;
    case 'percent':
      return suffix === '%' ? 1n : undefined;
    case 'seconds':
      return times.get(suffix);
    case 'fixed18':
      return suffix === '%' ? fixed18 / 100n : undefined;
    default:
      return undefined;
  }
}

/** How numbers of each unit are written, for messages, hovers and comments. */
export const expectedForms: Readonly<Record<Unit, string>> = {
  none: 'a whole number',
  count: 'a whole number',
  token: 'an amount (`150 AGIALPHA`) or a whole number of its smallest unit',
  bps: 'a percentage (`60%`) or whole basis points (`6000`)',
  percent: 'a whole percentage (`60%`)',
  percentOrBps: 'a whole percentage (`60%`)',
  seconds: 'a time (`7 days`, `2 hours`) or whole seconds',
  fixed18: 'a decimal number (`0.9`)',
};

function tooFine(text: string, as: QuantityFor): Fault {
  return { code: 'NUMBER_TOO_FINE', message: `${quoteShort(text)} is finer than this field can hold`, fix: `write ${expectedForms[as.unit]}` };
}

/** Which known trap an unreadable number is. */
function diagnose(text: string, as: QuantityFor): Fault {
  const found = quoteShort(text);
  const fix = `write ${expectedForms[as.unit]}`;
  if (/^[-+]?\.?(nan|inf|infinity)$/i.test(text)) return { code: 'NUMBER_NOT_FINITE', message: `${found} is not a number`, fix };
  if (/^[-+]?0[xob][0-9a-f_]*$/i.test(text))
    return { code: 'NUMBER_BASE', message: `${found} is not in decimal digits`, fix: 'write the number in decimal digits' };
  if (/^[-+]?[\d.]+e[-+]?\d+/i.test(text))
    return { code: 'NUMBER_EXPONENT', message: `${found} is in exponent notation`, fix: `write all digits, or use a unit: ${expectedForms[as.unit]}` };
  if (/^[-+]?\d[\d_,' ]*(\.\d+)?[^\d]*$/.test(text) && /\d[_,' ]+\d/.test(text))
    return { code: 'NUMBER_SEPARATOR', message: `${found} has separators between its digits`, fix: `write ${text.replace(/(?<=\d)[_,' ]+(?=\d)/g, '')}` };
  return { code: 'NUMBER_SYNTAX', message: `${found} is not a number that can be read, expected ${expectedForms[as.unit]}`, fix };
}

function orList(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
