// What can be made out of an address book that is no YAML any more, for who can't wait until it is mended.
import { toChecksum } from '../kinds/keccak.ts';
import type { AddressBook } from '../types.ts';
import { bookOf, isName } from './read-addresses.ts';

const line = /^\s+["']?([A-Za-z0-9_-]+)["']?:\s*["']?(0x[0-9a-fA-F]{40})["']?\s*(?:#.*)?$/;

/** Its lines that name an account. A name that stands for two, as between the marks of a conflict, stands for none. Pure. */
export function salvageBook(file: string, text: string): AddressBook {
  const found = text.split(/\r?\n/).flatMap((written, i) => {
    const [, name = '', address = ''] = line.exec(written) ?? [];
    return isName(name) ? [{ name, address: toChecksum(address), source: { file, line: i + 1, column: 1 } }] : [];
  });
  const isClear = (name: string): boolean => new Set(found.filter((one) => one.name === name).map(({ address }) => address)).size === 1;
  return bookOf(new Map(found.filter(({ name }) => isClear(name)).map(({ name, ...place }) => [name, place])));
}
