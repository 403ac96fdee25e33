// Canonical values as people read them: units, names, exact decimals. Pure; never loses a digit. Open to all rooms.
import type { Address, AddressBook, AggregatePart, FieldValue, Scalar, Unit } from './types.ts';

export type FormatOptions = {
  unit?: Unit;
  /** Token symbol to decimals; the first one is what `token` values are shown in. */
  tokens?: ReadonlyMap<string, number>;
  /** Names by checksummed address. */
  names?: ReadonlyMap<Address, string>;
};

/** Names by address, as people are shown them: behind one that a change itself brings, or gives to another address, the whole address. */
export function shownNames({ byAddress, before }: AddressBook): ReadonlyMap<Address, string> {
  if (before === undefined) return byAddress;
  return new Map([...byAddress].map(([address, name]) => [address, before.byName.get(name)?.address === address ? name : `${name} (${address})`]));
}

const timeUnits = [
  ['day', 86_400n],
  ['hour', 3_600n],
  ['minute', 60n],
  ['second', 1n],
] as const;

/**
 * One canonical scalar as text: `150 AGIALPHA`, `60 %`, `7 days`, `0.9`, a name for an address it is known by.
 * Whatever it writes of a number, `parseQuantity` reads back as the same number.
 */
export function formatScalar(value: Scalar, options: FormatOptions = {}): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return options.names?.get(value) ?? value;
  switch (options.unit) {
    case 'token':
      return formatToken(value, options.tokens);
    case 'bps':
    case 'percentOrBps':
      return `${decimalText(value, 2)} %`;
    case 'percent':
      return `${value} %`;
    case 'seconds':
      return formatSeconds(value);
    case 'fixed18':
      return decimalText(value, 18, 1);
    default:
      return String(value);
  }
}

function formatToken(value: bigint, tokens: FormatOptions['tokens']): string {
  const first = tokens?.entries().next().value;
  return first === undefined ? String(value) : `${decimalText(value, first[1])} ${first[0]}`;
}

function formatSeconds(value: bigint): string {
  const [name, size] = timeUnits.find((unit) => value !== 0n && value % unit[1] === 0n) ?? timeUnits[3];
  const count = value / size;
  return `${count} ${name}${count === 1n || count === -1n ? '' : 's'}`;
}

/** An integer of `decimals` implied decimals in full, without trailing zeros beyond `atLeast` of them. */
export function decimalText(value: bigint, decimals: number, atLeast = 0): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits
    .slice(digits.length - decimals)
    .replace(/0+$/, '')
    .padEnd(atLeast, '0');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Seconds since the epoch as `2026-01-31T00:00:00Z`. */
export function formatTime(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** A whole field's value as one line of text. */
export function formatValue(value: FieldValue, options: FormatOptions = {}): string {
  const show = (scalar: Scalar): string => formatScalar(scalar, options);
  switch (value.type) {
    case 'scalar':
      return show(value.value);
    case 'unset':
      return 'unset';
    case 'range':
      return `within ${show(value.min)} and ${show(value.max)}`;
    case 'members':
      return value.members.length === 0 ? 'none' : value.members.map((member) => formatScalar(member, options)).join(', ');
    case 'entries':
      return value.entries.size === 0 ? 'none' : [...value.entries].map(([key, entry]) => `${options.names?.get(key) ?? key}: ${show(entry)}`).join(', ');
    case 'mixed':
      return `mixed: ${mixedText(value.parts)}`;
    case 'unknown':
      return `unknown: ${value.reason}`;
  }
}

/** The few by name, the many by number: `stakeManager true, 7 others false`. */
function mixedText(parts: readonly AggregatePart[]): string {
  const on = parts.filter((part) => part.value);
  const off = parts.filter((part) => !part.value);
  const [few, many] = on.length <= off.length ? [on, off] : [off, on];
  const rest = `${many.length} other${many.length === 1 ? '' : 's'} ${on.length > off.length}`;
  return [...few.map((part) => `${part.field} ${part.value}`), rest].join(', ');
}
