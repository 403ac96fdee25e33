// One contract file: its head first (which kind, where), its fields once the kinds are loaded.
import type { Code } from '../errors.ts';
import { fieldAt } from '../kinds/fields.ts';
import type { Address, AddressBook, ContractState, FieldState, Source } from '../types.ts';
import { readAddress } from './read-address.ts';
import { expectMap, type Fields, readBlock, readDocument, readList, readText } from './read-node.ts';
import { readField, unknownField, type ValueContext } from './read-value.ts';
import { describeNode, locate, type Reading, report, type YamlEntry, type YamlNode } from './yaml-tree.ts';

/** What a contract file says before its kind is known. */
export type ContractHead = {
  reading: Reading;
  name: string;
  kind: { name: string; at: { start: number } } | null;
  address: Address | null;
  fromBlock: bigint;
  adoptedAt: bigint | null;
  spec: YamlNode | null;
  observe: YamlNode | null;
  source: Source;
};

/** SIDE EFFECTS: adds to the reading's findings. Null when the file is no contract file at all. */
export function readContractHead(reading: Reading, name: string, book: AddressBook): ContractHead | null {
  const fields = readDocument(reading, null, { what: 'a contract file', required: ['address', 'fromBlock'], optional: ['adoptedAt', 'spec', 'observe'] });
  if (fields === null) return null;
  const fromBlock = readBlock(reading, fields, 'fromBlock') ?? 0n;
  const adoptedAt = readBlock(reading, fields, 'adoptedAt');
  if (adoptedAt !== null && adoptedAt < fromBlock) {
    report(reading, {
      code: 'VALUE_TOO_SMALL',
      at: fields.get('adoptedAt')?.value ?? reading.file.root,
      message: `adoptedAt ${adoptedAt} lies before fromBlock ${fromBlock}`,
      fix: 'write the block at which the contract was taken over',
    });
  }
  return {
    reading,
    name,
    kind: readKindName(reading, fields),
    address: readContractAddress(reading, fields, book),
    fromBlock,
    adoptedAt,
    spec: fields.get('spec')?.value ?? null,
    observe: fields.get('observe')?.value ?? null,
    source: locate(reading.file, fields.get('address')?.value.start ?? reading.file.root.start),
  };
}

function readKindName(reading: Reading, fields: Fields): ContractHead['kind'] {
  const node = fields.get('kind')?.value;
  const name = node === undefined ? null : readText(reading, node, "a kind's name", 100);
  return name === null || node === undefined ? null : { name, at: node };
}

function readContractAddress(reading: Reading, fields: Fields, book: AddressBook): Address | null {
  const node = fields.get('address')?.value;
  const address = node === undefined ? null : readAddress(reading, node, book);
  if (node !== undefined && address !== null && /^0x0{40}$/.test(address)) {
    report(reading, { code: 'ADDRESS_ZERO', at: node, message: 'no contract stands at the zero address', fix: "write the contract's address" });
    return null;
  }
  return address;
}

/**
 * The declared contract: fields by path, where readable. `written` are the paths that stand in spec, readable or not.
 * SIDE EFFECTS: adds to the reading's findings.
 */
export function readContract(
  head: ContractHead & { address: Address },
  context: Omit<ValueContext, 'reading'>,
): { contract: ContractState; written: ReadonlySet<string> } {
  const reading: Reading = { ...head.reading, contract: head.name };
  const inContract = { ...context, reading };
  const spec = head.spec === null ? null : expectMap(reading, head.spec, 'spec');
  const fields = new Map((spec?.entries ?? []).flatMap((entry) => readField(inContract, entry)).map((state) => [state.path, state]));
  const contract = {
    name: head.name,
    kind: context.kind.name,
    address: head.address,
    fromBlock: head.fromBlock,
    ...(head.adoptedAt === null ? {} : { adoptedAt: head.adoptedAt }),
    fields,
    observe: head.observe === null ? new Set<string>() : readObserve(inContract, head.observe, fields),
    source: head.source,
  };
  return { contract, written: new Set((spec?.entries ?? []).flatMap(writtenPaths)) };
}

function writtenPaths({ key, value }: YamlEntry): string[] {
  return [key, ...(value.type === 'map' ? value.entries.map((entry) => `${key}.${entry.key}`) : [])];
}

function readObserve(context: ValueContext, node: YamlNode, declared: ReadonlyMap<string, FieldState>): Set<string> {
  const observed = new Set<string>();
  for (const item of readList(context.reading, node, 'the observed fields')) {
    for (const path of observedPaths(context, item)) {
      if (declared.has(path)) standsTwice(context.reading, { path, item, code: 'SPEC_OBSERVE_CONFLICT', where: 'under spec as well' });
      else if (observed.has(path)) standsTwice(context.reading, { path, item, code: 'MEMBER_DUPLICATE', where: 'here a second time' });
      observed.add(path);
    }
  }
  return observed;
}

function standsTwice(reading: Reading, { path, item, code, where }: { path: string; item: YamlNode; code: Code; where: string }): void {
  report({ ...reading, field: path }, { code, at: item, message: `${describeNode(item)} stands ${where}`, fix: 'delete one of the two' });
}

/** A keyed field observed as a whole stands for each of its keys. */
function observedPaths(context: ValueContext, item: YamlNode): string[] {
  const name = readText(context.reading, item, "a field's name", 200);
  const found = name === null ? null : fieldAt(context.kind, name);
  if (name !== null && found === null)
    unknownField({ ...context, reading: { ...context.reading, field: name } }, { key: name, keyAt: { ...item, quoted: false } });
  if (name === null || found === null) return [];
  if (found.field.shape !== 'keyed' || found.key !== undefined) return [name];
  return [...found.field.keys.keys()].map((key) => `${name}.${key}`);
}
