// lifts.yaml: which emergency reductions people decided to reverse, each by its transaction.
import type { Lift } from '../types.ts';
import { readDocument, readList, readMap, readText, readTextAt } from './read-node.ts';
import { checkTarget, readTarget, type TargetContext } from './read-target.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** SIDE EFFECTS: adds to the reading's findings. */
export function readLifts(reading: Reading, context: TargetContext): Lift[] {
  const fields = readDocument(reading, 'Lifts', { what: 'the list of lifts', required: ['lifts'] });
  const node = fields?.get('lifts')?.value;
  const items = node === undefined ? [] : readList(reading, node, 'lifts');
  return items.flatMap((item) => readLift(reading, item, context) ?? []);
}

function readLift(reading: Reading, node: YamlNode, context: TargetContext): Lift | null {
  const fields = readMap(reading, node, { what: 'a lift', required: ['contract', 'field', 'transaction', 'reason', 'by'], optional: ['member'] });
  if (fields === null) return null;
  const target = readTarget(reading, fields, context.book);
  const transaction = readTransaction(reading, fields.get('transaction')?.value);
  const reason = readTextAt(reading, fields, { key: 'reason', what: 'a reason' });
  const by = readTextAt(reading, fields, { key: 'by', what: 'who decided it' });
  if (target === null || transaction === null || reason === null || by === null) return null;
  checkTarget(reading, node, { ...context, target, code: 'LIFT_UNKNOWN', what: 'this lift' });
  return { ...target, transaction, reason, by, source: locate(reading.file, node.start) };
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
