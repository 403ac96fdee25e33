// approvals/<digest>.yaml: asks to send changes that git declares already, which no pull request is about any more.
import type { StandingApproval } from '../types.ts';
import { readDocument, readList, readText, readTextAt, readWhole } from './read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

/** A contract's name, a dot, and the rest of a change's id. */
const changePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[A-Za-z_][^\r\n]*$/;

/** Whether a text can name an approval's file: a plan's digest. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** `digest` is the file's name. SIDE EFFECTS: adds to the reading's findings. */
export function readApproval(reading: Reading, digest: string): StandingApproval | null {
  const fields = readDocument(reading, 'Approval', { what: 'the approval', required: ['changes', 'reason'], optional: ['pullRequest'] });
  const list = fields?.get('changes')?.value;
  const changes = list === undefined ? [] : readChanges(reading, list);
  const reason = readTextAt(reading, fields, { key: 'reason', what: 'a reason' });
  const number = fields?.get('pullRequest')?.value;
  const pullRequest = number === undefined ? null : readWhole(reading, number, { min: 1n, max: 2n ** 31n - 1n });
  if (changes.length === 0 || reason === null) return null;
  return { digest, changes, pullRequest: pullRequest === null ? null : Number(pullRequest), reason, source: locate(reading.file, reading.file.root.start) };
}

function readChanges(reading: Reading, node: YamlNode): string[] {
  const items = readList(reading, node, 'ids of changes');
  if (node.type === 'list' && node.items.length === 0)
    report(reading, { code: 'VALUE_EMPTY', at: node, message: 'the approval is of no change', fix: 'list the ids of changes that the plan shows' });
  const seen = new Set<string>();
  for (const item of items) {
    const id = readChange(reading, item);
    if (id !== null && seen.has(id))
      report(reading, { code: 'MEMBER_DUPLICATE', at: item, message: `${quoteShort(id)} stands here a second time`, fix: 'keep one of the two' });
    if (id !== null) seen.add(id);
  }
  return [...seen];
}

function readChange(reading: Reading, node: YamlNode): string | null {
  const text = readText(reading, node, "a change's id", 500);
  if (text === null || changePattern.test(text)) return text;
  report(reading, {
    code: 'VALUE_NOT_ALLOWED',
    at: node,
    message: `found ${quoteShort(text)}, expected a change's id`,
    fix: 'write it as the plan shows it: contract.field, or contract.field[member]',
  });
  return null;
}
