// A whole incidents/<id>.yaml, read back before it counts. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Resume } from '../../types.ts';
import { parseText } from '../parse-yaml.ts';
import { apiVersion } from '../read-node.ts';
import { isIncidentId, readResume } from '../read-resume.ts';
import { impossible } from './splice.ts';
import { inline, quote } from './yaml-data.ts';

/** Throws MooringError EDIT_IMPOSSIBLE when the file would not say exactly this. */
export function writeResume(resume: Omit<Resume, 'source'>): string {
  const { incident, components, ...texts } = resume;
  const text = [
    '# yaml-language-server: $schema=../../../schemas/resume.schema.json',
    '# Lets contracts of an incident run again; named by its id. Whoever approves this file approves its answers.',
    `apiVersion: ${apiVersion}`,
    'kind: Resume',
    `components: ${inline(components)}`,
    ...(['rootCause', 'roles', 'parameters', 'firstRound', 'by'] as const).map((key) => `${key}: ${quote(texts[key])}`),
    '',
  ].join('\n');
  const file = parseText(`${incident}.yaml`, text, []);
  const { source: _source, ...read } = (file === null ? null : readResume({ file, findings: [] }, incident)) ?? {};
  if (!isIncidentId(incident) || !isDeepStrictEqual(read, resume))
    throw impossible('a resume names contracts, and answers each question in 1 to 2000 characters');
  return text;
}
