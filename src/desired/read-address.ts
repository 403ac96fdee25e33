// Accounts as people write them: a name of the address book, or a quoted checksummed address.
import type { Code } from '../errors.ts';
import { nearestName } from '../kinds/fields.ts';
import { toChecksum } from '../kinds/keccak.ts';
import type { Address, AddressBook } from '../types.ts';
import type { Fault } from './quantity.ts';
import { describeNode, quoteShort, type Reading, report, type YamlEntry, type YamlNode } from './yaml-tree.ts';

export const zeroAddress: Address = `0x${'0'.repeat(40)}`;

const hexLike = /^0x/i;

/** The right length for a private key: whatever it is, it isn't shown. */
const keyLike: { test: RegExp; fault: Fault } = {
  test: /^(0x)?[0-9a-fA-F]{64}$/i,
  fault: {
    code: 'SECRET_IN_FILE',
    message: 'found 64 hex digits, as a private key has, expected an address',
    fix: 'write 0x and 40 hex digits; if it is a key, treat it as known to others and replace it',
  },
};

/** What a text stands for as an account. `quoted`: whether it stood in quotes. Pure. */
export function addressOf(text: string, { quoted, book }: { quoted: boolean; book: AddressBook }): Address | Fault {
  if (keyLike.test.test(text)) return keyLike.fault;
  if (!hexLike.test(text)) return book.byName.get(text)?.address ?? unknownName(text, book);
  if (!quoted) return { code: 'ADDRESS_UNQUOTED', message: `the address ${text} is not quoted, and YAML makes a number of it`, fix: `quote it: "${text}"` };
  return checkedAddress(text);
}

/** A literal address: its digits and its checksum. */
export function checkedAddress(text: string): Address | Fault {
  if (keyLike.test.test(text)) return keyLike.fault;
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    const digits = text.length - 2;
    const message =
      digits === 40
        ? `${quoteShort(text)} is not an address: only 0-9 and a-f after 0x`
        : `${quoteShort(text)} is not an address: ${digits} digits after 0x, expected 40`;
    return { code: 'ADDRESS_SYNTAX', message, fix: 'copy the whole address anew' };
  }
  const right = toChecksum(text);
  if (text === right) return right;
  const bare = text === text.toLowerCase();
  return {
    code: 'ADDRESS_CHECKSUM',
    message: bare ? `${text} has no checksum` : `the checksum of ${text} is wrong: a digit or a letter's case is`,
    fix: `compare the digits with where it comes from; with these digits it is "${right}"`,
  };
}

function unknownName(text: string, book: AddressBook): Fault {
  const near = nearestName(text, book.byName.keys());
  const fix = near === null ? 'add it to addresses.yaml, or write a quoted address' : `write ${near}, or add ${text} to addresses.yaml`;
  const code: Code = /^[A-Za-z0-9._-]+$/.test(text) ? 'NAME_UNKNOWN' : 'ADDRESS_SYNTAX';
  return { code, message: `${quoteShort(text)} is not a name in the address book`, fix };
}

/** SIDE EFFECTS: adds to the reading's findings. */
export function readAddress(reading: Reading, node: YamlNode, book: AddressBook): Address | null {
  if (node.type !== 'text') {
    report(reading, {
      code: 'TEXT_EXPECTED',
      at: node,
      message: `found ${describeNode(node)}, expected an account`,
      fix: 'write a name of the address book, or a quoted address',
    });
    return null;
  }
  return settle(reading, node, addressOf(node.text, { quoted: node.style !== 'plain', book }));
}

/** The same for the key of an entry. */
export function readAddressKey(reading: Reading, entry: YamlEntry, book: AddressBook): Address | null {
  return settle(reading, entry.keyAt, addressOf(entry.key, { quoted: entry.keyAt.quoted, book }));
}

function settle(reading: Reading, at: { start: number }, result: Address | Fault): Address | null {
  if (typeof result === 'string') return result;
  report(reading, { ...result, at });
  return null;
}
