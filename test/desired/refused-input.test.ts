// Everything that a file must not do, each with its own code and place.
import { describe, expect, test } from 'vitest';
import { codes } from '../../src/errors.ts';
import { findingsOf, places, sample, specFindings } from './world.ts';

/** Contract file text → code and place of the first finding. */
const files: readonly [what: string, text: string | Uint8Array, expected: string][] = [
  ['an alias', sample('spec:\n  share: *other\n'), 'YAML_ALIAS 6:10'],
  ['an anchor', sample('spec:\n  share: &name 1\n'), 'YAML_ANCHOR 6:10'],
  ['a merge key', sample('spec:\n  <<: { share: 1 }\n'), 'YAML_MERGE_KEY 6:3'],
  ['a tag', sample('spec:\n  share: !!int 1\n'), 'YAML_TAG 6:10'],
  ['a local tag', sample('spec:\n  share: !env KEY\n'), 'YAML_TAG 6:10'],
  ['a directive', `%YAML 1.1\n---\n${sample('')}`, 'YAML_DIRECTIVE 1:1'],
  ['an explicit key', sample('spec:\n  ? share\n  : 1\n'), 'YAML_EXPLICIT_KEY 6:3'],
  ['two documents', `${sample('')}---\n${sample('')}`, 'YAML_SEVERAL_DOCUMENTS 5:1'],
  ['a key twice', sample('spec:\n  share: 1\n  rest: 1\n  share: 2\n'), 'YAML_DUPLICATE_KEY 8:3'],
  ['a key twice, once quoted', sample('spec:\n  share: 1\n  rest: 1\n  "share": 2\n'), 'YAML_DUPLICATE_KEY 8:3'],
  ['a look-alike key', sample('spec:\n  shаre: 1\n'), 'YAML_KEY_NOT_ASCII 6:3'],
  ['an escaped look-alike key', sample('spec:\n  "sh\\u0430re": 1\n'), 'YAML_KEY_NOT_ASCII 6:3'],
  ['a key that is a list', sample('spec:\n  [a, b]: 1\n'), 'YAML_SYNTAX 6:3'],
  ['a key that is missing', sample('spec:\n  : 1\n'), 'YAML_KEY_NOT_TEXT 6:3'],
  ['10,000 nested brackets', sample(`spec:\n  share: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`), 'YAML_TOO_DEEP 6:32'],
  ['100,000 nested dashes', sample(`spec:\n  share:\n${'- '.repeat(100_000)}1\n`), 'YAML_TOO_DEEP 7:46'],
  ['maps nested by indentation', Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'YAML_TOO_DEEP 24:25'],
  ['a file of 1 MB', sample(`# ${'x'.repeat(1_000_000)}\n`), 'FILE_TOO_LARGE 1:1'],
  ['an empty file', '', 'FILE_EMPTY 1:1'],
  ['a file of comments', '# nothing\n\n', 'FILE_EMPTY 1:1'],
  ['bytes that are no UTF-8', new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe]), 'FILE_NOT_UTF8 1:1'],
  ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0x00]), 'FILE_NOT_UTF8 1:1'],
  ['a NUL', sample('spec:\n  share: 1\0\n'), 'YAML_HIDDEN_CHARACTER 6:11'],
  ['text that runs backwards', sample('spec:\n  share: 1 # \u202E safe\n'), 'YAML_HIDDEN_CHARACTER 6:14'],
  ['a line break that only some see', sample('spec:\n  share: 1 # x\u2028  rest: 2\n'), 'YAML_HIDDEN_CHARACTER 6:15'],
  ['a lone carriage return', sample('spec:\n  share: 1 # x\r  rest: 2\n'), 'YAML_HIDDEN_CHARACTER 6:15'],
  ['broken YAML', sample('spec:\n  share: [1\n'), 'YAML_SYNTAX 7:1'],
  ['a list as document', '- a\n', 'MAP_EXPECTED 1:1'],
  ['a text as document', 'hello\n', 'MAP_EXPECTED 1:1'],
  ['another version', sample('').replace('mooring/v1', 'mooring/v9'), 'DOCUMENT_VERSION 1:13'],
  ['an unknown kind', sample('').replace('Sample', 'Sampel'), 'KIND_UNKNOWN 2:7'],
  ['an unknown key', sample('specs: {}\n'), 'KEY_UNKNOWN 5:1'],
  ['no address', 'apiVersion: mooring/v1\nkind: Sample\nfromBlock: 1\n', 'KEY_MISSING 1:1'],
  ['no first block', 'apiVersion: mooring/v1\nkind: Sample\naddress: account-a\n', 'KEY_MISSING 1:1'],
  ['the zero address', sample('', `0x${'0'.repeat(40)}`), 'ADDRESS_ZERO 3:10'],
  ['taken over before it existed', sample('adoptedAt: 0\n'), 'VALUE_TOO_SMALL 5:12'],
  ['a block that is no number', sample('').replace('fromBlock: 1', 'fromBlock: 1e3'), 'NUMBER_EXPONENT 4:12'],
  ['a spec without content', sample('spec:\n'), 'VALUE_EMPTY 5:1'],
  ['a field observed that does not exist', sample('observe: [shar]\n'), 'FIELD_UNKNOWN 5:11'],
  ['a field declared and observed', sample('spec:\n  floor: 1\nobserve: [floor]\n'), 'SPEC_OBSERVE_CONFLICT 7:11'],
  ['a key declared and its field observed', sample('spec:\n  level: { agent: unset }\nobserve: [level]\n'), 'SPEC_OBSERVE_CONFLICT 7:11'],
];

describe('a contract file', () => {
  test.each(files)('%s', (_, text, expected) => {
    expect(places(findingsOf({ 'contracts/sample.yaml': text }))[0]).toBe(expected);
  });
});

/** Spec text, from line 6 on → what is said about it. */
const specs: readonly [what: string, spec: string, expected: readonly string[]][] = [
  ['an unquoted address', '  owner: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8\n', ['ADDRESS_UNQUOTED 6:10']],
  ['a wrong checksum', '  owner: "0x70997970c51812dc3A010C7d01b50e0d17dc79C8"\n', ['ADDRESS_CHECKSUM 6:10']],
  ['no checksum', '  owner: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"\n', ['ADDRESS_CHECKSUM 6:10']],
  ['a short address', '  owner: "0x70997970"\n', ['ADDRESS_SYNTAX 6:10']],
  ['an unknown field', '  stakes: 1\n', ['FIELD_UNKNOWN 6:3']],
  ['a field written with a dot', '  level.agent: 1.0\n', ['FIELD_UNKNOWN 6:3']],
  ['an unknown name', '  owner: account-x\n', ['NAME_UNKNOWN 6:10']],
  ['a member twice', '  allowed: [account-a, account-b, account-a]\n', ['MEMBER_DUPLICATE 6:35']],
  ['a member by name and by address', '  allowed: [account-a, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"]\n', ['MEMBER_DUPLICATE 6:24']],
  ['an entry by name and by address', '  types: { account-a: 1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8": 2 }\n', ['MEMBER_DUPLICATE 6:26']],
  ['the zero address in a set that refuses it', `  allowed: ["0x${'0'.repeat(40)}"]\n`, ['ADDRESS_ZERO 6:13']],
  ['the zero address where it is refused', `  owner: "0x${'0'.repeat(40)}"\n`, ['ADDRESS_ZERO 6:10']],
  [
    'a role by name and by hash',
    '  roles: { DEFAULT_ADMIN_ROLE: [], "0x0000000000000000000000000000000000000000000000000000000000000000": [] }\n',
    ['MEMBER_DUPLICATE 6:36'],
  ],
  ['an unquoted hash of a role', `  roles: { 0x${'0'.repeat(64)}: [] }\n`, ['HEX_UNQUOTED 6:12']],
  ['an unknown key', '  level: { agnet: 1.0 }\n', ['FIELD_KEY_UNKNOWN 6:12']],
  ['an exponent', '  stake: 1e18\n', ['NUMBER_EXPONENT 6:10']],
  ['not a number', '  stake: .nan\n', ['NUMBER_NOT_FINITE 6:10']],
  ['infinity', '  stake: -.inf\n', ['NUMBER_NOT_FINITE 6:10']],
  ['octal', '  stake: 0o17\n', ['NUMBER_BASE 6:10']],
  ['hexadecimal', '  stake: 0x10\n', ['NUMBER_BASE 6:10']],
  ['a leading zero', '  stake: 017\n', ['NUMBER_LEADING_ZERO 6:10']],
  ['separators', '  stake: 1_000\n', ['NUMBER_SEPARATOR 6:10']],
  ['too many decimals of a token', '  stake: 0.0000000000000000001 AGIALPHA\n', ['NUMBER_TOO_FINE 6:10']],
  ['too many decimals of a percentage', '  share: 33.333%\n  rest: 1\n', ['NUMBER_TOO_FINE 6:10']],
  ['half a percent where only whole ones go', '  slash: 0.5%\n', ['NUMBER_TOO_FINE 6:10']],
  ['basis points that are no whole percent', '  slash: 150\n', ['NUMBER_TOO_FINE 6:10']],
  ['a negative number where there is none', '  stake: -1\n', ['NUMBER_NEGATIVE 6:10']],
  ['2^53+1 in 16 bits', '  share: 9007199254740993\n  rest: 1\n', ['NUMBER_TOO_WIDE 6:10']],
  ['over 256 bits', `  stake: ${2n ** 256n}\n`, ['NUMBER_TOO_WIDE 6:10']],
  ['a very long number', `  stake: ${'9'.repeat(100_000)}\n`, ['NUMBER_TOO_WIDE 6:10']],
  ['the wrong unit', '  wait: 5%\n', ['NUMBER_UNIT 6:9']],
  ['an unknown token', '  stake: 5 AGIALPAH\n', ['TOKEN_UNKNOWN 6:10']],
  ['the raw form of a decimal', '  gain: 1000000000000000000\n', ['NUMBER_LOOKS_RAW 6:9']],
  ['below the smallest', '  stake: 0\n', ['VALUE_TOO_SMALL 6:10']],
  ['above the largest', '  wait: 366 days\n', ['VALUE_TOO_LARGE 6:9']],
  ['a zero that the contract reads as "keep"', '  floor: 0\n', ['ZERO_MEANS_KEEP 6:10']],
  ['a flag that YAML 1.1 would take', '  paused: yes\n', ['BOOLEAN_EXPECTED 6:11']],
  ['a quoted flag', '  paused: "true"\n', ['BOOLEAN_EXPECTED 6:11']],
  ['short bytes', '  tag: "0x1234"\n', ['HEX_SYNTAX 6:8']],
  ['unquoted bytes', `  tag: 0x${'1'.repeat(64)}\n`, ['HEX_UNQUOTED 6:8']],
  ['a range upside down', '  gain: { within: [3.2, 0.9] }\n', ['RANGE_INVERTED 6:19']],
  ['a range with one end', '  gain: { within: [3.2] }\n', ['RANGE_NOT_ALLOWED 6:19']],
  ['a range of accounts', '  owner: { within: [account-a, account-b] }\n', ['RANGE_NOT_ALLOWED 6:10']],
  ['a range of bytes', '  tag: { within: [1, 2] }\n', ['RANGE_NOT_ALLOWED 6:8']],
  ['unset where that is not possible', '  stake: unset\n', ['UNSET_NOT_ALLOWED 6:10']],
  ['a field without a setter', '  rounds: 1\n', ['FIELD_READ_ONLY 6:3']],
  ['no value', '  stake:\n', ['VALUE_EMPTY 6:3']],
  ['an item without a value', '  allowed:\n    - account-a\n    -\n', ['VALUE_EMPTY 8:6']],
  ['a set that is no list', '  allowed: account-a\n', ['LIST_EXPECTED 6:12']],
  ['a map that is no map', '  level: 1\n', ['MAP_EXPECTED 6:10']],
  ['a list where a number goes', '  stake: [1]\n', ['TEXT_EXPECTED 6:10']],
  ['one share without its group', '  share: 60%\n', ['GROUP_INCOMPLETE 6:10']],
  ['shares that sum past 100 %', '  share: 60%\n  rest: 4001\n', ['DECLARED_SUM 7:9']],
  ['shares that sum to nothing', '  share: 0\n  rest: 0\n', ['DECLARED_SUM 7:9']],
  ['bounds upside down', '  low: 5\n  high: 4\n', ['DECLARED_ORDER 6:8']],
  ['the treasury as owner', '  owner: account-a\n  treasury: account-a\n', ['DECLARED_EQUAL 7:13']],
  ['a treasury that is not allowed', '  treasury: account-a\n  allowed: [account-b]\n', ['DECLARED_NOT_MEMBER 6:13']],
  ['too many entries', '  types: { account-a: 1, account-b: 2, account-c: 3 }\n', ['DECLARED_COUNT 6:3']],
  ['two names of one thing at odds', '  owner: account-a\n  boss: account-b\n', ['ALIAS_CONFLICT 7:9']],
  ['two names of one thing', '  owner: account-a\n  boss: account-a\n', ['ALIAS_TWICE 7:9']],
  ['an exact value that others move', '  paused: true\n  gain: 0.5\n', ['OWNED_ELSEWHERE 7:9']],
  ['several at once', '  shar: 1\n  owner: account-x\n  stake: 1e18\n', ['FIELD_UNKNOWN 6:3', 'NAME_UNKNOWN 7:10', 'NUMBER_EXPONENT 8:10']],
];

describe('a spec', () => {
  test.each(specs)('%s', (_, spec, expected) => {
    expect(specFindings(spec)).toEqual(expected);
  });

  test('every finding has a known code, a place and a fix', () => {
    const findings = [
      ...specs.flatMap(([, spec]) => findingsOf({ 'contracts/sample.yaml': sample(`spec:\n${spec}`) })),
      ...files.flatMap(([, text]) => findingsOf({ 'contracts/sample.yaml': text })),
    ];
    expect(findings.filter((finding) => !Object.hasOwn(codes, finding.code) || finding.fix === undefined || finding.source === undefined)).toEqual([]);
  });

  test('2^53+1 stays what it is where it fits', () => {
    expect(specFindings('  stake: 9007199254740993\n')).toEqual([]);
  });
});
