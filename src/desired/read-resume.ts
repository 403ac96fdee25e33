// incidents/<id>.yaml: lets the contracts of one incident run again, with the answers that reviewers approve.
import type { Resume } from '../types.ts';
import { isName } from './read-addresses.ts';
import { readDocument, readList, readText, readTextAt } from './read-node.ts';
import { locate, quoteShort, type Reading, report, type YamlNode } from './yaml-tree.ts';

const answers = ['rootCause', 'roles', 'parameters', 'firstRound', 'by'] as const;

/** Whether a text can name an incident: the day and a few words. */
export function isIncidentId(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}-[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 80;
}

/** `incident` is the file's name. SIDE EFFECTS: adds to the reading's findings. */
export function readResume(reading: Reading, incident: string): Resume | null {
  const fields = readDocument(reading, 'Resume', { what: 'the resume', required: ['components', ...answers] });
  const list = fields?.get('components')?.value;
  const components = list === undefined ? [] : readComponents(reading, list);
  const [rootCause, roles, parameters, firstRound, by] = answers.map((key) => readTextAt(reading, fields, { key }));
  if (components.length === 0 || !rootCause || !roles || !parameters || !firstRound || !by) return null;
  return { incident, components, rootCause, roles, parameters, firstRound, by, source: locate(reading.file, reading.file.root.start) };
}

function readComponents(reading: Reading, node: YamlNode): string[] {
  const items = readList(reading, node, 'names of contracts');
  if (node.type === 'list' && node.items.length === 0)
    report(reading, { code: 'VALUE_EMPTY', at: node, message: 'nothing would be resumed', fix: "list the incident's contracts that may run again" });
  return items.flatMap((item) => {
    const text = readText(reading, item, "a contract's name", 100);
    if (text === null || isName(text)) return text ?? [];
    report(reading, { code: 'ADDRESS_NAME', at: item, message: `${quoteShort(text)} is no contract's name`, fix: 'write a name as the incident has it' });
    return [];
  });
}
