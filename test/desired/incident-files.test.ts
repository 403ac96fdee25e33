// The file that resumes an incident, and the record of one: what is written is what is read, and everything else is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeResume } from '../../src/desired/edit/write-resume.ts';
import { readIncidentRecord, writeIncidentRecord } from '../../src/desired/incident-record.ts';
import { isIncidentId } from '../../src/desired/read-resume.ts';
import type { IncidentRecord } from '../../src/types.ts';
import { incidentExample, resumeExample } from './examples.ts';
import { accounts, findingsOf, load } from './world.ts';

const file = `incidents/${incidentExample}.yaml`;
const resume = {
  ...{ incident: incidentExample, components: ['arena', 'stake-manager'], rootCause: 'the oracle gave a price of zero' },
  ...{ roles: 'as declared', parameters: 'as declared', firstRound: 'starts', by: 'alice' },
};
const codes = (name: string, text: string): string[] => findingsOf({ [name]: text }).map(({ code }) => code);

describe('a resume', () => {
  test('says all of this, and is written so', () => {
    const source = { file: `desired-state/local/${file}`, line: 1, column: 1 };
    expect(load({ [file]: resumeExample }).desired.resumes).toEqual([{ ...resume, source }]);
    expect(load({ [file]: writeResume(resume) }).desired.resumes).toMatchObject([resume]);
    expect(load({}).desired.resumes).toEqual([]);
  });

  test.each<[what: string, from: string | RegExp, to: string, expected: string]>([
    ['no contracts', '[arena, stake-manager]', '[]', 'VALUE_EMPTY'],
    ['an address as a name', 'arena', `"${accounts['account-a']}"`, 'ADDRESS_NAME'],
    ['no root cause', /rootCause.*\n/, '', 'KEY_MISSING'],
    ['an open question', 'firstRound: starts', 'firstRound: ""', 'TEXT_EXPECTED'],
    ['another kind', 'kind: Resume', 'kind: Lifts', 'DOCUMENT_KIND'],
    ['more keys', 'by: alice', 'by: alice\nforce: true', 'KEY_UNKNOWN'],
  ])('refuses %s', (_, from, to, expected) => {
    expect(
      codes(
        file,
        resumeExample.replace(from, () => to),
      ),
    ).toEqual([expected]);
  });

  test('has an incident’s id as its name', () => {
    expect(codes('incidents/oracle.yaml', resumeExample)).toEqual(['FILE_NAME']);
    expect(['2026-11-26', '2026-11-26-', '2026-11-26-A', '../x', '2026-11-26-a--b'].filter(isIncidentId)).toEqual([]);
  });

  test('is not written where it would say something else', () => {
    for (const wrong of [{ rootCause: '' }, { components: [] }, { incident: '../policy' }, { by: 'x'.repeat(2_001) }])
      expect(() => writeResume({ ...resume, ...wrong })).toThrow(/answers each question/);
  });
});

describe('a record', () => {
  const record: IncidentRecord = {
    ...{ id: incidentExample, title: 'Oracle fault: "zero" price', by: 'alice', at: 1_795_000_000n, issue: null, closed: null },
    components: [{ name: 'arena', address: accounts['account-a'] }],
  };

  test('is read as it was written, whatever its texts', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((one) => one.trim() === one && one.isWellFormed());
    fc.assert(
      fc.property(text, text, fc.boolean(), (title, by, isClosed) => {
        const one = { ...record, title, by, issue: 7, closed: isClosed ? { by, at: 1_795_000_001n, left: title } : null };
        expect(readIncidentRecord(Buffer.from(writeIncidentRecord(one)), one.id)).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  test.each<[what: string, from: string, to: string, expected: string]>([
    ['no YAML', 'kind: Incident', '\0', 'YAML_HIDDEN_CHARACTER'],
    ['no title', 'title:', 'name:', 'KEY_UNKNOWN'],
    ['no address', accounts['account-a'], '0x12', 'ADDRESS_SYNTAX'],
    ['half a closing', 'openedBy', 'closedBy: bob\nopenedBy', 'KEY_MISSING'],
  ])('with %s says nothing', (_, from, to, expected) => {
    const read = readIncidentRecord(Buffer.from(writeIncidentRecord(record).replace(from, to)), record.id);
    expect('id' in read ? [] : read.map(({ code }) => code)).toContain(expected);
  });

  test('of another name than an incident has says nothing', () => {
    expect(readIncidentRecord(Buffer.from(writeIncidentRecord(record)), 'x')).toMatchObject([{ code: 'INCIDENT_RECORD' }]);
  });
});
