// Edits: what they write, what they leave alone, and what they refuse.
import { diffLines } from 'diff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EditOperation, editDocument } from '../../src/desired/edit/edit.ts';
import { sameData, toData, type YamlData } from '../../src/desired/edit/yaml-data.ts';
import { parseText } from '../../src/desired/parse-yaml.ts';

const text = `# the arena
apiVersion: mooring/v1   # never changes
kind: Sample
address: "0x5FbDB2315678afecb367f032d93F642f64180aa3"

spec:
  # money
  share: 60%   # of each reward
  rest:  4000
  level: { agent: 0.9, validator: unset }  # by role

  allowed:   # who may
    - account-a  # first
    # the second one
    - account-b
  roles:
    MINTER_ROLE: [account-a, account-b]
  # the end of spec
observe: [floor]
`;

/** Operations → the lines that go (-) and come (+). */
const cases: readonly [what: string, operations: readonly EditOperation[], lines: readonly string[]][] = [
  [
    'sets a value, keeping its comment',
    [{ path: ['spec', 'share'], set: '55.5%' }],
    ['-  share: 60%   # of each reward', '+  share: 55.5%   # of each reward'],
  ],
  ['keeps odd spacing', [{ path: ['spec', 'rest'], set: '4450' }], ['-  rest:  4000', '+  rest:  4450']],
  [
    'quotes an address',
    [{ path: ['spec', 'rest'], set: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' }],
    ['-  rest:  4000', '+  rest:  "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"'],
  ],
  ['writes a range', [{ path: ['spec', 'rest'], set: new Map([['within', ['1', '2']]]) }], ['-  rest:  4000', '+  rest:  { within: [1, 2] }']],
  [
    'sets a key in a map in one line',
    [{ path: ['spec', 'level', 'agent'], set: 'unset' }],
    ['-  level: { agent: 0.9, validator: unset }  # by role', '+  level: { agent: unset, validator: unset }  # by role'],
  ],
  [
    'adds a key to a map in one line',
    [{ path: ['spec', 'level', 'third'], set: '1.0' }],
    ['-  level: { agent: 0.9, validator: unset }  # by role', '+  level: { agent: 0.9, validator: unset, third: 1.0 }  # by role'],
  ],
  ['adds a field at the end of spec', [{ path: ['spec', 'stake'], set: '150 AGIALPHA' }], ['+  stake: 150 AGIALPHA']],
  ['adds a field and the map that it is a key of', [{ path: ['spec', 'types', 'account-a'], set: '150%' }], ['+  types: { account-a: 150% }']],
  ['adds a member to a list of lines', [{ path: ['spec', 'allowed'], add: 'account-c' }], ['+    - account-c']],
  [
    'adds a member to a list in one line',
    [{ path: ['spec', 'roles', 'MINTER_ROLE'], add: 'account-c' }],
    ['-    MINTER_ROLE: [account-a, account-b]', '+    MINTER_ROLE: [account-a, account-b, account-c]'],
  ],
  ['makes the list that a member is added to', [{ path: ['spec', 'roles', 'ADMIN'], add: 'account-c' }], ['+    ADMIN: [account-c]']],
  ['removes the first member with its comment', [{ path: ['spec', 'allowed'], remove: 'account-a' }], ['-    - account-a  # first']],
  [
    'removes the last member',
    [{ path: ['spec', 'roles', 'MINTER_ROLE'], remove: 'account-b' }],
    ['-    MINTER_ROLE: [account-a, account-b]', '+    MINTER_ROLE: [account-a]'],
  ],
  [
    'leaves an empty set',
    [
      { path: ['spec', 'allowed'], remove: 'account-a' },
      { path: ['spec', 'allowed'], remove: 'account-b' },
    ],
    ['-  allowed:   # who may', '-    - account-a  # first', '+  allowed: []   # who may', '-    - account-b'],
  ],
  ['drops a field', [{ path: ['spec', 'share'], drop: true }], ['-  share: 60%   # of each reward']],
  [
    'drops a field of several lines',
    [{ path: ['spec', 'allowed'], drop: true }],
    ['-  allowed:   # who may', '-    - account-a  # first', '-    # the second one', '-    - account-b'],
  ],
  [
    'drops a key',
    [{ path: ['spec', 'level', 'agent'], drop: true }],
    ['-  level: { agent: 0.9, validator: unset }  # by role', '+  level: { validator: unset }  # by role'],
  ],
  ['moves a field to observe', [{ observe: 'rest' }], ['-  rest:  4000', '-observe: [floor]', '+observe: [floor, rest]']],
  [
    'moves one key to observe',
    [{ observe: 'level.agent' }],
    [
      '-  level: { agent: 0.9, validator: unset }  # by role',
      '+  level: { validator: unset }  # by role',
      '-observe: [floor]',
      '+observe: [floor, level.agent]',
    ],
  ],
  [
    'moves the only key to observe',
    [{ observe: 'roles.MINTER_ROLE' }],
    ['-  roles:', '-    MINTER_ROLE: [account-a, account-b]', '-observe: [floor]', '+observe: [floor, roles.MINTER_ROLE]'],
  ],
  [
    'appends lines',
    [{ path: ['spec'], append: ['tag: "0x12"  # a mark', 'types:', '  account-a: 5%'] }],
    ['+  tag: "0x12"  # a mark', '+  types:', '+    account-a: 5%'],
  ],
];

function changedLines(before: string, after: string): string[] {
  return diffLines(before, after).flatMap((part) =>
    part.added || part.removed
      ? part.value
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => (part.added ? '+' : '-') + line)
      : [],
  );
}

describe('editDocument', () => {
  test.each(cases)('%s', (_, operations, lines) => {
    expect(changedLines(text, editDocument(text, operations))).toEqual(lines);
  });

  test.each(cases)('%s, with Windows line ends and a byte order mark', (_, operations) => {
    const windows = `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    expect(editDocument(windows, operations)).toBe(`\uFEFF${editDocument(text, operations).replaceAll('\n', '\r\n')}`);
  });

  test('makes observe, and a last line without an end', () => {
    expect(editDocument('spec:\n  a: 1\n  b: 2', [{ observe: 'b' }])).toBe('spec:\n  a: 1\nobserve: [b]\n');
    expect(editDocument('spec:\n  a: 1', [{ path: ['spec', 'b'], set: '2' }])).toBe('spec:\n  a: 1\n  b: 2');
  });

  test('a dropped field takes its own comment along, not one that may be about others too', () => {
    const own = 'spec:\n  # about a\n  a: 1\n  # about b\n  # and more\n  b: 2\n';
    expect(editDocument(own, [{ path: ['spec', 'a'], drop: true }])).toBe('spec:\n  # about b\n  # and more\n  b: 2\n');
    expect(editDocument(own, [{ path: ['spec', 'b'], drop: true }])).toBe('spec:\n  # about a\n  a: 1\n');
    const shared = 'spec:\n  # about both\n  a: 1\n  b: 2\n';
    expect(editDocument(shared, [{ path: ['spec', 'a'], drop: true }])).toBe('spec:\n  # about both\n  b: 2\n');
  });

  test('a text that readers take for nothing is quoted', () => {
    expect(editDocument('a: 1\n', [{ path: ['a'], set: 'null' }])).toBe('a: "null"\n');
  });

  test('an empty spec takes fields', () => {
    const empty = editDocument('spec:\n  a: 1\nobserve: []\n', [{ path: ['spec', 'a'], drop: true }]);
    expect(empty).toBe('spec: {}\nobserve: []\n');
    expect(editDocument(empty, [{ path: ['spec'], append: ['a: 1  # again', 'b: 2'] }])).toBe('spec:\n  a: 1  # again\n  b: 2\nobserve: []\n');
  });

  test.each<[string, string, EditOperation]>([
    ['a member that is there', 'a: [x]\n', { path: ['a'], add: 'x' }],
    ['a member that is not there', 'a: [x]\n', { path: ['a'], remove: 'y' }],
    ['a key that is not there', 'a: 1\n', { path: ['b'], drop: true }],
    ['a list that is none', 'a: 1\n', { path: ['a'], add: 'x' }],
    ['a map that is none', 'a: 1\n', { path: ['a', 'b'], set: 'x' }],
    ['the last key of all', 'a: 1\n', { path: ['a'], drop: true }],
    ['a text of several lines', 'a: |\n  one\n  two\n', { path: ['a'], set: 'x' }],
    ['a document with errors', 'a: *x\n', { path: ['a'], set: 'x' }],
    ['a list of lists', 'a:\n  - - x\n    - y\n', { path: ['a'], remove: 'x' }],
  ])('refuses %s', (_, before, operation) => {
    expect(() => editDocument(before, [operation])).toThrow(expect.objectContaining({ code: 'EDIT_IMPOSSIBLE' }));
  });
});

// ------------------------------------------------------------ any document, any edit

const runs = process.env.MOORING_FULL === '1' ? 20_000 : 1_500;
const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
const comment = fc.constantFrom('', '', '  # note', ' # a, b: [c] {d}');
const members = fc.uniqueArray(fc.constantFrom('m1', 'm2', 'm3', '0xAA', 'm 5'), { maxLength: 4 });
const written = (member: string) => (member.startsWith('0x') ? `"${member}"` : member);

/** Lines of one entry: a value, a list in one, many or flow lines, or a map in either style. */
const entryLines = fc
  .tuple(fc.constantFrom('value', 'quoted', 'flow', 'flow lines', 'lines', 'map', 'flow map'), members, comment, comment)
  .map(([style, list, one, two]) => (key: string, indent: string): string[] => {
    if (style === 'value') return [`${indent}${key}:  12%${one}`];
    if (style === 'quoted') return [`${indent}"${key}": 'a text'${one}`];
    if (style === 'flow' || list.length === 0) return [`${indent}${key}: [${list.map(written).join(' , ')}]${one}`];
    if (style === 'flow lines') return [`${indent}${key}: [${one}`, ...list.map((member) => `${indent}  ${written(member)},${two}`), `${indent}]`];
    if (style === 'lines')
      return [
        `${indent}${key}:${one}`,
        ...list.flatMap((member) => [`${indent}  - ${written(member)}${two}`, ...(two === '' ? [] : [`${indent}  # between`])]),
      ];
    if (style === 'map') return [`${indent}${key}:${one}`, ...list.map((member, i) => `${indent}  k${i}: ${written(member)}${two}`)];
    return [`${indent}${key}: { ${list.map((member, i) => `k${i}: ${written(member)}`).join(', ')} }${one}`];
  });

const spacer = fc.constantFrom([], [], [''], ['  # about the next']);
const entries = fc.array(fc.tuple(entryLines, spacer), { minLength: 1, maxLength: names.length });

const anyDocument = fc.tuple(entries, fc.constantFrom('\n', '\r\n'), fc.boolean()).map(([list, eol, end]) => {
  const lines = ['# head', 'spec:', ...list.flatMap(([make, space], i) => [...space, ...make(names[i] ?? '', '  ')]), 'observe: [other]'];
  return lines.join(eol) + (end ? eol : '');
});

const anyOperation: fc.Arbitrary<EditOperation> = fc
  .tuple(
    fc.constantFrom('set', 'add', 'remove', 'drop', 'observe', 'set key', 'drop key', 'append'),
    fc.constantFrom(...names),
    fc.constantFrom('m1', 'm2', '0xAA', 'new one', '60%'),
  )
  .map(([what, key, member]) => {
    const path = ['spec', key];
    if (what === 'set') return { path, set: member };
    if (what === 'add') return { path, add: member };
    if (what === 'remove') return { path, remove: member };
    if (what === 'drop') return { path, drop: true };
    if (what === 'observe') return { observe: key };
    if (what === 'append') return { path: ['spec'], append: [`${key}X: ${written(member)}  # new`] };
    return what === 'set key' ? { path: [...path, 'k1'], set: member } : { path: [...path, 'k0'], drop: true };
  });

function read(source: string): YamlData {
  const file = parseText('x.yaml', source, []);
  if (file === null) throw new Error(`not readable:\n${source}`);
  return toData(file.root);
}

function editedOrNull(before: string, operation: EditOperation): string | null {
  try {
    return editDocument(before, [operation]);
  } catch {
    return null;
  }
}

/** Lines of the entry that an edit is about. */
function linesOf(source: string, key: string): string[] {
  const lines = source.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trimStart().replace('"', '').startsWith(key));
  const more = start < 0 ? 0 : lines.slice(start + 1).findIndex((line) => !/^ {4}|^ {2}\]|^ {2}# between/.test(line));
  return start < 0 ? [] : lines.slice(start, more < 0 ? lines.length : start + 1 + more);
}

describe('any document', () => {
  test('says what it said, but for the edit, and keeps every other line', () => {
    let done = 0;
    fc.assert(
      fc.property(anyDocument, anyOperation, (before, operation) => {
        const after = editedOrNull(before, operation);
        if (after === null) return;
        done += 1;
        const key = 'observe' in operation ? operation.observe : 'append' in operation ? (operation.append[0]?.split(':')[0] ?? '') : (operation.path[1] ?? '');
        expect(sameOutside(read(before), read(after), key)).toBe(true);
        const own = [...linesOf(before, key), ...linesOf(after, key)];
        const others = changedLines(before.replaceAll('\r', ''), after.replaceAll('\r', '')).filter((line) => !own.includes(line.slice(1)));
        expect(others.filter((line) => !/^.(observe: \[other|spec:( \{\})?$)|^- {2}# about the next$/.test(line))).toEqual([]);
        expect(after.includes('\r')).toBe(before.includes('\r'));
      }),
      { numRuns: runs },
    );
    expect(done).toBeGreaterThan(runs / 3);
  });

  test('an edit and its opposite leave the text as it was', () => {
    fc.assert(
      fc.property(anyDocument, fc.constantFrom(...names), (before, key) => {
        const there = editedOrNull(before, { path: ['spec', key], add: 'a-new-member' });
        if (there === null || !before.includes(key)) return;
        const back = editDocument(there, [{ path: ['spec', key], remove: 'a-new-member' }]);
        expect(read(back)).toEqual(read(before));
      }),
      { numRuns: runs },
    );
  });
});

function sameOutside(before: YamlData, after: YamlData, key: string): boolean {
  const without = (data: YamlData): YamlData => {
    const root = new Map(data as ReadonlyMap<string, YamlData>);
    const spec = new Map(root.get('spec') as ReadonlyMap<string, YamlData>);
    spec.delete(key);
    root.set('spec', spec);
    root.delete('observe');
    return root;
  };
  return sameData(without(before), without(after));
}
