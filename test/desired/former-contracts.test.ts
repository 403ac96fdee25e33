// What was there before a change goes on to count for it: the policy holds for the contracts of then, whatever their files are called now.
import { describe, expect, test } from 'vitest';
import { loadDesired } from '../../src/desired/load.ts';
import { MooringError } from '../../src/errors.ts';
import type { Desired, Finding } from '../../src/types.ts';
import { allKinds, type Files, load, places, sample, sourceWith } from './world.ts';

const address = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

function policyWith(text: string): string {
  return `apiVersion: mooring/v1\nkind: Policy\n${text}`;
}

/** `now` under the policy of `then`, as a change from one to the other is judged. */
function judged(then: Files, now: Files): { desired: Desired; warnings: readonly Finding[] } {
  const before = load(then);
  const kindsFor = ({ names }: { names: readonly string[] }) => new Map([...allKinds].filter(([name]) => names.includes(name)));
  return loadDesired({ source: sourceWith({ ...now, 'policy.yaml': then['policy.yaml'] ?? null }), environment: 'local', kindsFor, before });
}

describe('a limit', () => {
  const policy = policyWith('limits:\n  - { match: sample.stake, max: 5 AGIALPHA }\n');
  const then = { 'contracts/sample.yaml': sample(''), 'policy.yaml': policy };

  test.each<[what: string, now: Files]>([
    ['of a contract with a name far from it', { 'contracts/other.yaml': sample('') }],
    ['of one with a name near it, which would be a mistake otherwise', { 'contracts/samples.yaml': sample('') }],
    ['of a contract that is gone', {}],
  ])('%s keeps its number, and is no finding', (_, now) => {
    const { desired, warnings } = judged(then, now);
    expect(desired.policy.limits).toMatchObject([{ match: 'sample.stake', max: 5n * 10n ** 18n }]);
    expect(warnings).toEqual([]);
  });

  test('of a kind that is no more in use', () => {
    const pool = { 'contracts/pool.yaml': sample('').replace('kind: Sample', 'kind: FeePool') };
    const { desired, warnings } = judged({ ...pool, 'policy.yaml': policyWith('limits:\n  - { match: FeePool.burnPct, maxStep: 5% }\n') }, {});
    expect(desired.policy.limits).toMatchObject([{ match: 'FeePool.burnPct', maxStep: 5n }]);
    expect(warnings).toEqual([]);
  });

  test('comes with the names that its contracts had, and their kinds', () => {
    const file = 'desired-state/local/contracts/sample.yaml';
    expect(judged(then, { 'contracts/other.yaml': sample('') }).desired.policy.formerly).toEqual([
      { address, name: 'sample', kinds: allKinds.get('Sample')?.lineage, file },
    ]);
    expect(load(then).desired.policy.formerly).toBeUndefined();
  });
});

test('the address book comes with the one before it', () => {
  const { addresses } = judged({}, { 'contracts/sample.yaml': sample('') }).desired;
  expect(addresses.byName.has('sample')).toBe(true);
  expect(addresses.before?.byName.has('sample')).toBe(false);
  expect(addresses.before?.byName.has('account-a')).toBe(true);
  expect(load({}).desired.addresses.before).toBeUndefined();
});

test('an invariant that names a contract by its old name can still be read; one about nothing can not', () => {
  const policy = (left: string): string => policyWith(`invariants:\n  - { name: n, left: ${left}, op: "<=", right: 3 AGIALPHA }\n`);
  const now = { 'contracts/other.yaml': sample('') };
  const then = { 'contracts/sample.yaml': sample('') };
  expect(judged({ ...then, 'policy.yaml': policy('sample.stake') }, now).desired.policy.invariants).toMatchObject([{ left: 'sample.stake' }]);
  try {
    judged({ ...then, 'policy.yaml': policy('sample.steak') }, now);
    expect.unreachable();
  } catch (error) {
    expect(error instanceof MooringError && places(error.findings)).toEqual(['LIMIT_UNKNOWN 4:22']);
  }
});
