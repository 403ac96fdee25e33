// environment.yaml, policy.yaml, addresses.yaml and lifts.yaml: what they say, and what they are told.
import { describe, expect, test } from 'vitest';
import { findingsText } from '../../src/render/finding-text.ts';
import { environmentExample, liftsExample, policyExample } from './examples.ts';
import { accounts, type Files, findingsOf, load, places, sample } from './world.ts';

const contract = sample('spec: { owner: account-a }\n');

function only(files: Files): string[] {
  return places(findingsOf({ 'contracts/sample.yaml': contract, ...files }));
}

describe('environment.yaml', () => {
  test('says all of this', () => {
    const { environment } = load({ 'environment.yaml': environmentExample }).desired;
    expect(environment).toMatchObject({
      name: 'local',
      chainId: 31337n,
      rpc: ['${RPC_URL}', 'https://rpc.example.org/v2/${RPC_TOKEN}'],
      production: true,
      confirmations: 5,
      finality: 'safe',
      signers: [
        { address: accounts['account-a'], name: 'account-a', key: { from: 'env', variable: 'OPERATOR_KEY' } },
        { address: accounts['account-b'], name: 'backup', key: { from: 'keystore', file: 'keys/backup.json', passphraseVariable: 'BACKUP_PASSPHRASE' } },
      ],
      tokens: new Map([
        ['AGIALPHA', 18],
        ['USDC', 6],
      ]),
      logLimit: 5000,
      logRange: 100_000n,
      concurrency: 4,
      maxFeePerGas: 50n * 10n ** 9n,
      explorer: 'https://explorer.example.org/tx/',
    });
  });

  test('has defaults', () => {
    const least = 'apiVersion: mooring/v1\nkind: Environment\nchainId: 31337\nrpc: ["http://127.0.0.1:8545"]\n';
    const { environment, policy } = load({ 'environment.yaml': least }).desired;
    expect(environment).toMatchObject({
      production: false,
      confirmations: 1,
      finality: 'latest',
      signers: [],
      logLimit: 10_000,
      concurrency: 8,
      maxFeePerGas: null,
      explorer: null,
    });
    expect(policy).toMatchObject({ approvals: { reduce: { count: 0 }, increase: { count: 0 }, ambiguous: { count: 0 } }, requireProof: false, minPausers: 1 });
  });

  test('production has strict defaults', () => {
    const { policy } = load({ 'environment.yaml': environmentExample }).desired;
    expect(policy).toMatchObject({ approvals: { reduce: { count: 0 }, increase: { count: 1 }, ambiguous: { count: 2 } }, requireProof: true });
  });

  const key = '59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
  test.each<[what: string, from: string | RegExp, to: string, expected: string]>([
    ['production with one RPC', '  - https://rpc.example.org/v2/${RPC_TOKEN}\n', '', 'SECOND_RPC_MISSING 6:1'],
    ['the same RPC twice', 'https://rpc.example.org/v2/${RPC_TOKEN}', '${RPC_URL}', 'SECOND_RPC_MISSING 7:1'],
    ['no RPC', /rpc:\n.*\n.*\n/, 'rpc: []\n', 'VALUE_EMPTY 4:6'],
    ['a signing key in a URL', '${RPC_URL}', 'https://example.org/${OPERATOR_KEY}', 'URL_VARIABLE 5:5'],
    ['no URL', '${RPC_URL}', 'ftp://example.org', 'RPC_URL 5:5'],
    ['a password in a URL', '${RPC_URL}', 'https://me:secret@example.org', 'SECRET_IN_FILE 5:5'],
    ['a private key as variable', 'OPERATOR_KEY', `"0x${key}"`, 'SECRET_IN_FILE 12:17'],
    ['a private key as key', '{ env: OPERATOR_KEY }', key, 'SECRET_IN_FILE 12:10'],
    ['a seed phrase', 'OPERATOR_KEY', '"test test test test test test test test test test test junk"', 'SECRET_IN_FILE 12:17'],
    ['a variable with a dollar', 'OPERATOR_KEY', '$OPERATOR_KEY', 'VALUE_NOT_ALLOWED 12:17'],
    ['a signer without an address', '  backup:', '  backups: { key: { env: X } }\n  backup:', 'NAME_UNKNOWN 13:3'],
    ['two places of a key', '{ env: OPERATOR_KEY }', '{ env: OPERATOR_KEY, keystore: x }', 'KEY_MISSING 12:10'],
    ['a keystore without a passphrase', ', passphraseEnv: BACKUP_PASSPHRASE', '', 'KEY_MISSING 15:10'],
    ['chain 0', '31337', '0', 'VALUE_TOO_SMALL 3:10'],
    ['a quoted chain', '31337', '"31337"', 'NUMBER_SYNTAX 3:10'],
    ['an unknown finality', 'safe', 'soon', 'VALUE_NOT_ALLOWED 9:11'],
    ['a token with 80 decimals', 'USDC: 6', 'USDC: 80', 'VALUE_TOO_LARGE 16:31'],
    ['a fee in tokens', '50 gwei', '50 AGIALPHA', 'TOKEN_UNKNOWN 20:15'],
    ['an explorer that is none', 'https://explorer.example.org/tx/', 'javascript:alert(1)', 'VALUE_NOT_ALLOWED 21:11'],
    ['an unknown key', 'concurrency', 'concurency', 'KEY_UNKNOWN 19:1'],
  ])('refuses %s', (_, from, to, expected) => {
    expect(only({ 'environment.yaml': environmentExample.replace(from, () => to) })[0]).toBe(expected);
  });

  test('a secret is not repeated, not even as the line that a finding is about', () => {
    const text = environmentExample.replace('OPERATOR_KEY', () => `"0x${key}"`).replace('${RPC_URL}', () => 'https://me:hunter2@example.org');
    const findings = findingsOf({ 'environment.yaml': text });
    expect(JSON.stringify(findings)).not.toMatch(/59c6995e|hunter2/);
    const lexicon = { names: new Map(), tokens: new Map(), explorer: null, colour: false, verbose: false };
    const shown = findingsText(findings, lexicon, (source) => text.split('\n')[source.line - 1]);
    expect(shown).toMatch(/SECRET_IN_FILE/);
    expect(shown).not.toMatch(/59c6995e|hunter2/);
  });

  test('an API key in a URL is a warning', () => {
    const { warnings } = load({ 'environment.yaml': environmentExample.replace('${RPC_TOKEN}', () => 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6') });
    expect(places(warnings)).toEqual(['SECRET_IN_FILE 6:5']);
  });
});

describe('policy.yaml', () => {
  const files = { 'contracts/sample.yaml': contract, 'policy.yaml': policyExample };

  test('says all of this, limits in the units of their fields', () => {
    const { policy } = load(files).desired;
    expect(policy).toMatchObject({
      approvals: { reduce: { count: 0, teams: [] }, increase: { count: 1, teams: [] }, ambiguous: { count: 2, teams: ['security'] } },
      paths: [{ match: 'contracts/sample*.yaml', approvals: { count: 2, teams: ['treasury'] } }],
      freezes: [{ from: 1_798_070_400n, to: 1_798_848_000n, allow: ['reduce'], reason: 'holidays' }],
      invariants: [
        { left: 'sample.low', op: '<=', right: 'sample.high' },
        { left: 'sample.wait', op: '>=', right: 604_800n },
        { left: 'sample.paused', op: '=', right: false },
      ],
      requireProof: true,
      minPausers: 2,
      loops: { thermostat: { fields: ['sample.level.*'] }, sentinel: { pauseSigner: 'account-a' } },
    });
    expect(policy.limits[0]).toMatchObject({ match: 'sample.share', min: 100n, max: 9_000n, maxStep: 500n, maxStepBps: 5_000n });
    expect(policy.limits[1]).toMatchObject({ match: 'Sample.stake', max: 1_000n * 10n ** 18n });
  });

  test('a limit holds for other names of its field too', () => {
    const { limits } = load(files).desired.policy;
    expect(limits.filter((limit) => limit.frozen).map((limit) => limit.match)).toEqual(['*.owner', 'Sample.boss', 'sample.boss']);
  });

  test('its version is what it says, not how it is written or what it matches', () => {
    const version = (text: string) => load({ 'contracts/sample.yaml': contract, 'policy.yaml': text }).desired.policy.version;
    const same = policyExample.replace('approvals:\n', '# a comment\napprovals:\n\n').replace('reduce: 0\n  increase: 1', '"increase": 1\n  reduce: 0');
    expect(version(same)).toBe(version(policyExample));
    expect(version(policyExample.replace('max: 90%', 'max: 91%'))).not.toBe(version(policyExample));
    const more = load({ ...files, 'contracts/other.yaml': sample('', accounts['account-c']) }).desired.policy.version;
    expect(more).toBe(version(policyExample));
  });

  test.each<[what: string, from: string | RegExp, to: string, expected: string]>([
    ['an unknown field', 'sample.share', 'sample.shares', 'LIMIT_UNKNOWN 11:12'],
    ['an unknown contract with a near name', 'sample.share', 'smaple.share', 'LIMIT_UNKNOWN 11:12'],
    ['a keyed field without its keys', 'Sample.stake\n    max: 1000 AGIALPHA', 'sample.level\n    max: 2.0', 'LIMIT_UNKNOWN 16:12'],
    ['a number in the wrong unit', 'max: 90%', 'max: 90 days', 'NUMBER_UNIT 13:10'],
    ['fields of several units', 'Sample.stake', 'Sample.*', 'LIMIT_UNITS 17:10'],
    ['a bound of an account', 'Sample.stake', 'Sample.owner', 'LIMIT_UNITS 17:10'],
    ['bounds upside down', 'min: 1%', 'min: 95%', 'RANGE_INVERTED 12:10'],
    ['a freeze upside down', '2027-01-02', '2026-01-02', 'RANGE_INVERTED 22:9'],
    ['a day that does not exist', '2026-12-24', '2026-02-31', 'TIME_SYNTAX 21:11'],
    ['a time without a zone', '00:00:00Z\n    to', '00:00:00\n    to', 'TIME_SYNTAX 21:11'],
    ['an unknown risk', 'allow: [reduce]', 'allow: [reduces]', 'VALUE_NOT_ALLOWED 23:13'],
    ['an invariant about nothing', 'left: sample.low', 'left: sample.lo', 'LIMIT_UNKNOWN 27:11'],
    ['an invariant with an unknown operator', 'op: "<="', 'op: "=<"', 'VALUE_NOT_ALLOWED 28:9'],
    ['an invariant against a value of another unit', 'right: 7 days', 'right: 7%', 'NUMBER_UNIT 33:12'],
    ['too many approvals', 'increase: 1', 'increase: 100', 'VALUE_TOO_LARGE 5:13'],
    ['a negative count', 'minPausers: 2', 'minPausers: -2', 'NUMBER_NEGATIVE 39:13'],
    ['an unknown key', 'frozen', 'frosen', 'KEY_UNKNOWN 19:5'],
    ['an unknown field of the thermostat’s', 'fields: [sample.level.*]', 'fields: [sample.share, sample.shares]', 'LIMIT_UNKNOWN 41:40'],
    ['a signer that is not declared', 'pauseSigner: account-a', 'pauseSigner: acount-a', 'SIGNER_UNKNOWN 42:28'],
  ])('refuses %s', (_, from, to, expected) => {
    expect(only({ 'policy.yaml': policyExample.replace(from, () => to) })).toEqual([expected]);
  });

  test('a limit of a contract that is gone is a warning', () => {
    const { warnings } = load({ ...files, 'policy.yaml': policyExample.replace('sample.share', 'removed-contract.share') });
    expect(places(warnings)).toEqual(['LIMIT_UNMATCHED 11:12']);
  });
});

describe('lifts.yaml', () => {
  const files = { 'contracts/sample.yaml': contract, 'lifts.yaml': liftsExample };

  test('says all of this', () => {
    expect(load(files).desired.lifts).toMatchObject([
      {
        contract: 'sample',
        field: 'allowed',
        member: accounts['account-a'],
        transaction: '0x7c1bb3fe4b8e9d3f0a5c2d6e8f9a0b1c2d3e4f5061728394a5b6c7d8e9f00112',
        by: 'security team',
      },
    ]);
  });

  test.each<[what: string, from: string | RegExp, to: string, expected: string]>([
    ['an unquoted transaction', /"(0x7c.*)"/, '0x7c1bb3fe4b8e9d3f0a5c2d6e8f9a0b1c2d3e4f5061728394a5b6c7d8e9f00112', 'HEX_UNQUOTED 7:18'],
    ['a short transaction', /"0x7c.*"/, '"0x7c"', 'HEX_SYNTAX 7:18'],
    ['no reason', /.*reason.*\n/, '', 'KEY_MISSING 4:5'],
    ['an unknown member', 'member: account-a', 'member: account-x', 'NAME_UNKNOWN 6:13'],
  ])('refuses %s', (_, from, to, expected) => {
    expect(only({ 'lifts.yaml': liftsExample.replace(from, () => to) })).toEqual([expected]);
  });

  test.each<[string, string, string]>([
    ['contract', 'contract: sample', 'contract: removed'],
    ['field', 'field: allowed', 'field: alowed'],
  ])('a lift of a %s that is not there is a warning', (_, from, to) => {
    expect(places(load({ ...files, 'lifts.yaml': liftsExample.replace(from, to) }).warnings)).toEqual(['LIFT_UNKNOWN 4:5']);
  });
});

describe('addresses.yaml', () => {
  const book = (entries: string) => ({
    'contracts/sample.yaml': sample(''),
    'addresses.yaml': `apiVersion: mooring/v1\nkind: AddressBook\naddresses:\n${entries}`,
  });

  test.each([['0x3c44CdDdB6a900fa2b585dd299e03d12FA4293BC'], ['"0x3c44CdDdB6a900fa2b585dd299e03d12FA4293BC"']])(
    '%s is one error, however often its name is used',
    (text) => {
      const book = `apiVersion: mooring/v1\nkind: AddressBook\naddresses:\n  a: ${text}\n`;
      expect(findingsOf({ 'addresses.yaml': book, 'contracts/sample.yaml': sample('spec:\n  owner: a\n  allowed: [a]\n') })).toHaveLength(1);
    },
  );

  test.each<[what: string, entries: string, expected: string]>([
    ['an unquoted address', '  a: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8\n', 'ADDRESS_UNQUOTED 4:6'],
    ['a wrong checksum', '  a: "0x70997970c51812dc3A010C7d01b50e0d17dc79C8"\n', 'ADDRESS_CHECKSUM 4:6'],
    ['a name for a name', '  a: b\n', 'ADDRESS_SYNTAX 4:6'],
    ['a name that means something else', '  unset: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"\n', 'ADDRESS_NAME 4:3'],
    ['a name that looks like an address', '  "0x12": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"\n', 'ADDRESS_NAME 4:3'],
    ['a name with a dot', '  a.b: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"\n', 'ADDRESS_NAME 4:3'],
    ['a name twice', '  a: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"\n  a: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"\n', 'YAML_DUPLICATE_KEY 5:3'],
    ['a contract at another address than its file says', '  sample: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"\n', 'ADDRESS_NAME_TAKEN 3:10'],
  ])('refuses %s', (_, entries, expected) => {
    expect(places(findingsOf(book(entries)))).toEqual([expected]);
  });

  test('contracts are names too, and the first name of an address is the one shown', () => {
    const { addresses, state } = load({
      'contracts/sample.yaml': sample('spec: { treasury: other }\n'),
      'contracts/other.yaml': sample('', accounts['account-c']),
    }).desired;
    expect(state.contracts.find((item) => item.name === 'sample')?.fields.get('treasury')?.value).toEqual({ type: 'scalar', value: accounts['account-c'] });
    expect(addresses.byAddress.get(accounts['account-c'])).toBe('account-c');
  });
});
