// What an entry of lifts.yaml or ignores.yaml is about: a contract's field, or one member of it.
import type { Code } from '../errors.ts';
import { fieldAt, nearestName } from '../kinds/fields.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { Address, AddressBook, ContractState } from '../types.ts';
import { readAddress } from './read-address.ts';
import { type Fields, readTextAt } from './read-node.ts';
import { quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

export type TargetContext = { contracts: readonly ContractState[]; kinds: Kinds; book: AddressBook };

export type Target = { contract: string; field: string; member?: Address };

/** Reads `contract`, `field` and, where it is there, `member`. SIDE EFFECTS: adds to the reading's findings. */
export function readTarget(reading: Reading, fields: Fields, book: AddressBook): Target | null {
  const contract = readTextAt(reading, fields, { key: 'contract', what: "a contract's name" });
  const field = readTextAt(reading, fields, { key: 'field', what: "a field's name" });
  const node = fields.get('member')?.value;
  const member = node === undefined ? undefined : readAddress(reading, node, book);
  if (contract === null || field === null || member === null) return null;
  return { contract, field, ...(member === undefined ? {} : { member }) };
}

type Check = TargetContext & { target: Target; code: Code; what: string };

/** An entry may outlive what it names: a warning, not an error. SIDE EFFECTS: adds to the reading's findings. */
export function checkTarget(reading: Reading, at: YamlNode, { contracts, kinds, target, code, what }: Check): void {
  const found = contracts.find((candidate) => candidate.name === target.contract);
  const kind = found === undefined ? undefined : kinds.get(found.kind);
  if (found !== undefined && (kind === undefined || fieldAt(kind, target.field) !== null)) return;
  const name = found === undefined ? target.contract : target.field;
  const near = nearestName(name, found === undefined ? contracts.map((candidate) => candidate.name) : (kind?.fields.keys() ?? []));
  const missing = found === undefined ? `no contract ${quoteShort(name)} is declared` : `${found.kind} has no field ${quoteShort(name)}`;
  const message = `${missing}, so ${what} has no effect`;
  report(reading, { code, severity: 'warning', at, message, ...(near === null ? {} : { fix: `write \`${near}\`` }) });
}
