// `journal` of environment.yaml, ignores.yaml and approvals/: what they say, and what they are told.
import { describe, expect, test } from 'vitest';
import { findingsText } from '../../src/render/finding-text.ts';
import { approvalExample, digestExample, environmentExample, ignoresExample } from './examples.ts';
import { accounts, type Files, findingsOf, load, places, sample } from './world.ts';

const contract = sample('spec: { owner: account-a }\n');
const journalLine = 'journal: { remote: upstream, branch: mooring/production }\n';
const approvalFile = `approvals/${digestExample}.yaml`;

function only(files: Files): string[] {
  return places(findingsOf({ 'contracts/sample.yaml': contract, ...files }));
}

describe('the journal', () => {
  const withJournal = (text: string) => ({ 'environment.yaml': environmentExample.replace(journalLine, () => text) });

  test.each<[what: string, text: string, expected: unknown]>([
    ['is kept here where nothing is said', '', null],
    ['is on a branch of a remote', journalLine, { remote: 'upstream', branch: 'mooring/production' }],
    ['has defaults', 'journal: {}\n', { remote: 'origin', branch: 'mooring/journal' }],
    ['has a default branch', 'journal:\n  remote: fork.of-someone_1\n', { remote: 'fork.of-someone_1', branch: 'mooring/journal' }],
    ['has a default remote', 'journal: { branch: a/b.c/d-e_f }\n', { remote: 'origin', branch: 'a/b.c/d-e_f' }],
  ])('%s', (_, text, expected) => {
    expect(load(withJournal(text)).desired.environment.journal).toEqual(expected);
  });

  test.each<[what: string, text: string, expected: string]>([
    ['no value', 'journal:\n', 'VALUE_EMPTY 22:1'],
    ['a text', 'journal: origin\n', 'MAP_EXPECTED 22:10'],
    ['an unknown key', 'journal: { remotes: origin }\n', 'KEY_UNKNOWN 22:12'],
    ['a URL', 'journal: { remote: "https://example.org/x.git" }\n', 'SECRET_IN_FILE 22:20'],
    ['a place of ssh', 'journal: { remote: "git@example.org:x" }\n', 'SECRET_IN_FILE 22:20'],
    ['a path', 'journal: { remote: ../elsewhere }\n', 'VALUE_NOT_ALLOWED 22:20'],
    ['a remote that git takes for an option', 'journal: { remote: --upload-pack=x }\n', 'VALUE_NOT_ALLOWED 22:20'],
    ['a program', 'journal: { remote: "ext::sh" }\n', 'SECRET_IN_FILE 22:20'],
    ['a key as a remote', `journal: { remote: "${'ab'.repeat(32)}" }\n`, 'SECRET_IN_FILE 22:20'],
    ['a branch that git takes for an option', 'journal: { branch: -f }\n', 'VALUE_NOT_ALLOWED 22:20'],
    ['a key as a branch', `journal: { branch: ${'ab'.repeat(32)} }\n`, 'SECRET_IN_FILE 22:20'],
    ['a list as a branch', 'journal: { branch: [a] }\n', 'TEXT_EXPECTED 22:20'],
    ['a branch of 201 characters', `journal: { branch: ${'a'.repeat(201)} }\n`, 'TEXT_EXPECTED 22:20'],
  ])('refuses %s', (_, text, expected) => {
    expect(only(withJournal(text))).toEqual([expected]);
  });

  test.each([
    ['a..b'],
    ['/a'],
    ['a/'],
    ['a//b'],
    ['a/.b'],
    ['.a'],
    ['a.'],
    ['a./b'],
    ['a.lock'],
    ['a.lock/b'],
    ['a/-b'],
    ['a b'],
    ['a~1'],
    ['a^'],
    ['a:b'],
    ['a@{1}'],
    ['a*'],
    ['a\\b'],
    ['ä'],
  ])('%s is no branch', (branch) => {
    expect(only(withJournal(`journal: { branch: ${JSON.stringify(branch)} }\n`))).toEqual(['VALUE_NOT_ALLOWED 22:20']);
  });

  test('a credential in a URL is not repeated, not even as the line that a finding is about', () => {
    const files = withJournal('journal: { remote: "https://hunter2@example.org/x.git" }\n');
    const findings = findingsOf(files);
    const lexicon = { names: new Map(), tokens: new Map(), explorer: null, colour: false, verbose: false };
    const shown = findingsText(findings, lexicon, (source) => files['environment.yaml'].split('\n')[source.line - 1]);
    expect(shown).toMatch(/SECRET_IN_FILE/);
    expect(JSON.stringify(findings) + shown).not.toMatch(/hunter2/);
  });
});

describe('ignores.yaml', () => {
  const files = { 'contracts/sample.yaml': contract, 'ignores.yaml': ignoresExample };

  test('says all of this', () => {
    expect(load({ 'contracts/sample.yaml': contract }).desired.ignores).toEqual([]);
    expect(load(files).desired.ignores).toEqual([
      {
        contract: 'sample',
        field: 'allowed',
        member: accounts['account-a'],
        until: 1_798_675_200n,
        owner: 'operations',
        reason: 'the machine moves to another host',
        source: { file: 'desired-state/local/ignores.yaml', line: 4, column: 5 },
      },
    ]);
    expect(load({ ...files, 'ignores.yaml': ignoresExample.replace(/.*member.*\n/, '') }).desired.ignores[0]).not.toHaveProperty('member');
  });

  test.each<[what: string, from: string | RegExp, to: string, expected: string]>([
    ['no end', /.*until.*\n/, '', 'KEY_MISSING 4:5'],
    ['no owner', /.*owner.*\n/, '', 'KEY_MISSING 4:5'],
    ['no reason', /.*reason.*\n/, '', 'KEY_MISSING 4:5'],
    ['a day without a time', '2026-12-31T00:00:00Z', '2026-12-31', 'TIME_SYNTAX 7:12'],
    ['a day that does not exist', '2026-12-31', '2026-11-31', 'TIME_SYNTAX 7:12'],
    ['another zone', '00:00:00Z', '00:00:00+01:00', 'TIME_SYNTAX 7:12'],
    ['an end that is no time', '2026-12-31T00:00:00Z', 'never', 'TIME_SYNTAX 7:12'],
    ['an unknown member', 'member: account-a', 'member: account-x', 'NAME_UNKNOWN 6:13'],
    ['an unquoted address', 'member: account-a', `member: ${accounts['account-a']}`, 'ADDRESS_UNQUOTED 6:13'],
    ['an unknown key', 'owner:', 'by:', 'KEY_MISSING 4:5'],
    ['no list', /ignores:\n(?: .*\n)*/, 'ignores: {}\n', 'LIST_EXPECTED 3:10'],
    ['an item that is a text', /ignores:\n(?: .*\n)*/, 'ignores: [x]\n', 'MAP_EXPECTED 3:11'],
    ['another kind', 'kind: Ignores', 'kind: Lifts', 'DOCUMENT_KIND 2:7'],
    ['an endless reason', 'the machine', 'the machine '.repeat(400), 'TEXT_EXPECTED 9:13'],
  ])('refuses %s', (_, from, to, expected) => {
    expect(only({ 'ignores.yaml': ignoresExample.replace(from, () => to) })[0]).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['contract', 'contract: sample', 'contract: removed'],
    ['field', 'field: allowed', 'field: alowed'],
  ])('an ignore of a %s that is not there is a warning', (_, from, to) => {
    expect(places(load({ ...files, 'ignores.yaml': ignoresExample.replace(from, to) }).warnings)).toEqual(['IGNORE_UNKNOWN 4:5']);
  });
});

describe('an approval', () => {
  test('says all of this', () => {
    expect(load({ [approvalFile]: approvalExample }).desired.approvals).toEqual([
      {
        digest: digestExample,
        changes: [`sample.allowed[${accounts['account-a']}]`, 'sample.level.agent'],
        pullRequest: 41,
        reason: 'the first run stopped for lack of gas money',
        source: { file: `desired-state/local/${approvalFile}`, line: 1, column: 1 },
      },
    ]);
  });

  test('may be of no pull request, and they come by digest', () => {
    const digests = ['f'.repeat(64), '0'.repeat(64), digestExample];
    const { approvals } = load(Object.fromEntries(digests.map((digest) => [`approvals/${digest}.yaml`, approvalExample.replace(/pull.*\n/, '')]))).desired;
    expect(approvals.map(({ digest }) => digest)).toEqual([...digests].sort());
    expect(approvals.map(({ pullRequest }) => pullRequest)).toEqual([null, null, null]);
    expect(load({}).desired.approvals).toEqual([]);
  });

  test.each<[what: string, from: string | RegExp, to: string, expected: string]>([
    ['no changes', /changes:\n(?: .*\n)*/, '', 'KEY_MISSING 1:1'],
    ['an empty list', /changes:\n(?: .*\n)*/, 'changes: []\n', 'VALUE_EMPTY 3:10'],
    ['one change as a text', /changes:\n(?: .*\n)*/, 'changes: sample.share\n', 'LIST_EXPECTED 3:10'],
    ['an item without a value', 'sample.level.agent', '', 'VALUE_EMPTY 5:5'],
    ['a contract alone', 'sample.level.agent', 'sample', 'VALUE_NOT_ALLOWED 5:5'],
    ['everything', 'sample.level.agent', '"*"', 'VALUE_NOT_ALLOWED 5:5'],
    ['a path', 'sample.level.agent', '../../etc/passwd', 'VALUE_NOT_ALLOWED 5:5'],
    ['an id of two lines', 'sample.level.agent', '"sample.level\\nagent"', 'VALUE_NOT_ALLOWED 5:5'],
    ['an endless id', 'sample.level.agent', `sample.${'x'.repeat(500)}`, 'TEXT_EXPECTED 5:5'],
    ['a map as an id', 'sample.level.agent', '{ sample: x }', 'TEXT_EXPECTED 5:5'],
    ['a change twice', 'sample.level.agent', `"sample.allowed[${accounts['account-a']}]"`, 'MEMBER_DUPLICATE 5:5'],
    ['no reason', /reason.*\n/, '', 'KEY_MISSING 1:1'],
    ['pull request 0', '41', '0', 'VALUE_TOO_SMALL 6:14'],
    ['a pull request with a sign', '41', '"#41"', 'NUMBER_SYNTAX 6:14'],
    ['half a pull request', '41', '41.5', 'NUMBER_TOO_FINE 6:14'],
    ['a pull request that no number holds', '41', '9'.repeat(40), 'VALUE_TOO_LARGE 6:14'],
    ['another kind', 'kind: Approval', 'kind: Lifts', 'DOCUMENT_KIND 2:7'],
    ['a digest of its own', 'reason:', `digest: "${digestExample}"\nreason:`, 'KEY_UNKNOWN 7:1'],
    ['an alias', 'sample.level.agent', '*x', 'YAML_ALIAS 5:5'],
  ])('refuses %s', (_, from, to, expected) => {
    expect(only({ [approvalFile]: approvalExample.replace(from, () => to) })).toEqual([expected]);
  });
});
