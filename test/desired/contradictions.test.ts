// Declarations of several contracts that can't all be meant.
import { describe, expect, test } from 'vitest';
import { accounts, findingsOf, load, sample } from './world.ts';

const addresses = { pause: accounts['account-a'], stake: accounts['account-b'], pool: accounts['account-c'] };

function file(kind: string, address: string, spec: string): string {
  return `apiVersion: mooring/v1\nkind: ${kind}\naddress: "${address}"\nfromBlock: 1\nspec: ${spec}\n`;
}

function said(files: Readonly<Record<string, string>>): string[] {
  return findingsOf(Object.fromEntries(Object.entries(files).map(([name, text]) => [`contracts/${name}.yaml`, text]))).map(
    (finding) => `${finding.code} ${finding.contract}.${finding.field ?? ''}`,
  );
}

describe('a pause of the whole and of a part', () => {
  const whole = (spec: string) => ({ 'system-pause': file('SystemPause', addresses.pause, spec) });
  const part = (paused: boolean) => ({ 'stake-manager': file('StakeManager', addresses.stake, `{ paused: ${paused} }`) });

  test.each([true, false])('paused: %s against the opposite of a module that it names', (paused) => {
    expect(said({ ...whole(`{ paused: ${paused}, stakeManager: stake-manager }`), ...part(!paused) })).toEqual(['PAUSE_CONTRADICTION stake-manager.paused']);
  });

  test('a module that is found by its kind where it is not named', () => {
    expect(said({ ...whole('{ paused: true }'), ...part(false) })).toEqual(['PAUSE_CONTRADICTION stake-manager.paused']);
  });

  test('another contract of that kind', () => {
    expect(said({ ...whole('{ paused: true, stakeManager: account-c }'), ...part(false) })).toEqual([]);
  });

  test('the same in both', () => {
    expect(said({ ...whole('{ paused: true, stakeManager: stake-manager }'), ...part(true) })).toEqual([]);
  });
});

test('two files for one contract', () => {
  expect(said({ a: file('Ownable', addresses.pool, '{ owner: account-a }'), b: file('Pausable', addresses.pool, '{ owner: account-b }') })).toEqual([
    'CONTRACT_DUPLICATE b.',
  ]);
});

test('a contract that is not admitted by the one it relies on', () => {
  const sampleFiles = {
    'contracts/pool.yaml': sample('spec: { allowed: [account-a] }\n', addresses.pool),
    'contracts/sample.yaml': sample('spec: { treasury: pool }\n'),
  };
  expect(load(sampleFiles).warnings.map((finding) => `${finding.code} ${finding.contract}.${finding.field}`)).toEqual(['DECLARED_NOT_LINKED sample.treasury']);
  expect(load({ ...sampleFiles, 'contracts/pool.yaml': sample('spec: { allowed: [sample] }\n', addresses.pool) }).warnings).toEqual([]);
});

describe('the built-in kinds', () => {
  test.each<[what: string, kind: string, spec: string, expected: readonly string[]]>([
    ['splits past 100 %', 'SelfPlayArena', '{ teacherRewardSplitBps: 60%, studentRewardSplitBps: 30%, validatorRewardSplitBps: 11% }', ['DECLARED_SUM']],
    ['one split alone', 'SelfPlayArena', '{ teacherRewardSplitBps: 60% }', ['GROUP_INCOMPLETE']],
    [
      'slash percentages past 100 %',
      'StakeManager',
      '{ employerSlashPct: 50%, treasurySlashPct: 5000, operatorSlashPct: 10, validatorSlashRewardPct: 0, burnSlashPct: 0 }',
      ['DECLARED_SUM'],
    ],
    ['one slash percentage alone', 'StakeManager', '{ employerSlashPct: 50% }', ['GROUP_INCOMPLETE']],
    ['two percentages that leave no room for a third', 'StakeManager', '{ feePct: 60%, burnPct: 41% }', ['DECLARED_SUM']],
    ['a window of 0, which means keep', 'StakeManager', '{ stakeTuneWindow: 0 }', ['ZERO_MEANS_KEEP']],
    ['temperature bounds upside down', 'Thermostat', '{ minTemp: 2.0, maxTemp: 1.0 }', ['DECLARED_ORDER']],
    ['a range outside the bounds', 'Thermostat', '{ systemTemperature: { within: [5.0, 6.0] }, minTemp: 1.0, maxTemp: 2.0 }', ['warning DECLARED_ORDER']],
    ['a range upside down', 'Thermostat', '{ systemTemperature: { within: [3.2, 0.9] } }', ['RANGE_INVERTED']],
    ['a role temperature outside the bounds', 'Thermostat', '{ roleTemperature: { agent: 5.0 }, minTemp: 1.0, maxTemp: 2.0 }', ['warning DECLARED_ORDER']],
    ['owner and governance at odds', 'Thermostat', '{ owner: account-a, governance: account-b }', ['ALIAS_CONFLICT']],
    ['a treasury that is not allowed', 'FeePool', '{ treasury: account-a, treasuryAllowlist: [account-b] }', ['DECLARED_NOT_MEMBER']],
    ['a treasury that is the owner, which it may become but not be set to', 'FeePool', '{ treasury: account-a, owner: account-a }', ['warning DECLARED_EQUAL']],
    ['no reward', 'SelfPlayArena', '{ baseTeacherReward: 0 }', ['VALUE_TOO_SMALL']],
    [
      'a valid range',
      'Thermostat',
      '{ systemTemperature: { within: [0.9, 3.2] }, minTemp: 0.5, maxTemp: 4.0, roleTemperature: { agent: unset, validator: 1.0 } }',
      [],
    ],
    ['valid AGI types', 'StakeManager', '{ agiTypes: { account-a: 150%, "0x90F79bf6EB2c4f870365E785982E1f101E93b906": 125 } }', []],
    ['valid roles', 'AccessControl', '{ roles: { MINTER_ROLE: [account-a], DEFAULT_ADMIN_ROLE: [] } }', []],
  ])('%s', (_, kind, spec, expected) => {
    expect(
      findingsOf({ 'contracts/one.yaml': file(kind, '0x5FbDB2315678afecb367f032d93F642f64180aa3', spec) }).map((finding) =>
        finding.severity === 'error' ? finding.code : `${finding.severity} ${finding.code}`,
      ),
    ).toEqual(expected);
  });
});
