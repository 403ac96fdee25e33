// lifts.yaml: which emergency reductions people decided to reverse, each by its transaction.
import { fieldAt, nearestName } from '../kinds/fields.ts';
import type { Kinds } from '../kinds/kind.ts';
import type { AddressBook, ContractState, Lift } from '../types.ts';
import { readAddress } from './read-address.ts';
import { type Fields, readDocument, readList, readMap, readText } from './read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

type Context = { contracts: readonly ContractState[]; kinds: Kinds; book: AddressBook };

/** SIDE EFFECTS: adds to the reading's findings. */
export function readLifts(reading: Reading, context: Context): Lift[] {
  const fields = readDocument(reading, 'Lifts', { what: 'the list of lifts', required: ['lifts'] });
  const node = fields?.get('lifts')?.value;
  const items = node === undefined ? [] : readList(reading, node, 'lifts');
  return items.flatMap((item) => readLift(reading, item, context) ?? []);
}

function readLift(reading: Reading, node: YamlNode, context: Context): Lift | null {
  const fields = readMap(reading, node, { what: 'a lift', required: ['contract', 'field', 'transaction', 'reason', 'by'], optional: ['member'] });
  if (fields === null) return null;
  const text = (key: string, what: string) => textOf(reading, fields, { key, what });
  const contract = text('contract', "a contract's name");
  const field = text('field', "a field's name");
  const transaction = readTransaction(reading, fields.get('transaction')?.value);
  const reason = text('reason', 'a reason');
  const by = text('by', 'who decided it');
  const memberNode = fields.get('member')?.value;
  const member = memberNode === undefined ? undefined : readAddress(reading, memberNode, context.book);
  if (contract === null || field === null || transaction === null || reason === null || by === null || member === null) return null;
  checkTarget(reading, node, { ...context, contract, field });
  return { contract, field, ...(member === undefined ? {} : { member }), transaction, reason, by, source: locate(reading.file, node.start) };
}

function textOf(reading: Reading, fields: Fields, { key, what }: { key: string; what: string }): string | null {
  const node = fields.get(key)?.value;
  return node === undefined ? null : readText(reading, node, what);
}

function readTransaction(reading: Reading, node: YamlNode | undefined): string | null {
  if (node === undefined) return null;
  const text = readText(reading, node, "a transaction's hash");
  if (text === null) return null;
  if (node.type === 'text' && node.style === 'plain' && /^0x/i.test(text)) {
    report(reading, {
      code: 'HEX_UNQUOTED',
      at: node,
      message: `${quoteShort(text)} is not quoted, and YAML makes a number of it`,
      fix: `quote it: "${text}"`,
    });
    return null;
  }
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  report(reading, { code: 'HEX_SYNTAX', at: node, message: `${quoteShort(text)} is not a transaction's hash`, fix: 'write 0x and 64 hex digits' });
  return null;
}

/** The file is append-only, so a lift may outlive its contract: a warning, not an error. */
function checkTarget(reading: Reading, at: YamlNode, { contracts, kinds, contract, field }: Context & { contract: string; field: string }): void {
  const target = contracts.find((candidate) => candidate.name === contract);
  const kind = target === undefined ? undefined : kinds.get(target.kind);
  if (target !== undefined && (kind === undefined || fieldAt(kind, field) !== null)) return;
  const name = target === undefined ? contract : field;
  const near = nearestName(name, target === undefined ? contracts.map((candidate) => candidate.name) : (kind?.fields.keys() ?? []));
  const message =
    target === undefined
      ? `no contract ${quoteShort(name)} is declared, so this lift has no effect`
      : `${target.kind} has no field ${quoteShort(name)}, so this lift has no effect`;
  report(reading, { code: 'LIFT_UNKNOWN', severity: 'warning', at, message, ...(near === null ? {} : { fix: `write \`${near}\`` }) });
}
