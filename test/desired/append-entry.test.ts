// New lifts, ignores and approvals: what is written, what is left alone, and what is refused.
import { diffLines } from 'diff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendIgnore, appendLift, writeApproval } from '../../src/desired/edit/append-entry.ts';
import { parseText } from '../../src/desired/parse-yaml.ts';
import { emptyBook } from '../../src/desired/read-addresses.ts';
import { readLifts } from '../../src/desired/read-lifts.ts';
import type { Finding, Ignore, Lift, StandingApproval } from '../../src/types.ts';
import { digestExample, ignoresExample, liftsExample } from './examples.ts';
import { accounts, load, sample } from './world.ts';

const hash = `0x${'7c'.repeat(32)}`;
const lift: Lift = { contract: 'sample', field: 'allowed', member: accounts['account-b'], transaction: hash, reason: 'fixed and audited', by: 'security team' };
const ignore: Ignore = { contract: 'sample', field: 'level.agent', until: 1_798_675_200n, owner: 'operations', reason: 'until the move: #41' };
const approval: StandingApproval = {
  digest: digestExample,
  changes: [`sample.allowed[${accounts['account-b']}]`, 'sample.share'],
  pullRequest: 41,
  reason: 'it stopped',
};

const liftLines = [
  '  - contract: sample',
  '    field: allowed',
  `    member: "${accounts['account-b']}"`,
  `    transaction: "${hash}"`,
  '    reason: fixed and audited',
  '    by: security team',
];
const impossible = expect.objectContaining({ code: 'EDIT_IMPOSSIBLE' });
const contract = { 'contracts/sample.yaml': sample('spec: { owner: account-a }\n') };

function read({ lifts, ignores, approval: text }: { lifts?: string; ignores?: string; approval?: string }) {
  const { desired } = load({
    ...contract,
    ...(lifts === undefined ? {} : { 'lifts.yaml': lifts }),
    ...(ignores === undefined ? {} : { 'ignores.yaml': ignores }),
    ...(text === undefined ? {} : { [`approvals/${digestExample}.yaml`]: text }),
  });
  const bare = <T extends { source?: unknown }>(entries: readonly T[]) => entries.map(({ source: _, ...entry }) => entry);
  return { lifts: bare(desired.lifts), ignores: bare(desired.ignores), approvals: bare(desired.approvals) };
}

/** The same without the rest of an environment, for speed. */
function liftsIn(text: string) {
  const findings: Finding[] = [];
  const file = parseText('lifts.yaml', text, findings);
  const read = file === null ? [] : readLifts({ file, findings }, { contracts: [], kinds: new Map(), book: emptyBook });
  return read.map(({ source: _, ...entry }) => entry);
}

/** Lines that go (-) and come (+). */
function changes(before: string, after: string): string[] {
  return diffLines(before, after).flatMap((part) =>
    part.added || part.removed
      ? part.value
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => (part.added ? '+' : '-') + line)
      : [],
  );
}

describe('a new file', () => {
  test('of lifts', () => {
    const text = appendLift(null, lift);
    expect(text.split('\n')).toEqual([
      '# yaml-language-server: $schema=../../schemas/lifts.schema.json',
      expect.stringMatching(/^# \w/),
      'apiVersion: mooring/v1',
      'kind: Lifts',
      'lifts:',
      ...liftLines,
      '',
    ]);
    expect(read({ lifts: text }).lifts).toEqual([lift]);
  });

  test('of ignores', () => {
    const text = appendIgnore(null, ignore);
    expect(text.split('\n')).toEqual([
      '# yaml-language-server: $schema=../../schemas/ignores.schema.json',
      expect.stringMatching(/^# \w/),
      'apiVersion: mooring/v1',
      'kind: Ignores',
      'ignores:',
      '  - contract: sample',
      '    field: level.agent',
      '    until: 2026-12-31T00:00:00Z',
      '    owner: operations',
      '    reason: "until the move: #41"',
      '',
    ]);
    expect(read({ ignores: text }).ignores).toEqual([ignore]);
  });

  test('of an approval', () => {
    const text = writeApproval(approval);
    expect(text.split('\n')).toEqual([
      '# yaml-language-server: $schema=../../../schemas/approval.schema.json',
      expect.stringMatching(/^# \w/),
      'apiVersion: mooring/v1',
      'kind: Approval',
      'changes:',
      `  - "sample.allowed[${accounts['account-b']}]"`,
      '  - sample.share',
      'pullRequest: 41',
      'reason: it stopped',
      '',
    ]);
    expect(read({ approval: text }).approvals).toEqual([approval]);
    const drift = { ...approval, pullRequest: null };
    expect(read({ approval: writeApproval(drift) }).approvals).toEqual([drift]);
  });
});

const head = 'apiVersion: mooring/v1\nkind: Lifts\n';
const item = '{ contract: sample, field: paused, transaction: "0x';
const full = `${item}${'11'.repeat(32)}", reason: x, by: y }`;
const inLine = `{ contract: sample, field: allowed, member: "${accounts['account-b']}", transaction: "${hash}", reason: fixed and audited, by: security team }`;
const added = (lines: readonly string[]) => lines.map((line) => `+${line}`);

/** File as it is → lines that go and come. */
const files: readonly [what: string, before: string, lines: readonly string[]][] = [
  ['with comments', `# why\n${liftsExample}# the end\n`, added(liftLines)],
  ['with a comment on the last entry', `${liftsExample}    # seen by two\n  # the end\n`, added(liftLines)],
  ['without indentation', liftsExample.replace(/^ {2}/gm, ''), added(liftLines.map((line) => line.slice(2)))],
  ['with deep indentation', liftsExample.replace(/^ {2}/gm, '      '), added(liftLines.map((line) => `    ${line}`))],
  ['with a text of several lines at its end', liftsExample.replace('by: security team', 'by: |\n      security\n      team'), added(liftLines)],
  ['with more keys behind the list', 'lifts:\n  - x\nkind: Lifts\napiVersion: mooring/v1\n', added(liftLines)],
  ['with an empty list', `${head}lifts: []   # none so far\n# the end\n`, ['-lifts: []   # none so far', '+lifts:   # none so far', ...added(liftLines)]],
  ['with an empty list of two lines', `${head}lifts: [\n]\n`, ['-lifts: [', '-]', '+lifts:', ...added(liftLines)]],
  ['with no value', `${head}lifts:\n`, added(liftLines)],
  ['with no list', head, added(['lifts:', ...liftLines])],
  ['with a list in one line', `${head}lifts: [${full}]  # one\n`, [`-lifts: [${full}]  # one`, `+lifts: [${full}, ${inLine}]  # one`]],
  ['with a list in brackets', `${head}lifts: [\n  ${full},  # one\n]\n`, [`-  ${full},  # one`, `+  ${full}, ${inLine},  # one`]],
  [
    'all in one line',
    '{ apiVersion: mooring/v1, kind: Lifts, lifts: [] }\n',
    [expect.stringMatching(/^-/), expect.stringMatching(/^\+.*lifts: \[\{ contract/)],
  ],
];

describe('an entry more', () => {
  test.each(files)('in a file %s', (_, before, lines) => {
    expect(changes(before, appendLift(before, lift))).toEqual(lines);
  });

  test.each(files.map(([what, before]) => [what, before] as const))('in a file %s, with a byte order mark and CRLF', (_, before) => {
    const windows = `\uFEFF${before.replaceAll('\n', '\r\n')}`;
    expect(appendLift(windows, lift)).toBe(`\uFEFF${appendLift(before, lift).replaceAll('\n', '\r\n')}`);
  });

  test('goes behind the comments on the last entry, and before others', () => {
    const own = '    # seen by two\n\n';
    expect(appendLift(`${liftsExample}${own}  # the end\n`, lift)).toBe(`${liftsExample}${own.trimEnd()}\n${liftLines.join('\n')}\n\n  # the end\n`);
    expect(appendLift(`${liftsExample}    # seen by two`, lift)).toBe(`${liftsExample}    # seen by two\n${liftLines.join('\n')}`);
  });

  test('in a file without a last line break', () => {
    expect(appendLift(liftsExample.trimEnd(), lift)).toBe(appendLift(liftsExample, lift).trimEnd());
    expect(appendLift(`${head}lifts: []`, lift)).toBe(appendLift(`${head}lifts: []\n`, lift).trimEnd());
  });

  test('comes last, and all is read', () => {
    const [before] = read({ lifts: liftsExample }).lifts;
    expect(read({ lifts: appendLift(appendLift(liftsExample, lift), lift) }).lifts).toEqual([before, lift, lift]);
    const named = { ...ignore, field: 'allowed', member: 'account-b' };
    expect(appendIgnore(ignoresExample, named)).toMatch(/\n {4}member: account-b\n/);
    expect(read({ ignores: appendIgnore(ignoresExample, named) }).ignores[1]).toEqual({ ...named, member: accounts['account-b'] });
  });

  test('of a hash in capitals is that hash', () => {
    expect(appendLift(null, { ...lift, transaction: `0x${'7C'.repeat(32)}` })).toBe(appendLift(null, lift));
  });
});

describe('refuses', () => {
  test.each<[what: string, text: string]>([
    ['broken YAML', `${head}lifts: [\n`],
    ['an empty file', ''],
    ['a file of another kind', head.replace('Lifts', 'Ignores')],
    ['a file of another version', `${head.replace('v1', 'v9')}lifts: []\n`],
    ['a map in place of the list', `${head}lifts: { a: b }\n`],
    ['a text in place of the list', `${head}lifts: none\n`],
    ['an empty list with a comment in it', `${head}lifts: [\n  # none\n]\n`],
    ['a list as a file', '- a\n'],
  ])('%s', (_, text) => {
    expect(() => appendLift(text, lift)).toThrow(impossible);
  });

  test.each<[what: string, change: Partial<Lift>]>([
    ['no reason', { reason: '' }],
    ['a reason of 2,001 characters', { reason: 'x'.repeat(2_001) }],
    ['a short hash', { transaction: '0x12' }],
    ['a member with a wrong checksum', { member: accounts['account-b'].toLowerCase() }],
    ['a member that is no name', { member: 'a b' }],
    ['a member that is a key', { member: hash }],
    ['an empty member', { member: '' }],
  ])('a lift with %s', (_, change) => {
    expect(() => appendLift(null, { ...lift, ...change })).toThrow(impossible);
    expect(() => appendLift(liftsExample, { ...lift, ...change })).toThrow(impossible);
  });

  test('with what is wrong about a lift', () => {
    const wrong = { ...lift, reason: '', transaction: '0x12' };
    const findings = ['HEX_SYNTAX', 'TEXT_EXPECTED'].map((code) => expect.objectContaining({ code }));
    expect(() => appendLift(null, wrong)).toThrow(expect.objectContaining({ code: 'EDIT_IMPOSSIBLE', findings }));
  });

  test.each([[10n ** 30n], [-(10n ** 30n)], [253_402_300_800n], [-100_000_000_000n]])('an ignore until second %s', (until) => {
    expect(() => appendIgnore(null, { ...ignore, until })).toThrow(impossible);
  });

  test.each<[what: string, change: Partial<StandingApproval>]>([
    ['of no change', { changes: [] }],
    ['of a change twice', { changes: ['a.b', 'a.b'] }],
    ['of an id that is none', { changes: ['x\n  - y'] }],
    ['of another digest', { digest: `../${digestExample.slice(3)}` }],
    ['of a digest in capitals', { digest: digestExample.toUpperCase() }],
    ['of pull request 0', { pullRequest: 0 }],
    ['of half a pull request', { pullRequest: 1.5 }],
    ['without a reason', { reason: '' }],
  ])('an approval %s', (_, change) => {
    expect(() => writeApproval({ ...approval, ...change })).toThrow(impossible);
  });
});

/** Texts of strangers: what YAML reads in its own way, breaks lines, or can't be seen. */
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    'true',
    'null',
    '~',
    '5',
    '0x12',
    '- x',
    '# x',
    'a: b',
    '"',
    "'",
    '|',
    '&a',
    '*a',
    '!t',
    '%',
    '---',
    '...',
    'x # y',
    ' x ',
    'x\n  - contract: y\n',
  ),
  fc.constantFrom('\u2028', '\uFEFF', '\u202E', '\r', '\t', '\0', '\u0085', '\uD800', '{ }', '[', '`', '@', '${X}', '<<', '=', '2026-01-31'),
);
const numRuns = process.env.MOORING_FULL === '1' ? 4_000 : 300;

test('whatever people say is read as they said it', () => {
  fc.assert(
    fc.property(text, text, fc.constantFrom(...files.slice(0, 5).map(([, before]) => before)), (reason, by, before) => {
      const told = { ...lift, reason, by };
      const lifts = [before, `${head}lifts: [${full}]\n`, null].map((text) => appendLift(text, told));
      for (const text of lifts.slice(1)) expect(liftsIn(text).at(-1)).toEqual(told);
      const ignores = appendIgnore(ignoresExample, { ...ignore, reason, owner: by });
      const all = read({ lifts: lifts[0] ?? '', ignores, approval: writeApproval({ ...approval, reason }) });
      expect(all.lifts.at(-1)).toEqual(told);
      expect(all.ignores[1]).toEqual({ ...ignore, reason, owner: by });
      expect(all.approvals).toEqual([{ ...approval, reason }]);
    }),
    { numRuns },
  );
});
