// ignores.yaml: differences that somebody answers for until a day. Whether that day has come is not asked here.
import type { Ignore } from '../types.ts';
import { readDocument, readList, readMap, readTextAt, readTime } from './read-node.ts';
import { checkTarget, readTarget, type TargetContext } from './read-target.ts';
import { locate, type Reading, type YamlNode } from './yaml-tree.ts';

/** SIDE EFFECTS: adds to the reading's findings. */
export function readIgnores(reading: Reading, context: TargetContext): Ignore[] {
  const fields = readDocument(reading, 'Ignores', { what: 'the list of ignores', required: ['ignores'] });
  const node = fields?.get('ignores')?.value;
  const items = node === undefined ? [] : readList(reading, node, 'ignores');
  return items.flatMap((item) => readIgnore(reading, item, context) ?? []);
}

function readIgnore(reading: Reading, node: YamlNode, context: TargetContext): Ignore | null {
  const fields = readMap(reading, node, { what: 'an ignore', required: ['contract', 'field', 'until', 'owner', 'reason'], optional: ['member'] });
  if (fields === null) return null;
  const target = readTarget(reading, fields, context.book);
  const until = readTime(reading, fields.get('until')?.value);
  const owner = readTextAt(reading, fields, { key: 'owner', what: 'who answers for it' });
  const reason = readTextAt(reading, fields, { key: 'reason', what: 'a reason' });
  if (target === null || until === null || owner === null || reason === null) return null;
  checkTarget(reading, node, { ...context, target, code: 'IGNORE_UNKNOWN', what: 'this ignore' });
  return { ...target, until, owner, reason, source: locate(reading.file, node.start) };
}
