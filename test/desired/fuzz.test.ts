// Documents from strangers: random texts, random YAML, and mutated good files. No crash, no hang, no changed number.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuantity } from '../../src/desired/quantity.ts';
import { codes } from '../../src/errors.ts';
import { formatScalar } from '../../src/format.ts';
import type { Finding } from '../../src/types.ts';
import {
  actExample,
  addressesExample,
  approvalExample,
  digestExample,
  environmentExample,
  ignoresExample,
  incidentExample,
  liftsExample,
  policyExample,
  resumeExample,
} from './examples.ts';
import { allKinds, findingsOf, load, sample } from './world.ts';

/** Ten thousand documents in CI's usual form, over all the tests here. */
const share = process.env.MOORING_FULL === '1' ? 20_000 : 2_500;

const contractExample = sample(`spec:
  owner: account-a
  paused: false
  share: 60.55%   # of each reward
  rest: 3945
  low: 5
  high: 9007199254740993
  stake: 150.000000000000000001 AGIALPHA
  wait: 7 days
  slash: 60
  gain: { within: [-0.9, 3.2] }
  allowed: [account-a, "0x90F79bf6EB2c4f870365E785982E1f101E93b906"]
  level: { agent: 0.9, validator: unset }
  roles:
    MINTER_ROLE: [account-a]
    DEFAULT_ADMIN_ROLE:
      - account-b
  types: { account-a: 150% }
observe: [floor]
`);

const targets = [
  ['contracts/sample.yaml', contractExample],
  ['environment.yaml', environmentExample],
  ['policy.yaml', policyExample],
  ['addresses.yaml', addressesExample],
  ['lifts.yaml', liftsExample],
  ['ignores.yaml', ignoresExample],
  [`approvals/${digestExample}.yaml`, approvalExample],
  ['acts/spring.yaml', actExample],
  [`incidents/${incidentExample}.yaml`, resumeExample],
] as const;

/** Every finding has a known code and lies inside its file. */
function expectSound(findings: readonly Finding[], name: string, text: string): void {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const finding of findings) {
    expect(Object.hasOwn(codes, finding.code), finding.code).toBe(true);
    if (finding.source?.file !== `desired-state/local/${name}`) continue;
    expect(finding.source.line).toBeGreaterThan(0);
    expect(finding.source.line).toBeLessThanOrEqual(lines.length);
    expect(finding.source.column).toBeGreaterThan(0);
    expect(finding.source.column).toBeLessThanOrEqual((lines[finding.source.line - 1]?.length ?? 0) + 1);
  }
}

const pieces = [
  '[',
  ']',
  '{',
  '}',
  ':',
  ': ',
  '-',
  '- ',
  '\n',
  '\n  ',
  '\t',
  '#',
  ' #',
  '&a ',
  '*a',
  '!!str ',
  '|',
  '>',
  '"',
  "'",
  '<<: ',
  '? ',
  '---\n',
  '...',
  '%YAML 1.1\n',
  '\\u0041',
  '\r',
  '\u2028',
  '\uFEFF',
  'а',
  '🙂',
  '0x',
  '1e9',
  '.inf',
  '~',
  'unset',
  'within',
  '60%',
  'account-a',
  '__proto__',
  'constructor',
  ',',
  '@',
  '`',
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })), { maxLength: 60 }).map((list) => list.join('')),
);

type Mutation = { at: number; remove: number; insert: string };
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 12 }),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...pieces), fc.string({ maxLength: 4 })),
});

function mutate(text: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((current, { at, remove, insert }) => {
    const start = at % (current.length + 1);
    return current.slice(0, start) + insert + current.slice(start + remove);
  }, text);
}

/** Lines swapped, doubled or left out: what stays valid more often. */
const shuffled = (text: string) =>
  fc.array(fc.nat(), { maxLength: 4 }).map((picks) => {
    const lines = text.split('\n');
    for (const pick of picks) {
      const from = pick % lines.length;
      const line = lines[from] ?? '';
      if (pick % 3 === 0) lines.splice(from, 1);
      else if (pick % 3 === 1) lines.splice(from, 0, line);
      else lines.splice(from, 2, lines[from + 1] ?? '', line);
    }
    return lines.join('\n');
  });

describe('a file of a stranger', () => {
  test('that is any text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...targets), anyText, ([name], text) => {
        expectSound(findingsOf({ [name]: text }), name, text);
      }),
      { numRuns: share },
    );
  });

  test('that is any bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...targets), fc.uint8Array({ maxLength: 300 }), ([name], bytes) => {
        expect(findingsOf({ [name]: bytes }).length).toBeGreaterThan(0);
      }),
      { numRuns: share / 5 },
    );
  });

  test('that is a good file with faults', () => {
    let passed = 0;
    fc.assert(
      fc.property(fc.constantFrom(...targets), fc.array(mutation, { minLength: 1, maxLength: 4 }), ([name, text], mutations) => {
        const mutated = mutate(text, mutations);
        const findings = findingsOf({ 'contracts/sample.yaml': contractExample, [name]: mutated });
        expectSound(findings, name, mutated);
        passed += findings.some((finding) => finding.severity === 'error') ? 0 : 1;
      }),
      { numRuns: share * 2 },
    );
    // Else the test would only be about errors.
    expect(passed).toBeGreaterThan(share / 50);
  });

  test('that is a good file with lines moved', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...targets).chain(([name, text]) => fc.tuple(fc.constant(name), shuffled(text))),
        ([name, text]) => {
          expectSound(findingsOf({ 'contracts/sample.yaml': contractExample, [name]: text }), name, text);
        },
      ),
      { numRuns: share },
    );
  });
});

const tokens = new Map([
  ['AGIALPHA', 18],
  ['USDC', 6],
]);

/** Fields and the units that their numbers may be written in. */
const written = [
  ['low', ['']],
  ['high', ['']],
  ['stake', ['', ' AGIALPHA', ' USDC']],
  ['wait', ['', ' days', ' hours']],
  ['slash', ['', '%']],
  ['gain', ['', '%']],
  ['floor', ['']],
] as const;

const number = fc
  .constantFrom(...written)
  .chain(([field, units]) =>
    fc
      .tuple(
        fc.boolean(),
        fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 10n ** 26n })),
        fc.option(fc.stringMatching(/^[0-9]{1,18}$/), { freq: 2 }),
        fc.constantFrom(...units),
      )
      .map(([minus, whole, part, unit]) => ({ field, text: `${minus && field === 'gain' ? '-' : ''}${whole}${part === null ? '' : `.${part}`}${unit}` })),
  );

/** Steps of one of the unit that a number is written in: another way to the same number, by hand. */
function byHand(field: string, text: string): bigint | null {
  const [, sign, whole = '', part = '', unit = ''] = /^(-?)(\d+)(?:\.(\d+))?(.*)$/.exec(text) ?? [];
  const steps =
    {
      ' AGIALPHA': 10n ** 18n,
      ' USDC': 10n ** 6n,
      ' days': 86_400n,
      ' hours': 3_600n,
      '%': field === 'gain' ? 10n ** 16n : 100n,
      '': field === 'gain' ? 10n ** 18n : 1n,
    }[unit] ?? 0n;
  const raw = field === 'slash' && unit === '' && BigInt(whole) <= 100n ? 100n : steps;
  const exact = BigInt(whole + part) * raw;
  const scale = 10n ** BigInt(part.length);
  return exact % scale === 0n ? (sign === '-' ? -exact : exact) / scale : null;
}

describe('numbers', () => {
  test('that are accepted are exactly those written, and read back from what is shown', () => {
    let accepted = 0;
    fc.assert(
      fc.property(number, ({ field, text }) => {
        const file = { 'contracts/sample.yaml': sample(`spec:\n  ${field}: ${text}\n`) };
        if (findingsOf(file).some((finding) => finding.severity === 'error')) return;
        accepted += 1;
        const value = load(file).desired.state.contracts[0]?.fields.get(field)?.value;
        expect(value).toEqual({ type: 'scalar', value: byHand(field, text) });
        const { unit = 'none', type = '' } = allKinds.get('Sample')?.fields.get(field) ?? {};
        expect(parseQuantity(formatScalar(byHand(field, text) ?? 0n, { unit, tokens }), { unit, type, tokens })).toBe(byHand(field, text));
      }),
      { numRuns: share },
    );
    expect(accepted).toBeGreaterThan(share / 5);
  });
});

describe('a file that is made to take long', () => {
  const size = 500_000;
  const repeat = (text: string) => text.repeat(Math.floor(size / text.length));
  test.each<[string, string]>([
    [
      'keys',
      Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`)
        .join('\n')
        .slice(0, size),
    ],
    ['keys in one line', `{${Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join(',')}}`.slice(0, size)],
    ['the same key', repeat('a: 1\n')],
    ['commas', `[${repeat(',')}]`],
    ['colons', repeat(':\n')],
    ['quotes', repeat('"')],
    ['blank lines', repeat(' \n')],
    ['comments', repeat('#\n')],
    ['documents', repeat('---\n')],
    ['anchors', repeat('&a ')],
    ['empty items', repeat('-\n')],
    ['lists in a list', repeat('- [a, b]\n')],
    ['one long number', `a: ${repeat('9')}`],
    ['one long name', `spec: ${repeat('a')}`],
  ])('%s', (_, text) => {
    expect(findingsOf({ 'contracts/sample.yaml': text }).length).toBeGreaterThan(0);
  });
});
