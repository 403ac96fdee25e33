// render: State, Plan and results become text, Markdown and JSON. Pure: nothing here reads, sends or decides.
import { styleText } from 'node:util';
import { formatScalar, formatValue } from '../format.ts';
import type { Address, Approvals, FieldValue, Unit } from '../types.ts';

/** What rendering needs to speak the operators' language. */
export type Lexicon = {
  /** What addresses are shown as (`shownNames`). */
  names: ReadonlyMap<Address, string>;
  /** Token symbol to decimals. */
  tokens: ReadonlyMap<string, number>;
  /** `https://…/tx/` prefix for links, or null. */
  explorer: string | null;
  /** True: ANSI colours, for a terminal. */
  colour: boolean;
  /** True: nothing is shortened. */
  verbose: boolean;
};

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours a text for a terminal; elsewhere leaves it as it is. */
export function paint(lexicon: Lexicon, style: Style, text: string): string {
  return lexicon.colour ? styleText(style, text, { validateStream: false }) : text;
}

/** A value as people write it: `150 AGIALPHA`, `60 %`, `treasury-safe`; `none` for what isn't there. */
export function showValue(lexicon: Lexicon, value: FieldValue | null, unit: Unit): string {
  return value === null ? 'none' : formatValue(value, { unit, tokens: lexicon.tokens, names: lexicon.names });
}

/** The address book's name, with a short form of the address; of a name that the change itself brings, and without one, the whole address. */
export function showAddress(lexicon: Lexicon, address: Address): string {
  const name = lexicon.names.get(address);
  if (name === undefined) return address;
  return name.includes(address) ? name : `${name} (${shortHex(address)})`;
}

/** A text with the address book's names for the addresses in it. */
export function nameAddresses(text: string, { names }: Pick<Lexicon, 'names'>): string {
  return text.replace(/\b0x[0-9a-fA-F]{40}\b/g, (address) => names.get(address) ?? address);
}

/** One argument of a decoded call: raw, with the address book's name behind an address. */
export function showArgument(lexicon: Lexicon, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => showArgument(lexicon, item)).join(', ')}]`;
  if (typeof value === 'string') return lexicon.names.get(value) ?? value;
  return typeof value === 'bigint' || typeof value === 'boolean' || typeof value === 'number'
    ? String(value)
    : formatScalar(String(value), { unit: 'none', tokens: lexicon.tokens, names: lexicon.names });
}

export function shortHex(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** `3 changes`, `1 change`. */
export function count(amount: number | bigint, noun: string): string {
  return `${groupDigits(amount)} ${noun}${BigInt(amount) === 1n ? '' : 's'}`;
}

/** `2 approvals from treasury or owners, and 1 approval from finance`; empty where nobody has to approve. */
export function approvalWords(approvals: readonly Approvals[], name: (team: string) => string = (team) => team): string {
  return approvals
    .map(({ count: amount, teams }) => `${count(amount, 'approval')}${teams.length === 0 ? '' : ` from ${teams.map(name).join(' or ')}`}`)
    .join(', and ');
}

/** 19000000 as `19,000,000`. */
export function groupDigits(amount: number | bigint): string {
  return amount.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Wei as ETH with at most six decimals; less than that as `< 0.000001 ETH`. */
export function showEther(wei: bigint): string {
  const millionths = wei / 10n ** 12n;
  if (wei > 0n && millionths === 0n) return '< 0.000001 ETH';
  const fraction = (millionths % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${millionths / 1_000_000n}${fraction === '' ? '' : `.${fraction}`} ETH`;
}
