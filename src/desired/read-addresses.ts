// addresses.yaml: the names that people use for accounts.
import { toChecksum } from '../kinds/keccak.ts';
import type { Address, AddressBook, Source } from '../types.ts';
import { checkedAddress } from './read-address.ts';
import { expectMap, readDocument, readText } from './read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlEntry } from './yaml-tree.ts';

type Named = { address: Address; source: Source };

/** Words that mean something else where an account's name may stand. */
const reserved: ReadonlySet<string> = new Set(['unset', 'true', 'false', 'null', 'none', 'within']);

/** Names of accounts, contracts and signers. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const emptyBook: AddressBook = { byName: new Map(), byAddress: new Map() };

/** SIDE EFFECTS: adds to the reading's findings. */
export function readAddresses(reading: Reading): AddressBook {
  const fields = readDocument(reading, 'AddressBook', { what: 'the address book', required: ['addresses'] });
  const node = fields?.get('addresses')?.value;
  const map = node === undefined ? null : expectMap(reading, node, 'the names');
  const byName = new Map<string, Named>();
  for (const entry of map?.entries ?? []) {
    const named = readEntry(reading, entry);
    if (named !== null) byName.set(entry.key, named);
  }
  return bookOf(byName);
}

function readEntry(reading: Reading, entry: YamlEntry): Named | null {
  checkName(reading, entry);
  const text = readText(reading, entry.value, 'a quoted address');
  if (text === null || entry.value.type !== 'text') return null;
  if (/^0x/i.test(text) && entry.value.style === 'plain') {
    report(reading, {
      code: 'ADDRESS_UNQUOTED',
      at: entry.value,
      message: `the address ${quoteShort(text)} is not quoted, and YAML makes a number of it`,
      fix: `quote it: "${text}"`,
    });
    return meantBy(reading, entry, text);
  }
  const address = checkedAddress(text);
  if (typeof address === 'string') return { address, source: locate(reading.file, entry.keyAt.start) };
  report(reading, { ...address, at: entry.value });
  return meantBy(reading, entry, text);
}

/** Of an address that is told about already: its name is known all the same, so that each use of it isn't an error too. */
function meantBy(reading: Reading, entry: YamlEntry, text: string): Named | null {
  return /^0x[0-9a-fA-F]{40}$/.test(text) ? { address: toChecksum(text), source: locate(reading.file, entry.keyAt.start) } : null;
}

/** Whether a text can name an account or a contract. */
export function isName(text: string): boolean {
  return namePattern.test(text) && !reserved.has(text.toLowerCase()) && !/^0x/i.test(text);
}

/** SIDE EFFECTS: adds to the reading's findings when a key can't be a name. */
export function checkName(reading: Reading, entry: YamlEntry): void {
  if (isName(entry.key)) return;
  report(reading, {
    code: 'ADDRESS_NAME',
    at: entry.keyAt,
    message: `${quoteShort(entry.key)} can't be a name`,
    fix: 'use letters, digits, - and _ (not true, false, null, none, unset or within)',
  });
}

/** The book with declared contracts as names too: where a name is in both, both must mean one address. */
export function withContracts(book: AddressBook, contracts: readonly { name: string; address: Address; source?: Source }[]): AddressBook {
  const byName = new Map(book.byName);
  for (const { name, address, source } of contracts) {
    if (!byName.has(name) && source !== undefined) byName.set(name, { address, source });
  }
  return bookOf(byName);
}

export function bookOf(byName: ReadonlyMap<string, Named>): AddressBook {
  const byAddress = new Map<Address, string>();
  for (const [name, { address }] of byName) {
    if (!byAddress.has(address)) byAddress.set(address, name);
  }
  return { byName, byAddress };
}
