// incident.yaml of the branch of incidents: written, read back, and read. Not part of an environment's folder.
import { isDeepStrictEqual } from 'node:util';
import type { Finding, IncidentComponent, IncidentRecord } from '../types.ts';
import { timeText } from './edit/append-entry.ts';
import { impossible } from './edit/splice.ts';
import { inline, quote } from './edit/yaml-data.ts';
import { parseYaml } from './parse-yaml.ts';
import { checkedAddress } from './read-address.ts';
import { apiVersion, type Fields, readDocument, readList, readMap, readText, readTextAt, readTime, readWhole } from './read-node.ts';
import { isIncidentId } from './read-resume.ts';
import { type Reading, report, type YamlNode } from './yaml-tree.ts';

const keys = { required: ['title', 'components', 'openedBy', 'openedAt'], optional: ['issue', 'closedBy', 'closedAt', 'leftPaused'] };

/** The record, or what is wrong with it. `id` is its folder's name. */
export function readIncidentRecord(bytes: Uint8Array, id: string): IncidentRecord | readonly Finding[] {
  const findings: Finding[] = [];
  const file = parseYaml(`${id}/incident.yaml`, bytes, findings);
  const record = file === null ? null : readRecord({ file, findings }, id);
  if (record !== null && findings.length === 0) return record;
  return findings.length > 0 ? findings : [{ code: 'INCIDENT_RECORD', severity: 'error', message: `${id} is no incident's id` }];
}

function readRecord(reading: Reading, id: string): IncidentRecord | null {
  const fields = readDocument(reading, 'Incident', { what: 'the incident', ...keys });
  const title = readTextAt(reading, fields, { key: 'title' });
  const by = readTextAt(reading, fields, { key: 'openedBy' });
  const at = fields === null ? null : readTime(reading, fields.get('openedAt')?.value);
  const list = fields?.get('components')?.value;
  const components = list === undefined ? [] : readComponents(reading, list);
  const number = fields?.get('issue')?.value;
  const issue = number === undefined ? null : readWhole(reading, number, { min: 1n, max: 2n ** 31n - 1n });
  if (fields === null || title === null || by === null || at === null || !isIncidentId(id)) return null;
  return { id, title, components, by, at, issue: issue === null ? null : Number(issue), closed: readClosed(reading, fields) };
}

function readClosed(reading: Reading, fields: Fields): IncidentRecord['closed'] {
  const [by, time] = [readTextAt(reading, fields, { key: 'closedBy' }), fields.get('closedAt')?.value];
  const at = time === undefined ? null : readTime(reading, time);
  if ((by === null) !== (at === null))
    report(reading, { code: 'KEY_MISSING', at: reading.file.root, message: 'closedBy and closedAt belong together', fix: 'write both, or none' });
  return by === null || at === null ? null : { by, at, left: readTextAt(reading, fields, { key: 'leftPaused' }) };
}

function readComponents(reading: Reading, node: YamlNode): IncidentComponent[] {
  return readList(reading, node, 'contracts').flatMap((item) => {
    const fields = readMap(reading, item, { what: 'a contract', required: ['name', 'address'] });
    const name = readTextAt(reading, fields, { key: 'name' });
    const written = fields?.get('address')?.value;
    const text = written === undefined ? null : readText(reading, written, 'an address');
    if (name === null || text === null) return [];
    const address = checkedAddress(text);
    if (typeof address === 'string') return [{ name, address }];
    report(reading, { code: address.code, at: item, message: address.message, fix: address.fix });
    return [];
  });
}

/** Throws MooringError EDIT_IMPOSSIBLE where the file would not say exactly this. */
export function writeIncidentRecord(record: IncidentRecord): string {
  const { id, title, components, by, at, issue, closed } = record;
  const text = [
    `apiVersion: ${apiVersion}`,
    'kind: Incident',
    `title: ${quote(title)}`,
    'components:',
    ...components.map(({ name, address }) => `  - { name: ${inline(name)}, address: ${quote(address)} }`),
    `openedBy: ${quote(by)}`,
    `openedAt: ${timeText(at)}`,
    ...(issue === null ? [] : [`issue: ${issue}`]),
    ...(closed === null ? [] : [`closedBy: ${quote(closed.by)}`, `closedAt: ${timeText(closed.at)}`]),
    ...(closed === null || closed.left === null ? [] : [`leftPaused: ${quote(closed.left)}`]),
    '',
  ].join('\n');
  if (components.length === 0 || !isDeepStrictEqual(readIncidentRecord(Buffer.from(text), id), record))
    throw impossible('an incident has a title, contracts, and texts of 1 to 2000 characters');
  return text;
}
